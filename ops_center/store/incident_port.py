"""What the store can do for incidents. Judged by tests/store/test_incidents.py on real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ops_center.domain.audit import AuditEntry
from ops_center.incidents.incident import Act, Change, Incident, Refusal, State
from ops_center.incidents.task import Task
from ops_center.store.alarm_port import Attachment, Scopes


@dataclass(frozen=True, slots=True)
class Standing:
    """An incident and its tasks, as they are in one moment."""

    incident: Incident
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What a command makes of incidents: written in one transaction, or not at all."""

    changes: tuple[Change, ...]
    """at least one, since every command says in the log what it did; of one incident in the order of its versions"""
    tasks: tuple[Task, ...] = ()
    """as they become; those with id 0 are new and get one"""
    files: tuple[Attachment, ...] = ()
    """that the lines name: kept with them or not at all"""


@dataclass(frozen=True, slots=True)
class Locked:
    """What a command is given: rows that nobody else can change until it is over."""

    standing: Mapping[int, Standing]
    """those of the ids that there are"""
    next_id: int
    """for an incident that the command makes"""
    holder: Callable[[str], int]
    """unit → the incident that holds it now, of all that aren't closed; 0: it is free"""
    next_task: Callable[[], int]
    """for a task that the command makes"""
    taken: Callable[[str, str], float]
    """store and item → how much of it all incidents that aren't closed have taken and not brought back"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the activity log as it is kept."""

    id: int
    """ascending in the one order in which lines were written, over all incidents"""
    incident: int
    at_us: int
    recorded_us: int
    act: Act
    who: str
    text: str
    before: State
    after: State
    mentions: tuple[str, ...] = ()
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncidentPicture:
    """All incidents that are not closed, with ``seq``: the last line of the log that they hold."""

    seq: int
    standing: tuple[Standing, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentQuery:
    """Which incidents, closed ones too; what is None is not asked for. Newest (greatest id) first."""

    states: tuple[State, ...] | None = None
    types: tuple[str, ...] | None = None
    level: int | None = None
    """this one or graver (less)"""
    since_us: int | None = None
    """reported at or after"""
    until_us: int | None = None
    """reported before"""
    alarm: int | None = None
    """linked to it"""
    text: str = ""
    """in title, description or lessons, whatever the case; "" anything"""
    district: str = ""
    department: str = ""
    """takes part in it"""
    before: int | None = None
    """below this id: the page that follows"""
    scopes: Scopes | None = None
    limit: int = 200


class IncidentStore(Protocol):
    """Incidents, their tasks and their one log."""

    def command(
        self, ids: Sequence[int], act: Callable[[Locked], Work | Refusal], entry: AuditEntry | None
    ) -> Work | Refusal:
        """Do ``act`` to incidents as they are now, in one transaction; commands of one realm have one order.

        Returns what was written, new tasks with their ids. ``entry`` goes into the audit with it, unless it is refused.
        """
        ...

    def open(self) -> IncidentPicture:
        """Return everything that is not closed, from one snapshot."""
        ...

    def changes(self, after_seq: int, limit: int = 1000) -> IncidentPicture:
        """Return the incidents that lines behind ``after_seq`` tell of, as they are now, closed ones too."""
        ...

    def find(self, ids: Sequence[int]) -> Sequence[Standing]:
        """Return the incidents of ``ids`` that there are, by id."""
        ...

    def search(self, query: IncidentQuery) -> Sequence[Incident]:
        """Return incidents, newest first."""
        ...

    def log(self, incident: int, after_id: int = 0, limit: int = 1000) -> Sequence[LogLine]:
        """Return lines of an incident's log behind ``after_id``, in their order."""
        ...
