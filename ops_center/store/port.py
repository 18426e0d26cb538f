"""What the store can do. Judged by the contract suite in tests/store on every edition.

Every write of a stream worker is one transaction together with the positions it has read up to, which are
compared before they are set: a worker that lost its partition gets Fenced and can't commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ops_center.domain.audit import AuditEntry
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.messages import RawMessage, RejectReason, TopicPartition
from ops_center.domain.observations import Event, Float64, Int64, ObservationBatch, PositionBatch, UInt8
from ops_center.indicators.evidence import StatisticValue
from ops_center.indicators.statistics import Entered
from ops_center.store.alarm_port import AlarmStore, DeskStore
from ops_center.store.audit_port import AuditStore
from ops_center.store.external_port import ExternalSessionStore
from ops_center.store.incident_port import IncidentStore
from ops_center.store.notification_port import NoticeStore, NotificationStore, RouteStore, WarningStore
from ops_center.store.people_port import AccountStore, AttemptStore, SessionStore, TokenStore
from ops_center.store.report_port import ReportStore
from ops_center.store.rule_port import ConditionStore, Pulse
from ops_center.store.sign_on_port import SignOnStore
from ops_center.store.telling_port import TellingStore
from ops_center.store.version_port import VersionStore
from ops_center.store.wall_port import WallStore

Resolution = Literal["raw", "1m", "15m", "1h", "1d"]
Expected = Mapping[tuple[str, str], Thing | None]
"""(producer, thing_id) → what is believed to be registered; None: nothing"""
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Advance:
    """Positions read up to, and what the worker believes the database holds now (None: nothing yet)."""

    worker: str
    """the consumer group: ``intake``, ``writer`` …"""
    before: Mapping[TopicPartition, str | None]
    after: Mapping[TopicPartition, str]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Bytes that were refused, with where they came from: kept once per (origin, reason)."""

    feed: str
    message: RawMessage
    reason: RejectReason
    count: int
    detail: str


@dataclass(frozen=True, slots=True)
class FeedCount:
    """What intake made of a feed's messages; sent = accepted + quarantined."""

    received: int = 0
    accepted: int = 0
    quarantined: int = 0
    last_time_us: int = 0
    """latest phenomenon time accepted"""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a committed batch."""

    new: int
    repeated: int
    """the same value again: changed nothing"""
    corrected: int
    """replaced an older result, which went to the revision log"""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the server can do, asked once when the store is opened."""

    edition: Literal["timescaledb-community", "timescaledb-apache", "postgresql"]
    server_version: str
    timescaledb_version: str | None
    hypertables: bool
    continuous_aggregates: bool
    compression: bool


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One datastream over time, ascending. At resolutions above raw a row is one bucket."""

    resolution: Resolution
    time_us: Int64
    """raw: phenomenon time; else start of the bucket"""
    mean: Float64
    low: Float64
    high: Float64
    count: Int64
    quality: UInt8
    """flags of everything in the bucket, or-ed"""


@dataclass(frozen=True, slots=True)
class Revision:
    """A result that another one replaced."""

    time_us: int
    """phenomenon time"""
    was: float
    quality: int
    replaced_us: int


@dataclass(frozen=True, slots=True)
class CatalogAct:
    """Something that was done to a thing in the catalog."""

    at_us: int
    origin: str
    """who or what did it"""
    action: str
    """``registered``, ``changed``, ``moved``, ``retired`` …"""
    detail: Mapping[str, Any]
    """what it was before"""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What was known at a moment of the past."""

    values: ObservationBatch
    """the newest of each datastream; an interval that had not ended by then doesn't count"""
    fixes: PositionBatch
    """the newest of each thing that moves"""
    events: tuple[Event, ...]
    """of the hour before, oldest first"""


