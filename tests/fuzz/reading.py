"""The ways of bytes through the center: raw messages through intake, writer and live worker; registrations; records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feeds import all_feeds
from ops_center.domain.messages import RawMessage, TopicPartition
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.time import ManualClock
from ops_center.domain.topics import CATALOG, raw
from ops_center.intake.decoding import Intake
from ops_center.intake.publishing import LiveHandler
from ops_center.intake.registering import RegisteringHandler
from ops_center.intake.storing import StoringHandler
from ops_center.live.writer import RedisLiveWriter
from ops_center.store.port import FeedCount
from tests.fuzz import valid
from tests.fuzz.parts import Books, Log, Register, Watched
from tests.fuzz.promises import Possible, carried, check_counts, check_refused, must

_NOWHERE = "redis://127.0.0.1:1"
"""the live worker takes in without a cache; it would need one to publish"""
_LIVE_FOR = 5_000
"""records that one live worker takes: it keeps what changed until it is published"""


@dataclass(frozen=True)
class Outcome:
    """What became of some messages."""

    accepted: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    """reason → how many"""


class Behind:
    """What stands behind the log: the writer and the live worker, which read what intake published."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._books = Books()
        self._storing = StoringHandler(self._books)  # type: ignore[arg-type]
        self._live = self._new_live()
        self._taken = 0

    def _new_live(self) -> LiveHandler:
        return LiveHandler(RedisLiveWriter(_NOWHERE, Realm.SIMULATED, self._clock), None, self._clock)  # type: ignore[arg-type]

    def read(self, records: Sequence[RawMessage]) -> Books:
        """Let both read the records; return what the writer committed. Neither may ever raise."""
        self._taken += len(records)
        if self._taken > _LIVE_FOR:
            self._live, self._taken = self._new_live(), 0
        self._books.rows = (ObservationBatch.empty(), PositionBatch.empty(), ())
        self._books.damaged = ()
        if records:
            self._storing.take(records)
            self._storing.commit()
            self._live.take(records)
            self._live.commit()
        return self._books


class RawFeed:
    """The raw topic of one feed, read by intake; what it publishes is read by writer and live worker."""

    def __init__(self, name: str, values: Sequence[bytes]) -> None:
        self.name, self.values = raw(name), values
        self._feed_name = name
        self._moves = valid.moves(all_feeds()[name])
        self._feed = Watched(all_feeds()[name])
        self._clock = ManualClock(valid.ARRIVED_US)
        self._log, self._books, catalog = Log(), Books(), valid.catalog()
        self._possible = Possible(catalog)
        feeds = {name: self._feed}
        self._intake = Intake(feeds, self._log, self._books, Register(catalog), self._clock)  # type: ignore[arg-type]
        self._intake.gained(frozenset({TopicPartition(raw(name), 0)}))
        self._behind = Behind(self._clock)

    def take(self, values: Sequence[bytes]) -> Outcome:
        messages = [_message(self.name, number, value) for number, value in enumerate(values)]
        self._intake.take(messages)
        self._intake.commit()
        if self._feed.raised is not None:
            raised, self._feed.raised = self._feed.raised, None
            raise raised
        count, refused = self._books.counts.get((self._feed_name, 0), FeedCount()), self._books.quarantined
        rows = self._check_published()
        check_counts(count, refused, rows)
        if len(values) == 1:
            sent = carried(values[0], self._moves)
            must(count.received in sent, f"sent {sorted(sent)}, received {count.received}")
        return Outcome(count.accepted, _counted((one.reason.value, one.count) for one in refused))

    def _check_published(self) -> int:
        """Check what was published as everybody behind the log reads it; return how many rows that is."""
        published = self._log.taken()
        records = [_message(topic, n, one.value) for topic, sent in published.items() for n, one in enumerate(sent)]
        books = self._behind.read(records)
        must(not books.damaged, f"the writer refuses what intake accepted: {[one.detail for one in books.damaged]}")
        observations, positions, events = books.rows
        self._possible.check_observations(observations, valid.ARRIVED_US)
        self._possible.check_positions(positions, valid.ARRIVED_US)
        self._possible.check_events(events, valid.ARRIVED_US)
        return _rows(*books.rows)


class CatalogTopic:
    """The topic ``catalog``, read by the registrar."""

    name = CATALOG

    def __init__(self) -> None:
        self.values = valid.registrations()
        self._books, self._register = Books(), Register()
        self._handler = RegisteringHandler(self._books, self._register)  # type: ignore[arg-type]

    def take(self, values: Sequence[bytes]) -> Outcome:
        self._handler.take([_message(CATALOG, number, value) for number, value in enumerate(values)])
        self._handler.commit()
        count, refused = self._books.counts[CATALOG, 0], self._books.quarantined
        must(count.received == len(values) == count.accepted + count.quarantined, f"counted {count}")
        must(count.quarantined == len(refused), "the quarantine holds another number")
        check_refused(refused)
        return Outcome(count.accepted, _counted((one.reason.value, 1) for one in refused))


class Records:
    """A canonical topic, read by the writer and the live worker: only workers write it, and disks fail."""

    def __init__(self, topic: str, values: Sequence[bytes]) -> None:
        self.name, self.values = topic, values
        self._behind = Behind(ManualClock(valid.ARRIVED_US))

    def take(self, values: Sequence[bytes]) -> Outcome:
        books = self._behind.read([_message(self.name, number, value) for number, value in enumerate(values)])
        check_refused(books.damaged)
        return Outcome(_rows(*books.rows), _counted((one.reason.value, one.count) for one in books.damaged))


def _message(topic: str, number: int, value: bytes) -> RawMessage:
    return RawMessage(topic, 0, f"{number}", b"key", value, valid.ARRIVED_US)


def _rows(observations: ObservationBatch, positions: PositionBatch, events: Sequence[Event]) -> int:
    return len(observations) + len(positions) + len(events)


def _counted(pairs: object) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for reason, count in pairs:  # type: ignore[attr-defined]
        found[reason] += count
    return dict(found)
