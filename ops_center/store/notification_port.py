"""What the store keeps of notifications, routes and public warnings. Judged by tests/store/test_notifications.py.

A notification that was taken is *sending* until its lease ends. Who took it says what became of it; who was killed says
nothing, and it is taken again: what the other side confirmed is known, what it did not confirm may arrive twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from alerts.cap import MsgType
from alerts.notifying import Wanted
from alerts.public_warning import Draft
from alerts.route import Route
from ops_center.domain.audit import AuditEntry
from ops_center.store.alarm_port import Scopes

State = Literal["waiting", "sending", "held", "sent", "digested", "void", "dead"]
"""``held``: over the route's rate, waits for a digest; ``digested``: was sent within one; ``void``: nobody wanted it
any more when it was due; ``dead``: given up"""
Settled = Literal["waiting", "held", "sent", "void", "dead"]


@dataclass(frozen=True, slots=True)
class Overdue:
    """How much is due and not sent, and for how long the oldest has been."""

    count: int
    longest_s: float


@dataclass(frozen=True, slots=True)
class Notification:
    """One row of the journal."""

    id: int
    wanted: Wanted
    state: State
    made_us: int
    attempts: int
    """how often it was taken to be sent"""
    outcome: str
    """what the last attempt ended with, in words"""
    finished_us: int
    """0: it is not over"""
    digest: int = 0
    """id of the one that it was sent within"""
    department: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class ReadMark:
    """Somebody has read what they were told on the pages."""

    notification: int
    account: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send."""

    number: int
    at_us: int
    outcome: Literal["sent", "failed", "refused", "interrupted"]
    detail: str


@dataclass(frozen=True, slots=True)
class RouteVersion:
    """A route as somebody saved it."""

    route: Route
    author: str
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningMessage:
    """One message of a public warning, written once."""

    identifier: str
    first: str
    """identifier of the message that began the warning: its own, where it is that one"""
    number: int
    """1, 2, 3 … within the warning"""
    msg_type: MsgType
    alarm: int
    """0: of none"""
    department: str
    district: str
    sender: str
    sent_us: int
    author: str
    note: str
    draft: Draft
    message: str
    """the CAP message, as it was sent"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationQuery:
    """Which rows of the journal; what is None is not asked for."""

    alarm: int | None = None
    route: str | None = None
    channel: str | None = None
    target: str | None = None
    """``*`` is found too"""
    state: State | None = None
    since_us: int | None = None
    """made at or after"""
    before: int | None = None
    """below this id: the page that follows"""
    after: int | None = None
    """above this id"""
    scopes: Scopes | None = None
    limit: int = 100


class NotificationStore(Protocol):
    """Raises StoreUnavailable and StoreError everywhere."""

    def position(self) -> int:
        """Return up to which change of alarms notifications are planned."""
        ...

    def plan(self, before_seq: int, seq: int, wanted: Sequence[Wanted], now_us: int) -> None:
        """Keep what the changes up to ``seq`` ask for, and that they were looked at. Raises Fenced."""
        ...

    def add(self, wanted: Sequence[Wanted], now_us: int, entry: AuditEntry | None = None) -> Sequence[int]:
        """Keep what is wanted otherwise; return the ids of those that were not there already."""
        ...

    def take(self, now_us: int, lease_us: int, limit: int) -> Sequence[Notification]:
        """Take what is due, oldest first; it is this caller's until the lease ends."""
        ...

    def held_due(self, now_us: int) -> Sequence[tuple[str, str]]:
        """Return (route, target) whose digest is due."""
        ...

    def held(self, route: str, target: str) -> Sequence[Notification]:
        """Return what waits for a digest, oldest first."""
        ...

    def told_us(self, route: str, target: str, since_us: int) -> Sequence[int]:
        """Return when the target was told by the route since then, ascending."""
        ...

    def settle(
        self,
        taken: Notification,
        state: Settled,
        at_us: int,
        outcome: str,
        *,
        due_us: int = 0,
        attempt: Attempt | None = None,
        then: Sequence[Wanted] = (),
    ) -> bool:
        """Say what became of one that was taken, and what follows; False: somebody else has it: nothing is kept."""
        ...

    def digest(self, ids: Sequence[int], digest: Wanted, now_us: int) -> None:
        """Put one notification in the place of those held."""
        ...

    def journal(self, query: NotificationQuery) -> Sequence[Notification]:
        """Return the newest first."""
        ...

    def attempts(self, identifier: int) -> Sequence[Attempt]:
        """Return all attempts of one, oldest first."""
        ...

    def overdue(self, now_us: int) -> Overdue:
        """Return what is due and not sent."""
        ...


class NoticeStore(Protocol):
    """What people are told on the pages. Raises StoreUnavailable and StoreError everywhere."""

    def told(self, since_us: int, limit: int) -> Sequence[Notification]:
        """Return what was told on the pages since then, newest first."""
        ...

    def marks(self, since_us: int) -> Sequence[ReadMark]:
        """Return who has read what since then, oldest first."""
        ...

    def read(self, ids: Sequence[int], entry: AuditEntry) -> Sequence[int]:
        """Keep that the actor of ``entry`` has read these, as far as they are theirs; return those that were not."""
        ...


class RouteStore(Protocol):
    """Routes as versions. Raises StoreUnavailable and StoreError everywhere."""

    def routes(self) -> Sequence[Route]:
        """Return the newest version of every route, by name."""
        ...

    def route_versions(self, name: str) -> Sequence[RouteVersion]:
        """Return all versions of a route, newest first."""
        ...

    def save_route(self, route: Route, entry: AuditEntry, seen: int | None = None) -> Route:
        """Keep a new version and return it with its number; one that says the same is no change and has no entry.

        ``seen``: the version that was looked at, 0 for none; Fenced where there is another by now. None: whatever is.
        """
        ...


class WarningStore(Protocol):
    """Public warnings. Raises StoreUnavailable and StoreError everywhere."""

    def warn(self, message: WarningMessage, wanted: Sequence[Wanted], entry: AuditEntry) -> None:
        """Keep a message of a public warning, what is to be sent of it, and who issued it, in one transaction.

        Raises Fenced where another message of the same warning was issued meanwhile.
        """
        ...

    def warning(self, first: str) -> Sequence[WarningMessage]:
        """Return all messages of a warning, oldest first."""
        ...

    def warnings(self, limit: int = 100) -> Sequence[WarningMessage]:
        """Return messages of all warnings, newest first."""
        ...

    def sent(self, identifiers: Sequence[str]) -> Sequence[Notification]:
        """Return the notifications by which messages went out, oldest first."""
        ...
