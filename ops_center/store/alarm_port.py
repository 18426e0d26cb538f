"""What the store can do with alarms. Judged by tests/store/test_alarms.py on every edition.

Everybody who changes alarms, the book and people, does so through :meth:`AlarmStore.command` or
:meth:`BookStore.commit`: one transaction with the journal, the outbox of changes and the audit. Both take the end of
the outbox first, so that changes have one order, ``seq``, which is the order of commits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from alerts.alarm import Act, Alarm, State, Turn
from ops_center.domain.audit import AuditEntry
from ops_center.domain.text import Label
from ops_center.store.rule_port import ConditionRecord, SetAside

R = TypeVar("R")

Scopes = tuple[tuple[str | None, str | None], ...]
"""pairs of department and district, None: all of them; what belongs, or was assigned, to any of the pairs is meant"""


@dataclass(frozen=True, slots=True)
class AlarmPicture:
    """All open alarms as they were when ``seq`` was the last change."""

    seq: int
    alarms: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class ChangedAlarm:
    """An alarm as it is now, and what happened to it in the changes that were asked for."""

    alarm: Alarm
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class AlarmChanges:
    """What changed behind a seq, closed alarms included; ``seq`` is where to go on."""

    seq: int
    changed: tuple[ChangedAlarm, ...]
    missed: bool = False
    """some changes behind the seq that was given are kept no more: what is held must be taken anew"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalQuery:
    """Which lines of the journal; what is None is not asked for."""

    alarm: int | None = None
    rule: str | None = None
    thing: int | None = None
    acts: tuple[Act, ...] | None = None
    actor: str | None = None
    since_us: int | None = None
    """at or after, by the time of the act"""
    until_us: int | None = None
    """before"""
    before: int | None = None
    """below this id: the page that follows"""
    scopes: Scopes | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One line of the journal with what is needed to read it alone."""

    id: int
    alarm: int
    at_us: int
    recorded_us: int
    act: Act
    actor: str
    """account; "" the center itself"""
    reason: str
    before: State
    after: State
    rule_version: int
    detail: Mapping[str, Any]
    rule: str
    thing: int
    department: str
    district: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmQuery:
    """Which alarms, closed ones too; what is None is not asked for. Newest (greatest id) first."""

    rule: str | None = None
    thing: int | None = None
    states: tuple[State, ...] | None = None
    priority: int | None = None
    """this one or worse (less)"""
    department: str | None = None
    district: str | None = None
    parent: int | None = None
    since_us: int | None = None
    """raised at or after"""
    until_us: int | None = None
    """raised before"""
    before: int | None = None
    """below this id: the page that follows"""
    scopes: Scopes | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionQuery:
    """Which conditions; what is None is not asked for."""

    rule: str | None = None
    subject_kind: int | None = None
    subject: int | None = None
    since_us: int | None = None
    """entered at or after"""
    until_us: int | None = None
    """entered before"""
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """One transition: a condition was entered, or left."""

    rule: str
    rule_version: int
    subject_kind: int
    subject: int
    channel: str
    level: int
    entered: bool
    reason: int
    """``alerts.conditions.Reason``"""
    time_us: int
    onset_us: int
    value: float
    limit: float


class AlarmStore(Protocol):
    """Alarms, their journal and what changed. Raises StoreUnavailable and StoreError everywhere."""

    def open(self) -> AlarmPicture:
        """Return all open alarms and the seq they belong to, from one snapshot."""
        ...

    def changes(self, after_seq: int, limit: int = 5000) -> AlarmChanges:
        """Return what changed behind ``after_seq``, each alarm once and as it is now."""
        ...

    def find(self, ids: Sequence[int]) -> Sequence[Alarm]:
        """Return the alarms of ``ids`` that there are, by id."""
        ...

    def command(
        self, ids: Sequence[int], act: Callable[[Alarm], Turn | R], entry: AuditEntry | None
    ) -> Mapping[int, Turn | R]:
        """Do ``act`` to each alarm as it is now, and return what became of each; unknown ids are left out.

        What ``act`` returns beside a Turn is a refusal and changes nothing. The audit gets ``entry`` with the ids it
        was done to; where nothing was done it says ``refused``. One transaction; ``act`` may be called again with
        what is newer by then.
        """
        ...

    def journal(self, query: JournalQuery) -> Sequence[JournalLine]:
        """Return lines of the journal, newest first."""
        ...

    def search(self, query: AlarmQuery) -> Sequence[Alarm]:
        """Return alarms, closed ones too, newest first."""
        ...

    def standing_at(self, at_us: int, scopes: Scopes | None = None) -> Sequence[Alarm]:
        """Return what was open at ``at_us``, in the state of then, newest first; at most 20,000."""
        ...

    def conditions(self, query: ConditionQuery) -> Sequence[ConditionRow]:
        """Return what rules found, by which alarms came about, those of the newest onset first."""
        ...


@dataclass(frozen=True, slots=True)
class BookStart:
    """What the book's writer begins with: everything, from one snapshot, after it has become the writer."""

    writer: int
    """its number; whoever comes after it has a greater one, and then it can't commit any more"""
    seq: int
    last_alarm: int
    """greatest id that was ever given"""
    open: tuple[Alarm, ...]
    positions: Mapping[int, int]
    """partition → seq of the last record of conditions that was taken"""
    stage_two: bytes | None
    memory: bytes | None


