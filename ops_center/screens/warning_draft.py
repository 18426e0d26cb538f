"""A public warning while it is written: what it begins with, what is wrong at which field, the message it would be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import msgspec
from dash import Input, Output, State, no_update

from alerts.alarm import Alarm, Refusal
from alerts.cap import MsgType
from alerts.public_warning import Draft
from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import PICTURE, Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import connect_choices, said
from ops_center.screens.form_values import connect_form_values, rested
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both
from ops_center.screens.warning_form import CHOICES, FIELDS, Faults, read, values_of
from ops_center.screens.warning_parts import field_id
from ops_center.services.warnings import ENDED, NOT_YOURS, UNKNOWN, WARNINGS
from ops_center.store.notification_port import WarningMessage

PAGE = Rights(see=PICTURE - {Role.DISPLAY}, change=WARNINGS.change)
MAX_ALARMS = 300
_IDENTIFIER = re.compile(r"[\w.-]{1,200}", re.ASCII)
_INCOMPLETE = Label("填写完整后显示。", "It is shown once everything is complete.")
_NO_ALARM = Label("不针对报警（全市）", "about no alarm (the whole city)")


class Target(msgspec.Struct, frozen=True):
    """What a draft is for: a warning about an alarm (0: none), or what replaces an earlier one. As browsers send it."""

    alarm: int = 0
    update: str = ""
    seen: int = 0
    """number of the message that it would replace"""
    key: str = ""
    """by which the browser keeps it"""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a draft begins with."""

    draft: Draft | None
    """None: nothing is proposed, about no alarm"""
    target: Target
    title: Label


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, *(field_id(name) for name in CHOICES))
    for name in ("warn-alarm", field_id("districts")):
        callbacks.in_browser(
            "desk", "options", Output(name, "data"), Input("language", "data"), Input(f"{name}-words", "data")
        )
    _connect_browser(callbacks)

    @callbacks.add(
        Output("warn-alarm-words", "data"),
        Output(f"{field_id('districts')}-words", "data"),
        Input("warn-slow-tick", "n_intervals"),
        rights=PAGE,
    )
    def _offered(_tick: object) -> Any:
        names = scope_names(center.pack).districts
        districts = [[code, label.zh, label.en] for code, label in sorted(names.items())]
        try:
            return _alarms(center), districts
        except OpsCenterError:
            return no_update, districts

    @callbacks.add(Output("warn-fill", "data"), Output("warn-told", "children"), Input("url", "search"), rights=PAGE)
    def _open(search: object) -> Any:
        asked = asked_for(search)
        if asked is None:
            return None, []
        try:
            found = begin(center, asked)
        except OpsCenterError as error:
            return None, said(refusal(error), "wrong")
        if isinstance(found, Refusal):
            return None, said(found.label, "wrong")
        values = values_of(found.draft) if found.draft else {"expires_min": 120, "districts": [], "category": "Safety"}
        target = msgspec.structs.replace(found.target, key=f"{asker().account}/{asked[0]}:{asked[1]}")
        title = {"zh": found.title.zh, "en": found.title.en}
        return {"values": values, "target": msgspec.to_builtins(target), "title": title}, []

    @callbacks.add(
        *(Output(field_id(name), "error") for name in FIELDS),
        Output("warn-preview", "children"),
        Output("warn-faults", "children"),
        rested("warn-values"),
        State("warn-target", "data"),
        rights=PAGE,
    )
    def _judge(values: dict[str, Any] | None, target: Target | None) -> Any:
        nothing = [None] * len(FIELDS)
        if values is None or target is None:
            return [*nothing, "", []]
        try:
            draft, faults = judged(center, values, target)
            if draft is None:
                count = len(faults)
                told = both(
                    Label(f"还有 {count} 处需要填写或改正", f"fields to complete: {count}"), className="warn-faulty"
                )
                return [*_beside(faults), both(_INCOMPLETE), told]
            return [*nothing, center.warning_desk().preview(draft, safe(target.update)), _leaves(center)]
        except OpsCenterError as error:
            return [*nothing, "", said(refusal(error), "wrong")]


