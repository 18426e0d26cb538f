"""What became of a closed incident, in short: its turns, how long each took, what was late, what it taught. Pure.

Made from the incident, its tasks and its log, so that a case says nothing that isn't written there. What took how
long is counted in minutes since the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US
from ops_center.incidents.incident import Act, Incident
from ops_center.incidents.log_line import Line
from ops_center.incidents.task import DONE, Stage, Task
from ops_center.incidents.wanted import arrival

_TURNS = frozenset({
    Act.REPORTED, Act.VERIFIED, Act.OPENED, Act.PLAN, Act.COMMAND, Act.MERGED, Act.SPLIT, Act.CONTAINED, Act.RESOLVED,
    Act.REPORT, Act.REOPENED, Act.CLOSED,
})  # fmt: skip
"""acts that turn an incident; everything else is in its log"""
ARRIVED = "arrived"
"""the turn that no act says: the first unit is there"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment that turned it."""

    what: str
    """an act of the log, or ``arrived``"""
    at_us: int
    who: str = ""
    """account; "" the center itself"""
    text: str = ""
    unit: str = ""
    """the first that was there"""


@dataclass(frozen=True, slots=True)
class LateTask:
    """A task that wasn't accepted, or not done, in time; minutes beyond its limit, 0 where that was kept."""

    title: Label
    department: str
    accepted_late_min: float
    done_late_min: float


@dataclass(frozen=True, slots=True)
class LateUnit:
    """A unit that came later than it was expected when it was sent."""

    unit: str
    late_min: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was written as lessons at one time."""

    text: str
    who: str
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStory:
    """A case in short."""

    turns: tuple[Turn, ...]
    """in the order in which they happened"""
    minutes: Mapping[str, float | None]
    """``verify``, ``arrive``, ``contain``, ``resolve``, ``close``: since the report; None: it never happened"""
    tasks: int
    """those that were not cancelled"""
    units: int
    """that were sent"""
    late_tasks: tuple[LateTask, ...]
    """the latest first"""
    late_units: tuple[LateUnit, ...]
    lessons: tuple[Lesson, ...]
    """every version, the newest first"""


def story_of(incident: Incident, tasks: Sequence[Task], lines: Sequence[Line]) -> CaseStory:
    """Return the story of an incident that is closed; ``lines``: its whole log."""
    kept = [one for one in tasks if one.stage is not Stage.CANCELLED]
    late_units = tuple(_late_units(incident))
    return CaseStory(
        turns=tuple(sorted(_turns(incident, lines), key=lambda one: one.at_us)),
        minutes=minutes_of(incident),
        tasks=len(kept),
        units=len(incident.units),
        late_tasks=tuple(sorted(_late_tasks(kept), key=lambda one: -max(one.accepted_late_min, one.done_late_min))),
        late_units=tuple(sorted(late_units, key=lambda one: -one.late_min)),
        lessons=tuple(reversed(list(_lessons(lines)))),
    )


def minutes_of(incident: Incident) -> dict[str, float | None]:
    """Return how long it took from the report until each stage was reached."""
    arrived = min((one.arrived_us for one in incident.units if one.arrived_us), default=0)
    moments = {
        "verify": incident.verified_us, "arrive": arrived, "contain": incident.contained_us,
        "resolve": incident.resolved_us, "close": incident.closed_us,
    }  # fmt: skip
    return {name: (at_us - incident.reported_us) / MINUTE_US if at_us else None for name, at_us in moments.items()}


def _turns(incident: Incident, lines: Iterable[Line]) -> Iterator[Turn]:
    yield from (Turn(one.act.value, one.at_us, one.who, one.text) for one in lines if one.act in _TURNS)
    there = [one for one in incident.units if one.arrived_us]
    if there:
        first = min(there, key=lambda one: one.arrived_us)
        yield Turn(ARRIVED, first.arrived_us, unit=first.unit)


def _late_tasks(tasks: Iterable[Task]) -> Iterator[LateTask]:
    for one in tasks:
        accepted = _beyond(one.accepted_us, one.accept_by_us)
        done = _beyond(one.reported_us if one.stage in DONE else 0, one.done_by_us)
        if accepted or done:
            yield LateTask(one.title, one.department, accepted, done)


def _late_units(incident: Incident) -> Iterator[LateUnit]:
    for one in incident.units:
        if one.arrived_us and arrival(one, None, one.arrived_us).late:
            yield LateUnit(one.unit, _beyond(one.arrived_us, one.eta_us))


def _beyond(at_us: int, limit_us: int) -> float:
    return max(0, at_us - limit_us) / MINUTE_US if at_us and limit_us else 0.0


def _lessons(lines: Iterable[Line]) -> Iterator[Lesson]:
    """Yield what was written when it was closed, and what became of it since."""
    for one in lines:
        if one.act is Act.CLOSED:
            yield Lesson(one.text, one.who, one.at_us)
        elif one.act is Act.CHANGED and isinstance(change := one.detail.get("lessons"), Mapping):
            yield Lesson(str(change.get("to", "")), one.who, one.at_us)
