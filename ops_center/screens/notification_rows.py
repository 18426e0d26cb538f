"""What the page of notifications shows: a row of the journal in words, and all of one with every attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.screens.desk_parts import table, when
from ops_center.screens.screen import Center, both
from ops_center.store.notification_port import Notification, NotificationQuery

LIMIT = 200
MINE = "mine"
STATES: Mapping[str, Label] = {
    "waiting": Label("待发送", "waiting"),
    "sending": Label("发送中", "sending"),
    "held": Label("待汇总", "held for a digest"),
    "sent": Label("已送达", "sent"),
    "digested": Label("已汇总", "in a digest"),
    "void": Label("未发送", "not sent"),
    "dead": Label("死信", "dead letter"),
}
_TONES = {"dead": "severe", "held": "notice"}
CHANNELS = {
    "mail": Label("邮件", "mail"),
    "webhook": Label("接口回调", "webhook"),
    "folder": Label("投放文件夹", "drop folder"),
    "browser": Label("页面", "pages"),
}
ACTS = {
    "raised": Label("报警", "raised"),
    "changed": Label("变化", "changed"),
    "returned": Label("恢复", "returned"),
    "acknowledged": Label("已确认", "acknowledged"),
    "escalated": Label("升级", "escalated"),
    "assigned": Label("指派", "assigned"),
    "closed": Label("关闭", "closed"),
    "handed_over": Label("交接", "handed over"),
    "warning": Label("公众预警", "public warning"),
    "incident": Label("事件", "incident"),
    "digest": Label("汇总", "digest"),
    "test": Label("测试", "test"),
}
_WHY = {
    "grouped": Label("已并入其他报警", "explained by another alarm"),
    "set_aside": Label("已搁置或停用", "set aside"),
    "acknowledged": Label("已有人确认", "somebody had acknowledged"),
    "closed": Label("报警已关闭", "the alarm was closed"),
    "hours": Label("不在通知时段", "outside the route's hours"),
    "route": Label("路由已停用", "the route is disabled"),
    "realm": Label("演练或模拟数据不外发", "what is not live does not leave"),
    "rate": Label("超过频率限制", "over the route's rate"),
    "digest": Label("随汇总发送", "sent in a digest"),
}
_OUTCOMES = {
    "sent": Label("送达", "sent"),
    "failed": Label("失败", "failed"),
    "refused": Label("被拒", "refused"),
    "interrupted": Label("中断", "interrupted"),
}


def look(center: Center, asker: Asker, chosen: object) -> Sequence[Notification]:
    """Return the newest rows of what was chosen: a state, what is for the one who asks, or everything."""
    desk = center.notifying()
    if chosen == MINE:
        return desk.mine(asker, limit=LIMIT)
    state: Any = chosen if isinstance(chosen, str) and chosen in STATES else None
    return desk.journal(asker, NotificationQuery(state=state, limit=LIMIT))


def row_of(one: Notification, zone: str) -> dict[str, Any]:
    """Return a row of the list."""
    wanted = one.wanted
    return {
        "id": one.id,
        "made": when(one.made_us, zone),
        "said": wanted.content.subject,
        "act": _words(ACTS.get(wanted.act), wanted.act),
        "to": f"{wanted.target}",
        "channel": _words(CHANNELS.get(wanted.channel), wanted.channel),
        "state": {**_words(STATES.get(one.state), one.state), "tone": _TONES.get(one.state, "")},
        "why": _words(_WHY.get(one.outcome), one.outcome or "—"),
        "tries": one.attempts,
    }


def details_of(center: Center, asker: Asker, number: int) -> list[Any]:
    """Return all of one, with every attempt; nothing for one that the asker may not see."""
    desk, zone = center.notifying(), center.pack.manifest.timezone
    found = desk.journal(asker, NotificationQuery(before=number + 1, limit=1))
    if not found or found[0].id != number:
        return []
    one = found[0]
    tries = [
        (str(n.number), when(n.at_us, zone), both(_OUTCOMES[n.outcome]), n.detail)
        for n in desk.attempts(asker, number) or ()
    ]
    heads = [Label("次", "no."), Label("时间", "time"), Label("结果", "outcome"), Label("详情", "details")]
    return [
        html.H2(one.wanted.content.subject),
        html.P(f"{one.wanted.route} · v{one.wanted.route_version}", className="quiet"),
        html.Pre(one.wanted.content.text, className="said"),
        table(heads, tries, Label("尚未尝试发送。", "Nothing was tried yet.")),
    ]


def channel_of(one: Notification) -> Label:
    """Return by which way one went, in words."""
    return CHANNELS.get(one.wanted.channel) or Label(one.wanted.channel, one.wanted.channel)


def why_of(one: Notification) -> Label:
    """Return what its last attempt ended with; in words where there are some."""
    return _WHY.get(one.outcome) or Label(one.outcome or "—", one.outcome or "—")


def _words(label: Label | None, code: str) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en} if label else {"zh": code, "en": code}
