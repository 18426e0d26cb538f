"""The journal of one alarm on its card: who did what, when and why; files to be opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from alerts.alarm import Act
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.screens.alarm_card_parts import section
from ops_center.screens.screen import Center, both
from ops_center.services.alarm_cards import AlarmCard
from ops_center.store.alarm_port import JournalLine

DONE: Mapping[Act, Label] = {
    Act.RAISED: Label("发生", "raised"),
    Act.JOINED: Label("再次发生", "raised again"),
    Act.CHANGED: Label("级别变化", "level changed"),
    Act.RETURNED: Label("恢复", "returned"),
    Act.WITHDRAWN: Label("撤回", "withdrawn"),
    Act.ACKNOWLEDGED: Label("确认", "acknowledged"),
    Act.RESET: Label("复位", "reset"),
    Act.CLOSED: Label("关闭", "closed"),
    Act.SHELVED: Label("搁置", "shelved"),
    Act.UNSHELVED: Label("取消搁置", "unshelved"),
    Act.SUPPRESSED: Label("抑制", "suppressed"),
    Act.UNSUPPRESSED: Label("解除抑制", "unsuppressed"),
    Act.OUT_OF_SERVICE: Label("停用", "out of service"),
    Act.IN_SERVICE: Label("恢复使用", "back in service"),
    Act.ASSIGNED: Label("指派", "assigned"),
    Act.COMMENTED: Label("备注", "remark"),
    Act.ATTACHED: Label("附件", "file"),
    Act.ESCALATED: Label("升级", "escalated"),
    Act.HANDED_OVER: Label("交接", "handed over"),
}
_BY_ITSELF = Label("系统", "the center")


def lines(center: Center, found: AlarmCard) -> Any:
    """Return the journal, newest first."""
    zone = center.pack.manifest.timezone
    return section(
        Label("日志", "Journal"), html.Ol([_line(line, zone) for line in found.journal], className="journal")
    )


def _line(line: JournalLine, zone: str) -> Any:
    who = [html.B(line.actor)] if line.actor else [both(_BY_ITSELF, className="quiet")]
    reason = [html.Span(line.reason, className="reason")] if line.reason and line.act is not Act.SUPPRESSED else []
    return html.Li(
        [
            html.Span(f"{in_zone(line.at_us, zone):%m-%d %H:%M:%S}", className="num quiet"),
            both(DONE[line.act], className="did"),
            html.Span(who),
            *reason,
            *_file(line),
        ]
    )


def _file(line: JournalLine) -> list[Any]:
    """Return the file of a line; pictures are shown where they stand."""
    if line.act is not Act.ATTACHED:
        return []
    address = f"/alarms/{line.alarm}/files/{line.detail.get('hash', '')}"
    name = str(line.detail.get("name", "file"))
    shown = [html.Img(src=address, alt=name)] if str(line.detail.get("kind", "")).startswith("image/") else []
    return [html.A([*shown, html.Span(name)], href=address, target="_blank", rel="noopener", className="file")]
