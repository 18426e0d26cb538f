"""What people do to alarms from the list and the card: one callback for all commands, judged by the alarm desk.

``assets/alarms.js`` sends a command with the alarms that it names; each is answered for itself.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

import msgspec
from dash import Input, Output, dcc, no_update

from alerts.alarm import Refusal
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.alarms import MOST_AT_ONCE, AlarmDesk, Outcomes

Ids = Annotated[list[Annotated[int, msgspec.Meta(ge=1, le=2**53)]], msgspec.Meta(max_length=MOST_AT_ONCE)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]
Name = Annotated[str, msgspec.Meta(max_length=200)]
ActName = Literal[
    "acknowledge", "acknowledge_all", "shelve", "unshelve", "out_of_service", "in_service", "reset", "comment",
    "assign", "attach",
]  # fmt: skip


class Command(msgspec.Struct, frozen=True):
    """One command of a browser."""

    act: ActName
    ids: Ids
    text: Text = ""
    """remark or reason"""
    until_us: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    department: Name = ""
    person: Name = ""
    name: Name = ""
    """of a file"""
    content: str = ""
    """of a file, base64; how much may come at all is bounded by the guard"""
    n: int = 0
    """its number on its page, which sends the next one once the outcome of this one has come"""


_DO: Mapping[str, Callable[[AlarmDesk, Asker, Command], Outcomes]] = {
    "acknowledge": lambda desk, who, said: desk.acknowledge(who, said.ids, said.text),
    "acknowledge_all": lambda desk, who, said: desk.acknowledge(who, said.ids, said.text, with_children=True),
    "shelve": lambda desk, who, said: desk.shelve(who, said.ids, said.until_us, said.text),
    "unshelve": lambda desk, who, said: desk.unshelve(who, said.ids, said.text),
    "out_of_service": lambda desk, who, said: desk.out_of_service(who, said.ids, said.text),
    "in_service": lambda desk, who, said: desk.in_service(who, said.ids, said.text),
    "reset": lambda desk, who, said: desk.reset(who, said.ids, said.text),
    "comment": lambda desk, who, said: desk.comment(who, said.ids, said.text),
    "assign": lambda desk, who, said: desk.assign(who, said.ids, said.department, said.person),
    "attach": lambda desk, who, said: desk.attach(who, said.ids, _bytes(said.content), said.name),
}
_UNDO = {"shelve": "unshelve", "out_of_service": "in_service"}
"""what has a way back; an acknowledgement has none: somebody knew"""


def stores() -> list[Any]:
    """Return what carries a command to the server and its outcome back."""
    return [dcc.Store(id="alarm-command"), dcc.Store(id="alarm-outcome"), dcc.Store(id="alarm-outcome-shown")]


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""

    # Not called when the page opens: whoever may only look would be refused for nothing.
    @callbacks.add(
        Output("alarm-outcome", "data"),
        Input("alarm-command", "data"),
        rights=ALARMS,
        changes=True,
        prevent_initial_call=True,
    )
    def _do(command: Command | None) -> Any:
        if command is None:
            return no_update
        try:
            outcomes = _DO[command.act](center.alarm_room().desk, asker(), command)
        except OpsCenterError as error:
            return {"act": command.act, "done": [], "refused": [], "failed": _both(refusal(error)), "n": command.n}
        return outcome_of(command, outcomes)

    callbacks.in_browser("alarms", "outcome", Output("alarm-outcome-shown", "data"), Input("alarm-outcome", "data"))


def outcome_of(command: Command, outcomes: Outcomes) -> dict[str, Any]:
    """Return what a browser is told: what was done, what was not by reason, and what takes it back."""
    done = [number for number, one in outcomes.items() if not isinstance(one, Refusal)]
    refused: dict[str, tuple[Label, list[int]]] = {}
    for number, one in outcomes.items():
        if isinstance(one, Refusal):
            refused.setdefault(one.code, (one.label, []))[1].append(number)
    return {
        "act": command.act,
        "done": done,
        "refused": [{"label": _both(label), "ids": ids} for label, ids in refused.values()],
        "undo": _UNDO.get(command.act),
        "failed": None,
        "n": command.n,
    }


def _bytes(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _both(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}