@dataclass(frozen=True, slots=True)
class BookWork:
    """What the book did: all of it is kept, or nothing."""

    turns: Sequence[Turn]
    positions: Mapping[int, int] = field(default_factory=dict)
    """partition → seq of the last record taken; only those that moved"""
    stage_two: bytes | None = None
    """None: as it was"""
    memory: bytes | None = None
    """None: as it was"""


class BookStore(Protocol):
    """What the one writer of the book does. One connection; lost connections are lost offices."""

    def acquire(self) -> BookStart | None:
        """Become the writer; None: somebody else is. Taking it again makes another writer of the same process."""
        ...

    def conditions(self, positions: Mapping[int, int], limit: int) -> Sequence[ConditionRecord]:
        """Return the records behind ``positions``, by partition and seq; at most about ``limit`` conditions."""
        ...

    def commit(self, work: Callable[[Sequence[Alarm]], BookWork]) -> int:
        """Do ``work`` and keep it in one transaction; return the seq of the last change.

        ``work`` is given the alarms that others changed since the last commit, as they are now; nobody can change any
        until it is over. It may be called once only: after any error the caller starts anew with :meth:`acquire`.
        Raises Fenced where somebody else is the writer.
        """
        ...

    def pulse(self, instance: str, now_us: int, positions: Mapping[int, int], set_aside: Sequence[SetAside]) -> None:
        """Say that the writer is alive, how far behind ``positions`` conditions are, and which types are set aside."""
        ...

    def close(self) -> None:
        """Let go of the office and the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file, named by what it holds."""

    hash: str
    """SHA-256 of the bytes, hexadecimal"""
    kind: str
    """media type, found by looking at the bytes: ``image/png``"""
    bytes: bytes


@dataclass(frozen=True, slots=True)
class SavedView:
    """How somebody likes to see a page."""

    page: str
    name: str
    view: Mapping[str, Any]
    """JSON: filters, order, columns"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """What one shift leaves to the next: written once, never changed."""

    id: int = 0
    at_us: int
    since_us: int
    """when the shift began that is over"""
    from_account: str
    to_account: str
    department: str = ""
    """whose alarms it is about; "" all"""
    district: str = ""
    text: Label
    remark: str = ""
    """what the one who leaves wrote with it"""
    figures: Mapping[str, Any] = field(default_factory=dict)
    """JSON: the numbers and the alarms that the text is made of"""


class DeskStore(Protocol):
    """What operators keep beside alarms: files, views of their own, hand-overs."""

    def attachment(self, digest: str) -> Attachment | None:
        """Return the file of ``digest``."""
        ...

    def keep_attachment(self, attachment: Attachment, by: str) -> None:
        """Keep a file; one that is there already is left as it is."""
        ...

    def views(self, account: str, page: str) -> Sequence[SavedView]:
        """Return the views that the account saved for the page, by name."""
        ...

    def save_view(self, account: str, view: SavedView) -> None:
        """Save a view over one of the same name."""
        ...

    def drop_view(self, account: str, page: str, name: str) -> None:
        """Forget a view."""
        ...

    def hand_over(
        self,
        record: HandOver,
        entry: AuditEntry,
        seen: int | None = None,
        ids: Sequence[int] = (),
        give: Callable[[HandOver, Alarm], Turn | None] = lambda _written, _alarm: None,
    ) -> HandOver | None:
        """Write a hand-over, what it gives away and the audit's entry, in one transaction; return it with its id.

        ``give`` says of each alarm of ``ids``, as it is now, what becomes of it; it has the hand-over with its id.
        None, and nothing is written, where its scope has one with an id above ``seen``.
        """
        ...

    def newest_hand_over(self, department: str, district: str) -> HandOver | None:
        """Return the last one of exactly this scope."""
        ...

    def hand_overs(self, limit: int = 50, before: int | None = None) -> Sequence[HandOver]:
        """Return hand-overs, newest first."""
        ...
