"""The card of an incident on a display: what was sent there, as it is now. Called by ``card``."""

from __future__ import annotations

from typing import Any

from dash import html

from ops_center.city.scope_names import scope_names
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.incidents.task import DONE, Stage, Task
from ops_center.screens.screen import Center, both, titled

INCIDENT_MARKS = "incidents"
"""the layer that an incident which is sent to a wall says it is of (assets/scene_stage.js)"""
_MOST_TASKS = 6
_GONE = Label("没有这起事件，或您无权查看。", "There is no such incident, or none that you may see.")


def on_wall(center: Center, who: Asker, number: int) -> list[Any]:
    """Return the card's children. Raises StoreError where it is closed and the database is away."""
    room = center.incidents
    close = html.Button("✕", className="close", **{"data-act": "close", **titled(Label("关闭（Esc）", "close (Esc)"))})
    standing = room.desk.one(who, number) if room else None
    if standing is None:
        return [close, html.P(both(_GONE))]
    one, names = standing.incident, scope_names(center.pack)
    kept = [task for task in standing.tasks if task.stage is not Stage.CANCELLED]
    done = sum(task.stage in DONE for task in kept)
    since = f"{in_zone(one.reported_us, center.pack.manifest.timezone):%m-%d %H:%M}"
    facts = [
        (Label("状态", "state"), both(one.state.label)),
        (Label("级别", "level"), both(one.level.label)),
        (Label("接报", "reported"), since),
        (Label("牵头", "led by"), both(names.department(one.lead_department)) if one.lead_department else "—"),
        (Label("任务", "tasks"), f"{done}/{len(kept)}"),
        (Label("到场力量", "units there"), f"{sum(bool(unit.arrived_us) for unit in one.units if unit.is_held)}"),
    ]
    lines = [html.Tr([html.Td(both(label)), html.Td(value)]) for label, value in facts]
    open_ones = [task for task in kept if task.stage not in DONE][:_MOST_TASKS]
    tasks = html.Ul([_task(task) for task in open_ones])
    return [html.H2(one.title), close, html.Table(html.Tbody(lines)), tasks]


def _task(task: Task) -> Any:
    return html.Li([both(task.title), " · ", both(task.stage.label)])