def _connect_browser(callbacks: Callbacks) -> None:
    fields = [field_id(name) for name in FIELDS]
    callbacks.in_browser(
        "warnings",
        "begun",
        *(Output(name, "value") for name in fields),
        Output("warn-target", "data"),
        Output("warn-title", "children"),
        Output("warn-restored", "children"),
        Output("warn-page", "className"),
        Input("warn-fill", "data"),
        State("warn-drafts", "data"),
    )
    connect_form_values(callbacks, "warn-values")
    callbacks.in_browser(
        "warnings",
        "gathered",
        Output("warn-values", "data"),
        Output("warn-drafts", "data"),
        *(Input(name, "value") for name in fields),
        Input("warn-target", "data"),
        State("warn-fill", "data"),
        State("warn-drafts", "data"),
    )
    callbacks.in_browser(
        "warnings", "kept", Output("warn-kept", "children"), Input("warn-drafts", "data"), State("warn-me", "data")
    )
    callbacks.in_browser(
        "warnings", "about", Output("warn-went", "data"), Input("warn-new", "n_clicks"), State("warn-alarm", "value")
    )
    for act, asked in (("dropped", Input("warn-drop", "n_clicks")), ("issued", Input("warn-done", "data"))):
        callbacks.in_browser(
            "warnings",
            act,
            Output("warn-drafts", "data", allow_duplicate=True),
            Output("warn-page", "className", allow_duplicate=True),
            asked,
            *([State("warn-target", "data")] if act == "dropped" else []),
            State("warn-drafts", "data"),
            prevent_initial_call=True,
        )


def asked_for(search: object) -> tuple[str, str] | None:
    """Return what the address asks for: an alarm by number or a warning by identifier; None: the list."""
    if not isinstance(search, str) or len(search) > 500:
        return None
    asked = parse_qs(search.removeprefix("?"))
    for name, shape in (("alarm", r"\d{1,15}"), ("update", _IDENTIFIER.pattern)):
        value = asked.get(name, [""])[0]
        if re.fullmatch(shape, value, re.ASCII):
            return name, value
    return None


def safe(identifier: str) -> str:
    """Return an identifier that a browser sent, or nothing for what none can be."""
    return identifier if _IDENTIFIER.fullmatch(identifier) else ""


def begin(center: Center, asked: tuple[str, str]) -> Begun | Refusal:
    """Return what a draft begins with. Raises OpsCenterError."""
    kind, value = asked
    if kind == "update":
        return _replacing(center, value)
    desk, number = center.warning_desk(), int(value)
    if number == 0:
        title = Label("新预警（不针对报警）", "New warning, about no alarm")
        return Begun(None, Target(), title) if desk.may_issue(asker(), "", "") else NOT_YOURS
    draft = desk.draft(asker(), number)
    if isinstance(draft, Refusal):
        return draft
    return Begun(draft, Target(number), Label(f"新预警：报警 #{number}", f"New warning about alarm #{number}"))


def _replacing(center: Center, first: str) -> Begun | Refusal:
    desk = center.warning_desk()
    newest = newest_of(center, first)
    if newest is None:
        return UNKNOWN
    if not desk.may_issue(asker(), newest.department, newest.district):
        return NOT_YOURS
    if newest.msg_type is MsgType.CANCEL:
        return ENDED
    headline = newest.draft.headline
    title = Label(f"更新预警：{headline.zh}", f"Update of: {headline.en}")
    return Begun(newest.draft, Target(newest.alarm, first, newest.number), title)


def newest_of(center: Center, first: str) -> WarningMessage | None:
    """Return the newest message of a warning that may be seen."""
    found = center.warning_desk().messages(asker(), first) if safe(first) else ()
    return found[-1] if found else None


def judged(center: Center, values: dict[str, Any], target: Target) -> tuple[Draft | None, Faults]:
    """Return the draft that was typed, or what is wrong. Raises OpsCenterError."""
    newest = newest_of(center, target.update) if target.update else None
    return read(values, newest.draft if newest else None, scope_names(center.pack).districts)


def _beside(faults: Faults) -> list[Any]:
    return [both(faults[name]) if name in faults else None for name in FIELDS]


def _leaves(center: Center) -> Any:
    count = sum(len(route.targets) for route in center.warning_desk().ways_out())
    return both(
        Label(f"可以发布：将发往 {count} 个对象", f"Ready; targets that it would go to: {count}"), className="quiet"
    )


def _alarms(center: Center) -> list[list[str]]:
    """Return the open alarms that the asker may warn about, worst and newest first, and "none" where they may."""
    room, desk, who = center.alarm_room(), center.warning_desk(), asker()
    alarms = [one for one in room.desk.picture(who).alarms if desk.may_issue(who, one.department, one.district)]
    alarms.sort(key=lambda one: (one.parent != 0, one.priority, -one.raised_us))
    whole = [["0", _NO_ALARM.zh, _NO_ALARM.en]] if desk.may_issue(who, "", "") else []
    return [*whole, *(_named(center, one) for one in alarms[:MAX_ALARMS])]


def _named(center: Center, alarm: Alarm) -> list[str]:
    words = center.alarm_room().words
    label, thing = words.label(alarm), words.thing_name(alarm)
    zh, en = (f" {thing.zh}", f", {thing.en}") if thing else ("", "")
    return [str(alarm.id), f"#{alarm.id} {label.zh}{zh}", f"#{alarm.id} {label.en}{en}"]
