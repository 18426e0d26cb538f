"""Intake: raw bytes are decoded, checked and counted once, for everybody behind it.

Order of things: canonical records are published and durable first, then counts, quarantine and positions are
committed in one transaction. A crash in between delivers the messages again, and everything behind recognises the
repeats. While the database is away publishing goes on, so that the wall lives; what is owed waits in the ledger.
Run by ``run.py intake`` through bootstrap, on the loop that all stream workers share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import structlog

from feeds.contract import Feed
from feeds.plausibility import Doubts
from ops_center.bus.port import Bus, Producer
from ops_center.bus.worker import Rhythm
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import Decoded, RawMessage, Reject, RejectReason, TopicPartition
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.text import shown
from ops_center.domain.time import Clock
from ops_center.domain.topics import feed_of, raw
from ops_center.intake.canonical import publish
from ops_center.intake.ledger import Ledger
from ops_center.store.port import CatalogStore, StreamStore
from ops_center.store.watching import CatalogWatch

log = structlog.get_logger(__name__)

RHYTHM = Rhythm(commit_at=4 * 1024, commit_after_s=0.2, stop_reading_at=64 * 1024)
"""in KiB of quarantine"""


class Intake:
    """The handler of raw messages of all feeds."""

    name = "intake"

    def __init__(
        self, feeds: Mapping[str, Feed], bus: Bus, store: StreamStore, catalog: CatalogStore, clock: Clock
    ) -> None:
        self._feeds = feeds
        self._bus = bus
        self._store = store
        self.watch = CatalogWatch(catalog)
        """the process's copy of the catalog, also the releaser's"""
        self._clock = clock
        self._ledger = Ledger(self.name)
        self._doubts = Doubts(feeds.values())
        self._producer: Producer | None = None
        self._broken_feeds: set[str] = set()
        self.topics = [raw(name) for name in feeds]

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Go on where the database says."""
        self.watch.must_load()
        positions = self._store.positions(self.name, partitions)
        self._ledger.open(positions)
        return positions

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        """Owe nothing more for partitions that others own."""
        self._ledger.drop(partitions)
        self._doubts.forget()

    def reset(self) -> None:
        """Forget what is owed, and the producer, which may be what failed."""
        self._ledger.clear()
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close()

    @property
    def pending(self) -> int:
        """Return KiB of quarantine to be committed; at least 1 where there is anything."""
        return self._ledger.kib

    def take(self, messages: Sequence[RawMessage]) -> None:
        """Decode the messages, publish what they say, and owe the rest to the database."""
        now_us = self._clock.now_us()
        decoded = [
            (partition, mine, self._decode(feed_of(partition.topic), mine, now_us))
            for partition, mine in _by_partition(messages)
        ]
        if self._producer is None:
            self._producer = self._bus.producer()
        publish(self._producer, [(partition.partition, found) for partition, _, found in decoded])
        for partition, mine, found in decoded:
            self._ledger.add(feed_of(partition.topic), partition, mine, found)

    def commit(self) -> Mapping[TopicPartition, str]:
        """Commit what is owed, in one transaction."""
        if not self._ledger.kib:
            return {}
        self._store.commit_intake(self._ledger.advance(), self._ledger.counts(), self._ledger.quarantined())
        return self._ledger.settle()

    def idle(self) -> None:
        """Look whether the catalog changed."""
        self.watch.look()

    def _decode(self, name: str, messages: Sequence[RawMessage], now_us: int) -> Decoded:
        """Return what a feed makes of its messages; a feed with a fault of its own stops nobody else."""
        # The releaser's thread may bring a newer version at any moment: one for the whole batch.
        feed, catalog = self._feeds[name], self.watch.catalog
        try:
            return self._doubts.flagged(feed.decode(messages, catalog, now_us), catalog)
        except Exception as error:  # a feed may come from outside: whatever it raises is its fault, not ours
            if name not in self._broken_feeds:
                log.exception("feed.broken", feed=name, error=repr(error))
            self._broken_feeds.add(name)
            return _one_by_one(feed, messages, catalog, now_us)


def _by_partition(messages: Sequence[RawMessage]) -> Iterator[tuple[TopicPartition, list[RawMessage]]]:
    """Group messages, which come in order within each partition, by topic and partition: their first two fields."""
    for (topic, number), mine in groupby(messages, key=itemgetter(0, 1)):
        yield TopicPartition(topic, number), list(mine)


def _one_by_one(feed: Feed, messages: Sequence[RawMessage], catalog: Catalog, now_us: int) -> Decoded:
    """Decode each message alone, so that only those the feed breaks on are refused."""
    found: list[Decoded] = []
    for index, message in enumerate(messages):
        try:
            one = feed.decode([message], catalog, now_us)
            rejects = tuple(Reject(index, r.reason, r.count, r.detail) for r in one.rejects)
            found.append(Decoded(one.observations, one.positions, one.events, rejects))
        except Exception as error:  # see above
            detail = shown(f"the feed failed: {error!r}")
            found.append(Decoded(rejects=(Reject(index, RejectReason.NOT_DECODABLE, 1, detail),)))
    return joined(found)


def joined(parts: Sequence[Decoded]) -> Decoded:
    """Return several results as one; their rejects' message indices have to be right already."""
    return Decoded(
        ObservationBatch.concat([part.observations for part in parts if len(part.observations)]),
        PositionBatch.concat([part.positions for part in parts if len(part.positions)]),
        tuple(event for part in parts for event in part.events),
        tuple(reject for part in parts for reject in part.rejects),
    )
