"""One incident on a wall: the gravest that is open, a certain one, or the one that was sent there. Follows ``/live``.

A scene holds several of these, each showing a part of the same incident; one of them leads the scene's map to it.
Painted in the browser by ``assets/scene_incident.js``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from ops_center.domain.text import Label
from ops_center.screens.panels.kind import PanelKind, PanelOptions, Shown, named, painted
from ops_center.screens.screen import Center
from ops_center.services.incidents.rights import INCIDENTS

Part = Literal["head", "tasks", "log", "units"]
_TITLES: dict[Part, Label] = {
    "head": Label("事件", "Incident"),
    "tasks": Label("任务与时限", "Tasks and deadlines"),
    "log": Label("工作日志", "Activity log"),
    "units": Label("力量", "Units"),
}


class IncidentOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a part of an incident."""

    part: Annotated[Part, named("内容", "what of it")] = "head"
    incident: Annotated[int, named("事件编号（0：最严重的）", "its number (0: the gravest)", ge=0, le=2**53 - 1)] = 0
    most: Annotated[int, named("最多几条", "at most so many", ge=1, le=30)] = 7
    leads: Annotated[bool, named("带动地图", "leads the map to it")] = False


def render(center: Center, options: IncidentOptions) -> Shown:
    """Return the place of the part."""
    title = _TITLES[options.part]
    if center.incidents is None:
        return Shown([], "empty", title)
    said = {"part": options.part, "incident": options.incident, "most": options.most, "leads": options.leads}
    return Shown([painted("incident_part", said)], title=title)


PANEL = PanelKind(
    "incident",
    Label("单一事件", "one incident"),
    Label(
        "跟随最严重或指定的事件：态势、任务、日志、力量",
        "follows the gravest or a certain incident: state, tasks, log, units",
    ),
    INCIDENTS,
    IncidentOptions,
    render,
    order=22,
    size=(9, 8),
    offered=lambda center: center.incidents is not None,
)
