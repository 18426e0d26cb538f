"""Open incidents, the gravest first: a short list that follows ``/live``."""

from __future__ import annotations

from typing import Annotated

import msgspec

from ops_center.domain.text import Label
from ops_center.incidents.incident import State
from ops_center.screens.panels.kind import Codes, PanelKind, PanelOptions, Shown, named, painted
from ops_center.screens.screen import Center
from ops_center.services.incidents.rights import INCIDENTS

Grade = Annotated[int, msgspec.Meta(ge=1, le=4)]


class IncidentsOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the list."""

    most: Annotated[int, named("最多几条", "at most so many", ge=1, le=30)] = 6
    levels: Annotated[tuple[Grade, ...], named("级别（空：全部）", "levels (none: all)", max_length=4)] = ()
    departments: Annotated[Codes, named("牵头部门（空：全部）", "leading departments (none: all)")] = ()


def render(center: Center, options: IncidentsOptions) -> Shown:
    """Return the place of the list."""
    if center.incidents is None:
        return Shown([], "empty")
    states = {state.value: {"zh": state.label.zh, "en": state.label.en} for state in State}
    return Shown([painted("incidents", {**msgspec.to_builtins(options), "states": states})])


PANEL = PanelKind(
    "incidents",
    Label("突发事件", "incidents"),
    Label("未结的突发事件，级别最高的在前", "open incidents, the gravest first"),
    INCIDENTS,
    IncidentsOptions,
    render,
    order=22,
    size=(8, 7),
)
