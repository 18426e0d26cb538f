"""What the list of public warnings shows: a row for each warning, and everything of one with every way out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import html

from alerts.cap import MsgType
from alerts.public_warning import Draft
from ops_center.city.scope_names import scope_names
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US
from ops_center.people.asking import asker
from ops_center.screens.desk_parts import badge, button, empty, table, when
from ops_center.screens.notification_rows import STATES, channel_of, why_of
from ops_center.screens.screen import Center, both, spoken
from ops_center.screens.warning_form import CERTAINTY, SEVERITY, URGENCY, Options
from ops_center.services.warning_content import KINDS
from ops_center.store.notification_port import Notification, WarningMessage

LIMIT = 500
"""messages that are looked through; the newest"""
IN_FORCE, OVER, ENDED = "force", "over", "ended"
_STATES: Mapping[str, tuple[Label, str]] = {
    IN_FORCE: (Label("生效中", "in force"), "severe"),
    OVER: (Label("已到期", "expired"), "quiet"),
    ENDED: (Label("已解除", "taken back"), "quiet"),
}
_TONES = {"dead": "severe", "sent": "good", "held": "notice"}
_NO_WAY = Label("没有发布渠道", "no way out")


def by_warning(messages: Iterable[WarningMessage]) -> list[list[WarningMessage]]:
    """Return the messages of each warning, oldest first; the warning with the newest message first."""
    found: dict[str, list[WarningMessage]] = defaultdict(list)
    for one in messages:
        found[one.first].append(one)
    return [sorted(of, key=lambda one: one.number) for of in found.values()]


def until_us(message: WarningMessage) -> int:
    """Return when a message ceases to hold."""
    return message.sent_us + round(message.draft.expires_min * MINUTE_US)


def state_of(newest: WarningMessage, now_us: int) -> str:
    """Return what a warning with this newest message is."""
    if newest.msg_type is MsgType.CANCEL:
        return ENDED
    return IN_FORCE if now_us < until_us(newest) else OVER


def rows(center: Center, warnings: Sequence[Sequence[WarningMessage]], now_us: int) -> list[dict[str, Any]]:
    """Return the rows; in force first, then the newest."""
    newest = [of[-1] for of in warnings]
    sent: dict[str, list[Notification]] = defaultdict(list)
    for one in center.warning_desk().sent(newest):
        sent[one.wanted.key.split("/")[1]].append(one)
    made = [_row(center, of, sent[of[-1].identifier], now_us) for of in warnings]
    return sorted(made, key=lambda row: row["code"] != IN_FORCE)


def _row(center: Center, of: Sequence[WarningMessage], sent: Sequence[Notification], now_us: int) -> dict[str, Any]:
    newest, zone = of[-1], center.pack.manifest.timezone
    state, draft = state_of(newest, now_us), newest.draft
    label, tone = _STATES[state]
    kind = KINDS[newest.msg_type]
    return {
        "first": newest.first,
        "code": state,
        "state": {**_words(label), "tone": tone},
        "kind": _words(Label(f"{kind.zh} {newest.number}", f"{kind.en} {newest.number}")),
        "headline": _words(draft.headline.label()),
        "area": _words(draft.area.description.label()),
        "means": _words(meaning(draft)),
        "until": when(until_us(newest), zone),
        "sent": when(newest.sent_us, zone),
        "author": newest.author,
        "ways": _ways(sent),
    }


def meaning(draft: Draft) -> Label:
    """Return how bad, how soon, how sure, in words."""
    given: tuple[tuple[Options, str], ...] = (
        (SEVERITY, draft.severity),
        (URGENCY, draft.urgency),
        (CERTAINTY, draft.certainty),
    )
    found = [dict(options)[value] for options, value in given]
    return Label(" · ".join(one.zh for one in found), " · ".join(one.en for one in found))


def _ways(sent: Sequence[Notification]) -> dict[str, str]:
    if not sent:
        return {**_words(_NO_WAY), "tone": "notice"}
    counts = {state: sum(one.state == state for one in sent) for state in STATES}
    held = [(STATES[state], count) for state, count in counts.items() if count]
    said = Label(
        "，".join(f"{label.zh} {count}" for label, count in held),
        ", ".join(f"{count} {label.en}" for label, count in held),
    )
    tone = "severe" if counts["dead"] else "good" if counts["sent"] == len(sent) else "notice"
    return {**_words(said), "tone": tone}


def head(center: Center, of: Sequence[WarningMessage], now_us: int) -> list[Any]:
    """Return what one warning says, what may be done about it, and its messages."""
    newest, draft, zone = of[-1], of[-1].draft, center.pack.manifest.timezone
    label, _ = _STATES[state_of(newest, now_us)]
    messages = [
        (str(one.number), both(KINDS[one.msg_type]), when(one.sent_us, zone), one.author, one.note or "—")
        for one in reversed(of)
    ]
    heads = [
        Label("序号", "no."),
        Label("类型", "type"),
        Label("时间", "time"),
        Label("谁", "who"),
        Label("原因", "why"),
    ]
    return [
        html.H2(spoken(draft.headline.label())),
        html.Div([badge(label), both(meaning(draft), className="quiet")], className="badges"),
        *_acts(center, newest),
        html.Div([_said(draft, "zh"), _said(draft, "en")], className="warn-said"),
        html.H3(spoken(Label("区域", "Area"))),
        html.P(both(_area(center, draft))),
        html.H3(spoken(Label("消息", "Messages"))),
        table(heads, messages, _NO_WAY),
    ]


def ways(center: Center, of: Sequence[WarningMessage]) -> list[Any]:
    """Return what became of each way out of all its messages."""
    title = html.H3(spoken(Label("发布渠道的结果", "What became of each way out")))
    numbers = {one.identifier: one.number for one in of}
    return [title, _ways_table(center.warning_desk().sent(of), numbers, center.pack.manifest.timezone)]


def message(newest: WarningMessage) -> Any:
    """Return the CAP message as it was sent, folded."""
    return html.Details([html.Summary(spoken(Label("CAP 消息", "CAP message"))), html.Pre(newest.message)])


def _acts(center: Center, newest: WarningMessage) -> list[Any]:
    if newest.msg_type is MsgType.CANCEL:
        return []
    if not center.warning_desk().may_issue(asker(), newest.department, newest.district):
        return []
    return [
        html.Div(
            [
                html.A(
                    both(Label("更新…", "Update…")),
                    href=f"/warnings?update={newest.first}",
                    className="copy warn-update",
                ),
                button("warn-end-open", Label("解除…", "Take back…"), kind="risky"),
            ],
            className="row",
        )
    ]


def _said(draft: Draft, language: str) -> Any:
    texts = [getattr(part, language) for part in (draft.headline, draft.description, draft.instruction)]
    return html.Div(
        [html.B(texts[0]), *(html.P(text) for text in texts[1:])], lang="zh-CN" if language == "zh" else "en"
    )


def _area(center: Center, draft: Draft) -> Label:
    names, area = scope_names(center.pack), draft.area
    districts = [names.district(code) for code in area.districts]
    zh = [area.description.zh, "、".join(one.zh for one in districts)]
    en = [area.description.en, ", ".join(one.en for one in districts)]
    for circle in area.circles:
        km = f"{circle.radius_m / 1000:g}"
        place = f"{circle.latitude:.4f}, {circle.longitude:.4f}"
        zh.append(f"{place} 周围 {km} 公里")
        en.append(f"{km} km around {place}")
    if area.polygons:
        zh.append(f"{len(area.polygons)} 个轮廓")
        en.append(f"{len(area.polygons)} outlines")
    return Label("；".join(filter(None, zh)), "; ".join(filter(None, en)))


def _ways_table(sent: Sequence[Notification], numbers: Mapping[str, int], zone: str) -> Any:
    if not sent:
        return empty(Label("没有任何渠道：预警只保存在本中心。", "No way out: the warning is kept here alone."))
    heads = [
        Label("消息", "message"),
        Label("方式", "by"),
        Label("对象", "to"),
        Label("状态", "state"),
        Label("结果", "outcome"),
        Label("时间", "time"),
    ]
    lines = [
        (
            str(numbers.get(one.wanted.key.split("/")[1], "")),
            both(channel_of(one)),
            one.wanted.target,
            badge(STATES[one.state], _TONES.get(one.state, "quiet")),  # type: ignore[arg-type]
            both(why_of(one)),
            when(one.finished_us or None, zone),
        )
        for one in sent
    ]
    return table(heads, lines, _NO_WAY)


def _words(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}
