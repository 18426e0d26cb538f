"""An alarm and what can become of it: the state machine of ISA-18.2 / IEC 62682, as values.

An alarm is one rule over one subject: the same thing raising again joins it until it is closed. Pure: every function
takes the alarm as it is and returns it as it becomes, with the line for the journal. The book (``alerts.book``) calls
them for what conditions do, ``ops_center.services`` for what people do; both write the result in one transaction.

::

                 raise                acknowledge
    normal ───────────────► unacknowledged ─────► acknowledged
      ▲                        │ return              │ return
      │ acknowledge            ▼                     ▼
      ├────────── returned_unacknowledged         normal (or latched_acknowledged, until it is reset)

Three *set-asides* lie over the state, which goes on beneath: shelved by a person until a time, suppressed by design
while something else explains it, out of service while its device is being worked on. What returns beneath one of them
asks nobody for an acknowledgement: suppressed it closes at once, otherwise when it is taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from ops_center.domain.text import Label


class Priority(IntEnum):
    """How urgent an alarm is; less is worse, as operators count (priority 1 first)."""

    CRITICAL = 1
    HIGH = 2
    MEDIUM = 3
    LOW = 4

    @property
    def label(self) -> Label:
        """Return its name."""
        return _PRIORITY_LABELS[self]


_PRIORITY_LABELS = {
    Priority.CRITICAL: Label("紧急", "critical"),
    Priority.HIGH: Label("高", "high"),
    Priority.MEDIUM: Label("中", "medium"),
    Priority.LOW: Label("低", "low"),
}


class State(StrEnum):
    """The states of ISA-18.2, without the three set-asides, which lie over them."""

    NORMAL = "normal"
    """closed: nothing stands and nobody has anything left to do with it"""
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned_unacknowledged"
    """its condition is over, nobody has acknowledged it"""
    LATCHED_UNACKNOWLEDGED = "latched_unacknowledged"
    LATCHED_ACKNOWLEDGED = "latched_acknowledged"
    """its condition is over, and it stays until somebody resets it"""


class Aside(StrEnum):
    """Why an alarm is not shown among those that want somebody."""

    NONE = ""
    SHELVED = "shelved"
    """by a person, until a time, with a reason"""
    SUPPRESSED = "suppressed"
    """by design: something else explains it"""
    OUT_OF_SERVICE = "out_of_service"
    """by a person, until taken back: what it watches is being worked on"""


class Act(StrEnum):
    """What a line of the journal says that happened to an alarm."""

    RAISED = "raised"
    JOINED = "joined"
    """raised again, or another of its conditions entered, while it was not closed"""
    CHANGED = "changed"
    """its level, and with it perhaps its priority, changed"""
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    """its rule was edited, disabled or removed, or its subject left: nothing is known any more"""
    ACKNOWLEDGED = "acknowledged"
    RESET = "reset"
    CLOSED = "closed"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    OUT_OF_SERVICE = "out_of_service"
    IN_SERVICE = "in_service"
    ASSIGNED = "assigned"
    COMMENTED = "commented"
    ATTACHED = "attached"
    ESCALATED = "escalated"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition that stands under an alarm."""

    channel: str
    """code of the channel of the rule's type: ``HH``"""
    level: int
    """1 to 4, worse is greater"""
    onset_us: int
    value: float
    limit: float
    """both in the rule's unit"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm as it is now. Times are µs UTC; 0 where it never happened."""

    id: int
    """given by the book, ascending, never used again in its realm"""
    rule: str
    rule_version: int
    """of the rule that raised it"""
    subject_kind: int
    """``alerts.contract.SubjectKind``"""
    subject: int
    state: State
    findings: tuple[Finding, ...] = ()
    """what stands, the worst first; empty once it has returned"""
    priority: Priority
    level: int
    """of the worst finding; of the last one that stood, afterwards"""
    value: float
    limit: float
    """of the worst finding, or of the last one that stood"""
    raised_us: int
    """when it began: phenomenon time, delays included"""
    changed_us: int
    """phenomenon time of its last change by a condition"""
    returned_us: int = 0
    acknowledged_us: int = 0
    """the last time"""
    waiting_us: int = 0
    """since when it waits for an acknowledgement: raised, worse, taken back, freed; its escalation counts from here.
    0 while it waits for none"""
    closed_us: int = 0
    times: int = 1
    """how often it was raised since it began"""
    longitude: float = float("nan")
    latitude: float = float("nan")
    """degrees, WGS 84; NaN of what has no place"""
    thing: int = -1
    """key of the thing concerned; -1: none"""
    department: str = ""
    """code of whom its thing belongs to, when it was raised; with ``district`` it decides who may see it"""
    district: str = ""
    aside: Aside = Aside.NONE
    aside_until_us: int = 0
    """of what is shelved"""
    aside_reason: str = ""
    aside_by: str = ""
    parent: int = 0
    """id of the alarm that explains it; 0: none does"""
    explained_by: str = ""
    """why it lies under its parent: ``network``, ``near``, ``rule`` (the same district, feed, thing or city)"""
    assigned_department: str = ""
    assigned_person: str = ""
    """account; "" nobody"""
    acknowledged_by: str = ""
    escalated: int = 0
    """how many steps of its escalation have been taken"""
    chattering: bool = False

    @property
    def stands(self) -> bool:
        """Return whether one of its conditions stands."""
        return bool(self.findings)

    @property
    def is_open(self) -> bool:
        """Return whether it is in the list at all."""
        return self.state is not State.NORMAL

    @property
    def wants_somebody(self) -> bool:
        """Return whether it is one of the lines that operators are shown first: open, nothing lies over it."""
        return self.is_open and self.aside is Aside.NONE and not self.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an alarm's journal."""

    alarm: int
    at_us: int
    """phenomenon time of what a condition did; the clock's of what people did"""
    act: Act
    actor: str = ""
    """account; "" the center itself"""
    reason: str = ""
    before: State
    after: State
    rule_version: int
    detail: Mapping[str, object] = field(default_factory=dict)
    """JSON values: level, value, parent, until …"""


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of an alarm, and the lines that say so."""

    alarm: Alarm
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command changes nothing."""

    code: str
    """``closed``, ``acknowledged``, ``stands``, ``reason`` …"""
    label: Label
