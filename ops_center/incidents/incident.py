"""An incident and its activity log, as values.

An incident is one thing that departments handle together: reported, verified, opened (a commander, a plan, tasks),
contained, resolved, closed, and perhaps reopened. Commands (``acts``) return it as it becomes with the lines of the log
(ICS 214) that say so; ``ops_center.services`` writes both in one transaction. The log is only ever appended to.

::

    reported ──► verified ──► open ──► contained ──► resolved ──► closed
        │            │          ▲          │             │           │
        │            │          └──────────┴── reopened ◄┴───────────┘
        └────────────┴──────────────────────────────────────────────► closed (a false report, or merged into another)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from ops_center.domain.text import Label
from ops_center.incidents.parts import Assignment, Attached, Casualties, Drawing, Place, StockUse


class Level(IntEnum):
    """How grave it is: I is the worst (国家突发公共事件总体应急预案, 1.3)."""

    I = 1  # noqa: E741 - as the levels are written
    II = 2
    III = 3
    IV = 4

    @property
    def label(self) -> Label:
        """Return its name, with the roman numeral that everybody uses."""
        return _LEVEL_LABELS[self]


_LEVEL_LABELS = {
    Level.I: Label("Ⅰ级（特别重大）", "level I (extraordinary)"),
    Level.II: Label("Ⅱ级（重大）", "level II (major)"),
    Level.III: Label("Ⅲ级（较大）", "level III (serious)"),
    Level.IV: Label("Ⅳ级（一般）", "level IV (ordinary)"),
}


class State(StrEnum):
    """Where an incident stands."""

    REPORTED = "reported"
    VERIFIED = "verified"
    """it is so; whether a command is set up is not decided"""
    OPEN = "open"
    """a commander leads it"""
    CONTAINED = "contained"
    """it grows no more"""
    RESOLVED = "resolved"
    """nothing is left to do on the ground"""
    CLOSED = "closed"
    """over on paper too: it is a case now"""
    REOPENED = "reopened"
    """led again after it was thought to be over"""

    @property
    def label(self) -> Label:
        """Return its name."""
        return _STATE_LABELS[self]


_STATE_LABELS = {
    State.REPORTED: Label("已接报", "reported"),
    State.VERIFIED: Label("已核实", "verified"),
    State.OPEN: Label("处置中", "open"),
    State.CONTAINED: Label("已控制", "contained"),
    State.RESOLVED: Label("已处置", "resolved"),
    State.CLOSED: Label("已结案", "closed"),
    State.REOPENED: Label("重新处置", "reopened"),
}

LED = frozenset({State.OPEN, State.CONTAINED, State.REOPENED})
"""states in which somebody commands and tasks are given"""
LIVE = LED | {State.REPORTED, State.VERIFIED, State.RESOLVED}
"""states in which it is on the board"""


SIMULATED = "simulated:"
"""how the source of an incident begins that never happened"""


class Outcome(StrEnum):
    """What it turned out to be, once it is closed."""

    NONE = ""
    HANDLED = "handled"
    FALSE = "false_report"
    MERGED = "merged"


class Act(StrEnum):
    """What a line of the activity log says."""

    REPORTED = "reported"
    VERIFIED = "verified"
    OPENED = "opened"
    CONTAINED = "contained"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"
    CHANGED = "changed"
    """facts of it: title, type, level, places, area, casualties …"""
    COMMAND = "command_handed_over"
    NOTED = "noted"
    """somebody wrote a line"""
    LINKED = "linked"
    UNLINKED = "unlinked"
    """an alarm, a camera, a file, another incident"""
    MERGED = "merged"
    SPLIT = "split"
    PLAN = "plan_opened"
    TASK = "task"
    """something became of a task"""
    RESOURCE = "resource"
    """a unit or a stock was assigned, arrived, was released"""
    DRAWN = "drawn"
    ERASED = "erased"
    """on the shared picture"""
    REPORT = "report_issued"
    CORRECTED = "corrected"
    """a later line says that an earlier one was wrong: neither is ever changed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident as it is now. Times are µs UTC; 0 where it never happened."""

    id: int
    version: int
    """grows by one with every change"""
    state: State
    type: str
    """code in the type tree"""
    level: Level
    title: str
    description: str = ""
    source: str = ""
    """``alarm:<id>``, ``call``, ``map``, ``report`` …"""
    occurred_us: int
    reported_us: int
    reported_by: str
    """account"""
    verified_us: int = 0
    opened_us: int = 0
    """the first time"""
    contained_us: int = 0
    resolved_us: int = 0
    closed_us: int = 0
    reopened: int = 0
    """how often"""
    commander: str = ""
    """account; "" before it is opened"""
    lead_department: str = ""
    departments: tuple[str, ...] = ()
    """codes of those that take part, the leading one among them"""
    district: str = ""
    """where it is; with ``departments`` it decides who may see it"""
    places: tuple[Place, ...] = ()
    """the first is where it is; others as they are added"""
    area: Place | None = None
    """what it affects: a ring"""
    alarms: tuple[int, ...] = ()
    cameras: tuple[str, ...] = ()
    """ids of things"""
    files: tuple[str, ...] = ()
    """hashes in the content store"""
    attached: tuple[Attached, ...] = ()
    """of ``files``, those that were added in the room, with their names"""
    links: tuple[int, ...] = ()
    """other incidents that have to do with it"""
    casualties: Casualties = field(default_factory=Casualties)
    plan: str = ""
    """name of the plan that was opened; "" none"""
    plan_version: int = 0
    outcome: Outcome = Outcome.NONE
    merged_into: int = 0
    split_from: int = 0
    lessons: str = ""
    """written when it is closed: what the case teaches"""
    drawings: tuple[Drawing, ...] = ()
    """what is on the shared picture now"""
    drawn: int = 0
    """how many were ever drawn: the id of the last one"""
    units: tuple[Assignment, ...] = ()
    """those that were sent, released ones too, in the order of sending"""
    stocks: tuple[StockUse, ...] = ()
    """what was taken and not brought back"""
    touched: Mapping[str, int] = field(default_factory=dict)
    """fact → version in which it was last changed: tells whether two people changed the same"""

    @property
    def is_led(self) -> bool:
        """Return whether somebody commands it now."""
        return self.state in LED

    @property
    def is_closed(self) -> bool:
        """Return whether it is over on paper."""
        return self.state is State.CLOSED

    @property
    def is_simulated(self) -> bool:
        """Return whether it never happened: it belongs to the past of a demo."""
        return self.source.startswith(SIMULATED)

    def participants(self) -> tuple[str, ...]:
        """Return the accounts that are named in it, each once; those of tasks stand in the tasks."""
        named = (self.reported_by, self.commander, *(one.by for one in self.units), *(one.by for one in self.drawings))
        return tuple(dict.fromkeys(name for name in named if name))

    def held(self, unit: str) -> Assignment | None:
        """Return the assignment by which it holds a unit now; None: it doesn't."""
        return next((one for one in self.units if one.unit == unit and one.is_held), None)

    @property
    def place(self) -> tuple[float, float] | None:
        """Return longitude and latitude of where it is; None where nobody has said."""
        if not self.places:
            return None
        points = self.places[0].coordinates
        return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the activity log."""

    incident: int
    at_us: int
    """when it happened, as who writes it says; the store keeps beside it when it was written"""
    act: Act
    who: str
    """account; "" the center itself"""
    text: str = ""
    before: State
    after: State
    mentions: tuple[str, ...] = ()
    """accounts that are meant to read it"""
    detail: Mapping[str, object] = field(default_factory=dict)
    """JSON values: what changed from what to what; ``task``, ``alarm``, ``corrects`` …"""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an incident, and the lines that say so."""

    incident: Incident
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command changes nothing."""

    code: str
    label: Label
