"""Registrations by the ``catalog`` topic: outside producers say what they will send, and then send it.

Run by ``run.py intake`` through bootstrap, in a thread beside intake, on the loop that all stream workers share. The
catalog is changed first and the positions move afterwards: after a crash in between the same registrations come again,
and registering again changes nothing. What is no registration, or contradicts the catalog, goes to quarantine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import structlog

from ops_center.bus.worker import Rhythm
from ops_center.domain.errors import CatalogError
from ops_center.domain.messages import RawMessage, RejectReason, TopicPartition
from ops_center.domain.registrations import Registration, as_things, read_change
from ops_center.domain.text import shown
from ops_center.domain.topics import CATALOG
from ops_center.store.port import Advance, CatalogStore, FeedCount, Quarantined, StreamStore

log = structlog.get_logger(__name__)

WORKER = "registrar"
RHYTHM = Rhythm(commit_at=1, commit_after_s=0.0, stop_reading_at=20_000)


class RegisteringHandler:
    """Takes registrations into the catalog."""

    name = WORKER
    topics: Sequence[str] = (CATALOG,)

    def __init__(self, store: StreamStore, catalog: CatalogStore) -> None:
        self._store = store
        self._catalog = catalog
        self._waiting: list[RawMessage] = []
        self._committed: dict[TopicPartition, str | None] = {}

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Go on where the database says."""
        found = self._store.positions(WORKER, partitions)
        self._committed.update(found)
        return found

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        """Drop what others will register now."""
        self._waiting = [m for m in self._waiting if TopicPartition(m.topic, m.partition) not in partitions]

    def reset(self) -> None:
        """Drop everything; the database knows how far it is."""
        self._waiting.clear()
        self._committed.clear()

    def take(self, messages: Sequence[RawMessage]) -> None:
        """Let registrations wait for the next commit."""
        self._waiting.extend(messages)

    @property
    def pending(self) -> int:
        """Return how many registrations wait."""
        return len(self._waiting)

    def commit(self) -> Mapping[TopicPartition, str]:
        """Register what waits and move on. Raises Fenced, StoreUnavailable."""
        if not self._waiting:
            return {}
        refused = self._register()
        after = {TopicPartition(m.topic, m.partition): m.position for m in self._waiting}
        before = {partition: self._committed.get(partition) for partition in after}
        self._store.commit_intake(Advance(WORKER, before, after), self._counts(refused), refused)
        self._committed.update(after)
        self._waiting.clear()
        return after

    def idle(self) -> None:
        """Do nothing: the catalog is written here, not read."""

    def _register(self) -> list[Quarantined]:
        """Bring what waits into the catalog, in order; return what was refused."""
        refused: list[Quarantined] = []
        together: list[tuple[RawMessage, Registration]] = []
        for message in self._waiting:
            try:
                change = read_change(message.value)
                if isinstance(change, Registration):
                    together.append((message, change))
                    continue
                refused += self._all_or_each(together)
                together = []
                self._catalog.retire(change.producer, change.thing_id, f"topic {CATALOG}")
            except CatalogError as error:
                refused.append(_refused(message, error))
        return refused + self._all_or_each(together)

    def _all_or_each(self, together: Sequence[tuple[RawMessage, Registration]]) -> list[Quarantined]:
        """Register all at once, or, where one of them is refused, one by one; return what was refused."""
        try:
            self._into_catalog([registration for _, registration in together])
            return []
        except CatalogError:
            refused = []
            for message, registration in together:
                try:
                    self._into_catalog([registration])
                except CatalogError as error:
                    refused.append(_refused(message, error))
            return refused

    def _into_catalog(self, registrations: Sequence[Registration]) -> None:
        if registrations:
            self._catalog.register(*as_things(registrations), f"topic {CATALOG}")

    def _counts(self, refused: Sequence[Quarantined]) -> Mapping[tuple[str, int], FeedCount]:
        received = Counter(message.partition for message in self._waiting)
        bad = Counter(one.message.partition for one in refused)
        latest = max(message.time_us for message in self._waiting)
        return {
            (CATALOG, partition): FeedCount(count, count - bad[partition], bad[partition], latest)
            for partition, count in received.items()
        }


def _refused(message: RawMessage, error: CatalogError) -> Quarantined:
    log.warning("registration.refused", position=message.position, why=shown(str(error)))
    return Quarantined(CATALOG, message, RejectReason.NOT_DECODABLE, 1, shown(str(error)))
