"""Which units an incident still wants, and whether those that were sent come when they were expected. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ops_center.domain.time import MINUTE_US
from ops_center.incidents.incident import Incident
from ops_center.incidents.parts import Assignment
from ops_center.incidents.plan import Plan
from ops_center.incidents.task import Stage, Task

LATE_SHARE, LATE_LEAST_MIN = 0.2, 2.0
"""a unit is late by a fifth of its way, at least two minutes (assumed): less is what traffic does all the time"""
_ACTIVE = frozenset({Stage.ASSIGNED, Stage.ACCEPTED, Stage.UNDER_WAY, Stage.REFUSED})
"""tasks that can begin and aren't done; who is wanted later needn't come now"""


@dataclass(frozen=True, slots=True)
class Want:
    """A unit of a kind that a task wants and nobody has sent."""

    incident: int
    task: int
    kind: str


def wanted(incident: Incident, tasks: Iterable[Task], plan: Plan | None, kinds: Mapping[str, str]) -> list[Want]:
    """Return what is missing, in the order of the tasks. ``kinds``: unit → its kind, of all units.

    Tasks want kinds by their steps of the plan. Who is with the incident counts for its own task, else for the first
    that wants its kind.
    """
    by_step = {step.id: step.units for step in plan.steps} if plan else {}
    held = [one for one in incident.units if one.is_held]
    for_task = Counter((one.task, kinds.get(one.unit, "")) for one in held if one.task)
    free = Counter(kinds.get(one.unit, "") for one in held if not one.task)
    missing = []
    for task in sorted(tasks, key=lambda one: one.id):
        for kind in by_step.get(task.step, ()) if task.stage in _ACTIVE else ():
            if for_task[task.id, kind]:
                for_task[task.id, kind] -= 1
            elif free[kind]:
                free[kind] -= 1
            else:
                missing.append(Want(incident.id, task.id, kind))
    return missing


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a unit's way compares with what was expected as it was sent; times are µs UTC."""

    unit: str
    planned_us: int
    """0: nobody knew"""
    expected_us: int
    """when it arrived, or when it will as the roads are now; 0: nobody knows"""
    arrived: bool
    late: bool


def arrival(sent: Assignment, left_min: float | None, now_us: int) -> Arrival:
    """Return how a unit that was sent is doing; ``left_min``: of its way as the roads are now, None: nobody knows."""
    if sent.arrived_us:
        return _arrival(sent, sent.arrived_us)
    if left_min is None:
        # Not seen on its way: it comes when it said, and is late once it should have been there.
        return _arrival(sent, max(sent.eta_us, now_us) if sent.eta_us else 0)
    return _arrival(sent, now_us + round(left_min * MINUTE_US))


def _arrival(sent: Assignment, expected_us: int) -> Arrival:
    way_us = max(sent.eta_us - sent.assigned_us, 0)
    grace_us = max(LATE_SHARE * way_us, LATE_LEAST_MIN * MINUTE_US)
    late = bool(sent.eta_us and expected_us) and expected_us > sent.eta_us + grace_us
    return Arrival(sent.unit, sent.eta_us, expected_us, bool(sent.arrived_us), late)
