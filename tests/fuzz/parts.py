"""What a center reads through, in one process without servers: the ports' other sides, which only keep what they get.

The handlers between them are the center's own: intake, registrar, writer and live worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feeds.contract import Feed
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.errors import CatalogError
from ops_center.domain.messages import Decoded, Outgoing, RawMessage, TopicPartition
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.store.port import Advance, FeedCount, Quarantined, Written
from ops_center.store.registering import stream_row, thing_row


@dataclass
class Log:
    """A bus that keeps what is published, by topic."""

    name: str = "memory"
    published: dict[str, list[Outgoing]] = field(default_factory=dict)

    def producer(self) -> Log:
        return self

    def send(self, topic: str, records: Sequence[Outgoing]) -> None:
        self.published.setdefault(topic, []).extend(records)

    def flush(self, timeout_s: float = 30.0) -> None:
        pass

    def close(self) -> None:
        pass

    def taken(self) -> dict[str, list[Outgoing]]:
        """Return what was published since the last time."""
        taken, self.published = self.published, {}
        return taken


@dataclass
class Books:
    """A stream store that keeps what was committed last."""

    counts: Mapping[tuple[str, int], FeedCount] = field(default_factory=dict)
    quarantined: Sequence[Quarantined] = ()
    rows: tuple[ObservationBatch, PositionBatch, Sequence[Event]] = (
        ObservationBatch.empty(),
        PositionBatch.empty(),
        (),
    )
    damaged: Sequence[Quarantined] = ()

    def positions(self, worker: str, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        return dict.fromkeys(partitions)

    def commit_intake(
        self, advance: Advance, counts: Mapping[tuple[str, int], FeedCount], quarantined: Sequence[Quarantined]
    ) -> None:
        self.counts, self.quarantined = counts, quarantined

    def commit_data(
        self,
        advance: Advance,
        observations: ObservationBatch,
        positions: PositionBatch,
        events: Sequence[Event],
        damaged: Sequence[Quarantined] = (),
    ) -> Written:
        self.rows, self.damaged = (observations, positions, events), damaged
        return Written(0, 0, 0)


@dataclass
class Register:
    """A catalog store: says what is known, and makes of registrations the rows that would be written."""

    known: Catalog = field(default_factory=Catalog.empty)
    things: int = 0
    streams: int = 0
    retired: int = 0

    def version(self) -> int:
        return self.known.version

    def load(self) -> Catalog:
        return self.known

    def register(self, things: Sequence[Thing], datastreams: Sequence[tuple[str, str, Datastream]], origin: str) -> int:
        self.things += len([thing_row(thing) for thing in things])
        self.streams += len([stream_row(*stream) for stream in datastreams])
        return 1

    def retire(self, producer: str, thing_id: str, origin: str) -> int:
        self.retired += 1
        if (producer, thing_id) != ("parks", "pond-9"):
            raise CatalogError("not registered")
        return 1


class Watched:
    """A feed that remembers what it raised; intake forgives a feed its faults, this test doesn't."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.raised: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    def decode(self, messages: Sequence[RawMessage], catalog: Catalog, now_us: int) -> Decoded:
        try:
            return self._feed.decode(messages, catalog, now_us)
        except Exception as error:
            self.raised = error
            raise
