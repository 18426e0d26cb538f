"""A hand-over to be read, on a screen or on paper: numbers, alarms by what they want, the worst, floods, the remark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from alerts.alarm import Priority
from ops_center.city.scope_names import scope_names
from ops_center.domain.text import Label
from ops_center.screens.alarm_words import STATES
from ops_center.screens.desk_parts import badge, table, when
from ops_center.screens.hand_over_words import scope_label
from ops_center.screens.screen import Center, both, spoken
from ops_center.services.shift import is_waiting
from ops_center.store.alarm_port import HandOver

_NONE = Label("没有。", "None.")
_COUNTS = (
    ("unacknowledged", Label("未确认", "unacknowledged")),
    ("standing", Label("仍在列表", "standing")),
    ("shelved", Label("已搁置", "shelved")),
    ("out_of_service", Label("已停用", "out of service")),
    ("suppressed", Label("已抑制", "suppressed")),
    ("raised", Label("本班触发", "raised in the shift")),
    ("acknowledged", Label("本班确认", "acknowledged in it")),
)
_ALARM = (Label("报警", "alarm"), Label("优先级", "priority"), Label("规则", "rule"), Label("设备", "thing"))
_OPEN = (*_ALARM, Label("处置人", "assigned to"), Label("状态", "state"), Label("发生于", "since"))
_ASIDE = (*_ALARM, Label("原因", "why"), Label("谁", "who"), Label("至", "until"))
_FOREVER = Label("人工恢复", "somebody takes it back")


def written(center: Center, record: HandOver) -> list[Any]:
    """Return a hand-over as it was written, or as it would be now."""
    zone, held = center.pack.manifest.timezone, record.figures
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = held.get("rows")
    return [
        _head(center, record),
        html.Div([_count(held.get(key, 0), label) for key, label in _COUNTS], className="handover-counts"),
        *_remark(record),
        *([_text(record)] if rows is None else _alarms(rows, held, zone)),
        html.Div([_worst(held), _floods(held, zone)], className="handover-below"),
    ]


def _head(center: Center, record: HandOver) -> Any:
    zone = center.pack.manifest.timezone
    since, at = when(record.since_us, zone)[:16], when(record.at_us, zone)[:16]
    title = (
        Label(f"交接班记录 #{record.id}", f"Hand-over #{record.id}") if record.id else Label("当班摘要", "This shift")
    )
    told = both(scope_label(f"{record.department}/{record.district}", scope_names(center.pack)))
    names: list[Any] = [html.B(record.from_account), " → ", html.B(record.to_account), " · "] if record.id else []
    live = badge(Label("实时，交班时冻结", "live; frozen when handed over"), "good")
    frozen = badge(Label("已冻结", "frozen"))
    manifest, banner = center.pack.manifest, center.realm.banner
    paper = [html.B(spoken(manifest.name)), *([" · ", both(banner)] if banner else [])]  # a sheet has no bar above it
    return html.Header(
        [
            html.P(paper, className="handover-paper"),
            html.H1(spoken(title)),
            frozen if record.id else live,
            html.P([*names, told, " · ", html.Span(f"{since} – {at}", className="num")]),
        ],
        className="handover-title",
    )


def _count(value: object, label: Label) -> Any:
    number = value if isinstance(value, int) else len(value) if isinstance(value, list) else 0
    return html.Div([html.B(str(number)), both(label)])


def _remark(record: HandOver) -> list[Any]:
    if not record.remark:
        return []
    return [_section(Label("备注", "Remark"), html.P(record.remark, className="handover-remark"))]


def _text(record: HandOver) -> Any:
    return html.Pre(spoken(record.text))


def _alarms(rows: Mapping[str, Sequence[Mapping[str, Any]]], held: Mapping[str, Any], zone: str) -> list[Any]:
    standing = rows.get("standing", ())
    waiting = [row for row in standing if is_waiting(row["state"])]
    known = [row for row in standing if not is_waiting(row["state"])]
    many, unknown = len(held.get("standing", ())), len(held.get("unacknowledged", ()))
    parts = (
        (Label("未确认", "Unacknowledged"), waiting, unknown, False),
        (Label("已确认，仍在列表", "Acknowledged and still standing"), known, many - unknown, False),
        (Label("交班人名下", "Assigned to who leaves"), rows.get("assigned", ()), len(held.get("assigned", ())), False),
        (Label("已搁置", "Shelved"), rows.get("shelved", ()), len(held.get("shelved", ())), True),
        (Label("已停用", "Out of service"), rows.get("out_of_service", ()), len(held.get("out_of_service", ())), True),
    )
    return [_listed(title, found, many, zone, aside=aside) for title, found, many, aside in parts]


def _listed(title: Label, rows: Sequence[Mapping[str, Any]], many: int, zone: str, *, aside: bool) -> Any:
    lines = [[*_alarm(row), *(_set_aside(row, zone) if aside else _standing(row, zone))] for row in rows]
    more = Label(f"另有 {many - len(rows)} 条。", f"{many - len(rows)} more.")
    rest = [html.P(spoken(more), className="quiet")] if many > len(rows) else []
    counted = Label(f"{title.zh} · {many}", f"{title.en} · {many}")
    return _section(counted, table(_ASIDE if aside else _OPEN, lines, _NONE), *rest)


def _alarm(row: Mapping[str, Any]) -> list[Any]:
    priority = Priority(row["priority"])
    return [
        html.A(f"#{row['id']}", href=f"/alarms/{row['id']}", className="handover-link num"),
        badge(Label(f"{int(priority)} {priority.label.zh}", f"{int(priority)} {priority.label.en}"), _tone(priority)),
        both(_label(row["rule"])),
        both(_label(row["thing"])),
    ]


def _tone(priority: Priority) -> Any:
    return "severe" if priority <= Priority.HIGH else "quiet"


def _standing(row: Mapping[str, Any], zone: str) -> list[Any]:
    state = STATES[row["aside"] or row["state"]]
    return [row["person"] or "—", both(state), html.Span(when(row["since"], zone)[:16], className="num")]


def _set_aside(row: Mapping[str, Any], zone: str) -> list[Any]:
    until = html.Span(when(row["until"], zone)[:16], className="num") if row["until"] else both(_FOREVER)
    return [row["reason"] or "—", row["by"] or "—", until]


def _worst(held: Mapping[str, Any]) -> Any:
    lines = [[both(_label(one.get("label"), one["rule"])), f"{one['times']} ×"] for one in held.get("worst", ())]
    heads = (Label("规则", "rule"), Label("次数", "times"))
    return _section(Label("触发最多", "Raised most often"), table(heads, lines, _NONE))


def _floods(held: Mapping[str, Any], zone: str) -> Any:
    lines = [
        [
            html.Span(when(one["since"], zone)[:16], className="num"),
            html.Span(when(one["until"], zone)[:16], className="num"),
            str(one["alarms"]),
        ]
        for one in held.get("floods", ())
    ]
    heads = (Label("从", "from"), Label("到", "to"), Label("报警", "alarms"))
    return _section(Label("报警洪泛", "Alarm floods"), table(heads, lines, _NONE))


def _section(title: Label, *content: Any) -> Any:
    return html.Section([html.H3(spoken(title)), *content])


def _label(words: Any, otherwise: str = "—") -> Label:
    return Label(words["zh"], words["en"]) if words else Label(otherwise, otherwise)
