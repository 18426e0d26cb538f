"""Incidents as pages read them: a row of the board, and one incident with its tasks. JSON values."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from ops_center.incidents.task import DONE, Stage, Task
from ops_center.store.incident_port import Standing


def board_row(standing: Standing, now_us: int, *, drill: bool) -> dict[str, Any]:
    """Return the row of an incident; ``drill``: it is practised, nothing of it is real.

    ``units``: those that are with it; of a closed one all that ever were.
    """
    one, place = standing.incident, standing.incident.place
    units = len(one.units) if one.closed_us else sum(unit.is_held for unit in one.units)
    return {
        "id": one.id, "version": one.version, "state": one.state.value, "type": one.type, "level": int(one.level),
        "title": one.title, "district": one.district, "lead_department": one.lead_department,
        "commander": one.commander, "reported_us": one.reported_us, "opened_us": one.opened_us,
        "closed_us": one.closed_us,
        "longitude": place[0] if place else None, "latitude": place[1] if place else None,
        "tasks": task_counts(standing.tasks, now_us), "units": units,
        "alarms": len(one.alarms), "drill": drill,
    }  # fmt: skip


def task_counts(tasks: tuple[Task, ...], now_us: int) -> dict[str, Any]:
    """Return how many are open, late, done and there at all; ``late_us``: from when on each open one is late.

    What was cancelled counts nowhere. By ``late_us`` a page knows by itself how many are late as time goes on.
    """
    kept = [task for task in tasks if task.stage is not Stage.CANCELLED]
    counted = Counter(task.stage in DONE for task in kept)
    late = sorted(task.late_us for task in kept if task.late_us)
    overdue = sum(at_us < now_us for at_us in late)
    return {"open": counted[False], "overdue": overdue, "done": counted[True], "all": len(kept), "late_us": late}


def standing_out(standing: Standing) -> dict[str, Any]:
    """Return an incident and its tasks as they are, with when each task is to be accepted and done."""
    incident: dict[str, Any] = msgspec.to_builtins(standing.incident)
    incident["place"] = standing.incident.place
    tasks = [
        {**msgspec.to_builtins(task), "accept_by_us": task.accept_by_us, "done_by_us": task.done_by_us,
         "late_us": task.late_us}
        for task in standing.tasks
    ]  # fmt: skip
    return {"incident": incident, "tasks": tasks}