@dataclass(frozen=True, slots=True, eq=False)
class RollupRows:
    """History for the backfill door: n buckets of many datastreams, arrays of one length."""

    datastream: Any
    bucket_us: Int64
    mean: Float64
    low: Float64
    high: Float64
    count: Int64
    quality: UInt8


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One row of the quarantine as screens show it."""

    id: int
    feed: str
    reason: RejectReason
    count: int
    detail: str
    origin: str
    received_us: int
    payload: bytes
    released_us: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """A quarantined message that registering may release."""

    id: int
    quarantined: Quarantined
    beside: Mapping[RejectReason, int]
    """how much of the same message stands in quarantine for other reasons"""


@dataclass(frozen=True, slots=True)
class Release:
    """What became of a held message when it was decoded again, after what is accepted of it was published."""

    held: Held
    accepted: int
    """how many of the held observations were accepted"""
    unknown: int
    """how many are still unknown and stay where they are"""
    refused: Sequence[Quarantined]
    """those of the held that are impossible for another reason, now that they are known; count by reason"""


@dataclass(frozen=True, slots=True)
class Keep:
    """For how many days each is kept; rollups of hours and days are kept for ever."""

    raw_days: int
    """observations, fixes, quarantined messages"""
    minute_days: int
    quarter_hour_days: int
    notification_days: int = 400
    """notifications that are over, with every attempt"""
    change_days: int = 30
    """changes of alarms that were passed on to nobody; what the planner of notifications has passed: one day"""


class StreamStore(Protocol):
    """What stream workers write. One connection, one worker, one transaction at a time."""

    def positions(self, worker: str, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Return how far ``worker`` has committed."""
        ...

    def commit_intake(
        self,
        advance: Advance,
        counts: Mapping[tuple[str, int], FeedCount],
        quarantined: Sequence[Quarantined],
    ) -> None:
        """Add the counts (by feed, partition) and quarantine rows and move the positions. Raises Fenced."""
        ...

    def commit_data(
        self,
        advance: Advance,
        observations: ObservationBatch,
        positions: PositionBatch,
        events: Sequence[Event],
        damaged: Sequence[Quarantined] = (),
    ) -> Written:
        """Write each row exactly once and move the positions. Raises Fenced, StoreUnavailable, StoreError.

        ``damaged``: records that are none; they go to quarantine and are counted under the feed they name.
        """
        ...

    def speak(self, pulse: Pulse) -> None:
        """Say how the worker is. Raises StoreUnavailable, StoreError."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class CatalogStore(Protocol):
    """Things and datastreams."""

    def version(self) -> int:
        """Return the catalog's version: cheap, for polling."""
        ...

    def load(self) -> Catalog:
        """Return the catalog as it is now."""
        ...

    def register(
        self,
        things: Sequence[Thing],
        datastreams: Sequence[tuple[str, str, Datastream]],
        origin: str,
        *,
        only_new: bool = False,
        entry: AuditEntry | None = None,
        expected: Expected | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Add or change things and their datastreams (producer, thing_id, datastream); return the version.

        Keys in the arguments are ignored. Registering the same again changes nothing. ``only_new`` leaves what is
        known as it is, changed or retired: a city pack seeds, the database is the truth. ``entry`` goes into the
        audit with it, if anything changed. ``expected``: what each of them is believed to be; ThingChanged is raised
        where one is otherwise. ``progress`` is called now and then with how many rows were sent; what it raises undoes
        everything. Raises CatalogError.
        """
        ...

    def move(
        self,
        producer: str,
        thing_id: str,
        longitude: float,
        latitude: float,
        origin: str,
        entry: AuditEntry | None = None,
    ) -> int:
        """Give a thing a new place; the old one stays with its dates. Raises CatalogError if unknown."""
        ...

    def retire(
        self,
        producer: str,
        thing_id: str,
        origin: str,
        entry: AuditEntry | None = None,
        expected: Thing | None = None,
    ) -> int:
        """Retire a thing: it keeps its history and its keys, and accepts nothing more.

        ``expected``: what it is believed to be. Raises ThingChanged, CatalogError.
        """
        ...

    def life(self, thing: int, limit: int = 100) -> Sequence[CatalogAct]:
        """Return what was done to a thing, newest first; the last is that it was registered."""
        ...


class QuarantineStore(Protocol):
    """What was refused, and its release."""

    def list(self, *, feed: str | None = None, standing: bool = True, limit: int = 100) -> Sequence[QuarantineRow]:
        """Return the newest first."""
        ...

    def releasable(self, limit: int, after_id: int = 0) -> Sequence[Held]:
        """Return standing messages whose reason can be mended by registering, oldest first, behind ``after_id``."""
        ...

    def release(self, releases: Sequence[Release]) -> None:
        """Record what became of messages and correct the counts, in one transaction. Raises Fenced."""
        ...


class HistoryStore(Protocol):
    """Series for charts, history for the backfill door, the latest values for a cold cache."""

    def series(self, datastream: int, start_us: int, end_us: int, resolution: Resolution) -> Series:
        """Return [start, end) of one datastream."""
        ...

    def revisions(self, datastream: int, start_us: int, end_us: int, limit: int) -> Sequence[Revision]:
        """Return what was corrected of [start, end) of one datastream, newest first."""
        ...

    def fixes(self, thing: int, start_us: int, end_us: int) -> PositionBatch:
        """Return the fixes of one thing in [start, end), ascending."""
        ...

    def latest(self) -> ObservationBatch:
        """Return the newest observation of every datastream."""
        ...

    def latest_positions(self) -> PositionBatch:
        """Return the newest fix of every thing."""
        ...

    def events_since(self, start_us: int) -> Sequence[Event]:
        """Return events, oldest first."""
        ...

    def moment(self, at_us: int) -> Moment:
        """Return what was known at ``at_us``, while raw observations are kept."""
        ...

    def backfill(self, resolution: Literal["15m", "1h"], rows: RollupRows) -> int:
        """Write history through its own door; repeated rows change nothing. Return how many were new."""
        ...


class HealthStore(Protocol):
    """Figures for health pages."""

    def feed_counts(self) -> Mapping[str, FeedCount]:
        """Return what intake has counted per feed, over all partitions."""
        ...

    def capabilities(self) -> Capabilities:
        """Return what the server is and can do."""
        ...

    def clock_us(self) -> int:
        """Return what time it is for the server, µs since the epoch."""
        ...

    def pulses(self) -> Sequence[Pulse]:
        """Return how workers are, by name: what the newest of each said, and how far behind all of its kind are."""
        ...

    def speak(self, pulse: Pulse) -> None:
        """Say how a worker is."""
        ...


class StatisticStore(Protocol):
    """Statistics that people enter, as versions. Raises StoreUnavailable and StoreError everywhere."""

    def newest(self) -> Sequence[StatisticValue]:
        """Return the newest period of every statistic of every area, in its newest version."""
        ...

    def last(self, limit: int) -> Sequence[tuple[StatisticValue, int]]:
        """Return what was entered last, newest first, each with when, µs."""
        ...

    def add(self, entered: Sequence[Entered], account: str, at_us: int, entry: AuditEntry | None) -> int:
        """Keep figures as new versions, and the audit's entry, in one transaction; return how many were new.

        What is there already, with the same value and source, is left as it is; where nothing was new there is no
        entry.
        """
        ...


def _nothing_to_close() -> None:
    """Stand in where a store holds nothing."""


class UpkeepStore(Protocol):
    """What has to be done now and then, by whichever process comes first; never by two at once."""

    def refresh_rollups(self, now_us: int) -> int:
        """Make the rollups of all buckets that have ended and changed; return how many, where that is known."""
        ...

    def drop_old(self, now_us: int, keep: Keep) -> int:
        """Drop what is older than it is kept; return how many chunks, or rows of what has none."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Ear(Protocol):
    """Hears that something changed. Belongs to one thread; what was said while nobody heard it isn't said again."""

    def wait(self, stop: threading.Event, timeout_s: float) -> bool:
        """Return True as soon as something was said, False after ``timeout_s`` or, about, when ``stop`` is set."""
        ...

    def close(self) -> None:
        """Let go of what it hears with."""
        ...


@dataclass(frozen=True, slots=True)
class Store:
    """All doors of one store of one realm; they share a few connections, made when first used."""

    catalog: CatalogStore
    quarantine: QuarantineStore
    history: HistoryStore
    health: HealthStore
    audit: AuditStore
    """the whole center's, whatever the realm; so are people"""
    accounts: AccountStore
    sessions: SessionStore
    tokens: TokenStore
    attempts: AttemptStore
    external: ExternalSessionStore
    alarms: AlarmStore
    desk: DeskStore
    notifications: NotificationStore
    notices: NoticeStore
    routes: RouteStore
    warnings: WarningStore
    rules: VersionStore
    conditions: ConditionStore
    walls: WallStore
    scenes: VersionStore
    statistics: StatisticStore
    incidents: IncidentStore
    sign_ons: SignOnStore
    plans: VersionStore
    telling: TellingStore
    reports: ReportStore
    listen: Callable[[str], Ear]
    """returns an ear for a channel (``listening.ALARMS``, ``CONDITIONS``, ``WALLS``), with a connection of its own"""
    close: Callable[[], None] = _nothing_to_close
    """lets go of the connections"""
