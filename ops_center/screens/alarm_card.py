"""The card of one alarm: beside the list, and under its own address. What to do comes first, then why, then the rest.

``assets/alarms.js`` says which alarm is open and asks again when it changed.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from dash import Input, Output, dcc, html

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import alarm_card_parts as parts
from ops_center.screens import alarm_journal, alarm_series, alarm_surroundings, incident_open
from ops_center.screens.alarm_words import ACTS
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import said
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, marked, spoken, titled
from ops_center.screens.wall_control import send_button
from ops_center.services.alarm_cards import AlarmCard
from ops_center.services.alarm_rights import ALARMS, may_change

_UNKNOWN = Label("没有这条报警，或您无权查看。", "There is no such alarm, or none that you may see.")


class Opened(msgspec.Struct, frozen=True):
    """Which alarm is open."""

    id: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None
    again: bool = False
    """it was open already, and is only shown as it is now"""
    n: int = 0


def place() -> Any:
    """Return where the card stands."""
    return html.Section([dcc.Store(id="alarm-open"), html.Div(id="alarm-card")], id="alarm-side")


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callback."""

    @callbacks.add(Output("alarm-card", "children"), Input("alarm-open", "data"), rights=ALARMS)
    def _show(opened: Opened | None) -> Any:
        if opened is None or opened.id is None:
            return []
        try:
            return shown(center, asker(), opened.id, again=opened.again)
        except OpsCenterError as error:
            return [_close(), said(refusal(error), "wrong")]


def shown(center: Center, who: Asker, number: int, *, again: bool = False) -> list[Any]:
    """Return the card of an alarm as ``who`` may see it; what is shown ``again`` was told to the audit. StoreError."""
    found = _found(center, who, number, again=again)
    if found is None:
        return [_close(), said(_UNKNOWN, "wrong")]
    return [
        _close(),
        parts.head(center, found),
        _acts(who, found),
        *_ways(center, who, found),
        parts.to_do(found),
        alarm_series.chart(center, who, found),
        parts.why(found),
        *parts.group(center, found),
        alarm_surroundings.neighbours(center, who, found),
        alarm_surroundings.cameras(center, found),
        parts.facts(center, found),
        alarm_journal.lines(center, found),
    ]


def on_wall(center: Center, who: Asker, number: int, *, again: bool = False) -> list[Any]:
    """Return the card as a wall shows it: to be read, not to be worked at. Raises StoreError."""
    found = _found(center, who, number, again=again)
    if found is None:
        return [_close(), said(_UNKNOWN, "wrong")]
    to_list = html.A(
        spoken(Label("在报警列表中处理", "act on it in the list")), href=f"/alarms/{number}", className="to-list"
    )
    return [
        _close(),
        parts.head(center, found),
        parts.to_do(found),
        alarm_series.chart(center, who, found),
        parts.why(found),
        alarm_surroundings.neighbours(center, who, found),
        alarm_surroundings.cameras(center, found),
        *([to_list] if may_change(who, found.alarm) else []),
        *incident_open.of_alarm(center, found.alarm.id),
    ]


def _found(center: Center, who: Asker, number: int, *, again: bool) -> AlarmCard | None:
    found = center.alarm_room().cards.card(who, number)
    if found is not None and not again:
        center.saw(who, "alarm.seen", str(number))
    return found


def _close() -> Any:
    return html.Button(
        "✕", className="close", **marked(data_alarm="close"), **titled(Label("关闭（Esc）", "close (Esc)"))
    )


def _ways(center: Center, who: Asker, found: AlarmCard) -> list[Any]:
    """Return where else to go with it: an incident, a wall, a public warning, each for who may."""
    desk, alarm = center.warnings, found.alarm
    ways = [*incident_open.of_alarm(center, alarm.id), *send_button(center, "alarm", str(alarm.id))]
    if desk is not None and desk.may_issue(who, alarm.department, alarm.district):
        draft = spoken(Label("起草公众预警", "Draft a public warning"))
        ways.append(html.A(draft, href=f"/warnings?alarm={alarm.id}"))
    return [html.Div(ways, className="card-ways")] if ways else []


def _acts(who: Asker, found: AlarmCard) -> Any:
    """Return the buttons of what ``who`` may do now; nothing for who may only look."""
    if not may_change(who, found.alarm):
        return html.Div(
            both(Label("只读：您的角色不处理这条报警", "read only: your roles do not act on it")), className="quiet"
        )
    return html.Div(
        [
            html.Button(
                spoken(ACTS[act]),
                className="act main" if act == "acknowledge" else "act",
                **marked(data_alarm="act", data_act_name=act, data_id=str(found.alarm.id)),
            )
            for act in parts.acts_of(found.alarm, children=bool(found.children))
        ],
        className="card-acts",
    )
