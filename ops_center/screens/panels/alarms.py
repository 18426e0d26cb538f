"""What waits for somebody, worst first: a short list that follows ``/live``."""

from __future__ import annotations

from typing import Annotated

import msgspec

from ops_center.domain.text import Label
from ops_center.screens.panels.kind import Codes, PanelKind, PanelOptions, Shown, named, painted
from ops_center.screens.screen import Center
from ops_center.services.alarm_rights import ALARMS

Priority = Annotated[int, msgspec.Meta(ge=1, le=4)]


class AlarmsOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the list."""

    most: Annotated[int, named("最多几条", "at most so many", ge=1, le=30)] = 8
    priorities: Annotated[tuple[Priority, ...], named("优先级", "priorities", max_length=4)] = ()
    waiting: Annotated[bool, named("仅未确认", "unacknowledged ones alone")] = False
    departments: Annotated[Codes, named("部门（空：全部）", "departments (none: all)")] = ()
    strip: Annotated[bool, named("上方按优先级计数", "counts by priority above")] = True


def render(center: Center, options: AlarmsOptions) -> Shown:
    """Return the place of the list."""
    if center.alarms is None:
        return Shown([], "empty")
    return Shown([painted("alarms", msgspec.to_builtins(options))])


PANEL = PanelKind(
    "alarms",
    Label("报警", "alarms"),
    Label("等待处置的报警，最要紧的在前", "alarms that stand, worst first"),
    ALARMS,
    AlarmsOptions,
    render,
    order=20,
    size=(8, 9),
)
