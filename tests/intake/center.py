"""The part of a center that intake needs, and ways to look at what became of what was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from types import TracebackType
from typing import Any, Self

import psycopg

from feeds import all_feeds
from feeds.contract import Feed
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.bus.worker import Worker
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.messages import Outgoing
from ops_center.domain.observations import ObservationBatch
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, SystemClock
from ops_center.domain.topics import CANONICAL, OBSERVATIONS, raw
from ops_center.domain.wire import decode_observations
from ops_center.intake.decoding import RHYTHM, Intake
from ops_center.store.opening import open_store, open_stream_store
from ops_center.store.port import FeedCount

REALM = Realm.SIMULATED
FEED = "traffic"
SPEED = "vehicle_speed"
THINGS = [f"S-{number}" for number in range(20)]
PARTITIONS = 2
LEASE_MS = 1_500
CLOCK = SystemClock()


def registered(names: Sequence[str], observed_property: str) -> tuple[list[Thing], list[tuple[str, str, Datastream]]]:
    things = [Thing(-1, FEED, name, "traffic_sensor", FEED, Label(name, name), 118.7, 32.0) for name in names]
    return things, [(FEED, name, Datastream(-1, -1, observed_property, "km/h", FEED, 10.0)) for name in names]


class Center:
    """Addresses of the servers; buses and stores are opened for each use, as processes would."""

    def __init__(self, database_url: str, bus_url: str) -> None:
        self.database_url = database_url
        self.bus_url = bus_url
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.bus = self._open.enter_context(self.open_bus())
        self.bus.ensure_topics([*map(raw, all_feeds()), *CANONICAL], PARTITIONS)
        self.producer = self._open.enter_context(closing(self.bus.producer()))
        self._number = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def open_bus(self) -> RedisStreamsBus:
        return RedisStreamsBus(self.bus_url, REALM, lease_ms=LEASE_MS)

    @contextmanager
    def intake(self, feeds: Mapping[str, Feed] | None = None) -> Iterator[None]:
        """Run an intake worker of its own while the block runs."""
        stop = threading.Event()
        failed: list[BaseException] = []

        def run() -> None:
            try:
                with self.open_bus() as bus:
                    self.worker(bus, feeds).run(stop)
            except BaseException as error:  # the test's thread reads it: a silent end would look like success
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(20)
        assert not thread.is_alive()
        assert not failed, failed

    def worker(self, bus: RedisStreamsBus, feeds: Mapping[str, Feed] | None = None) -> Worker:
        stream_store = self._open.enter_context(closing(open_stream_store(self.database_url, REALM, "intake")))
        store = self._open.enter_context(closing(open_store(self.database_url, REALM)))
        return Worker(bus, Intake(feeds or all_feeds(), bus, stream_store, store.catalog, CLOCK), RHYTHM)

    def send(self, *bodies: bytes | dict[str, Any], feed: str = FEED) -> None:
        encoded = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
        self.producer.send(raw(feed), [Outgoing(f"{n}".encode(), body) for n, body in enumerate(encoded)])
        self.producer.flush()

    def speeds(self, things: Sequence[str], value: float = 50.0) -> dict[str, Any]:
        """One message of one speed per thing, at a time of its own."""
        self._number += 1
        time_us = CLOCK.now_us() - 600 * SECOND_US + self._number
        return {"v": 1, "t": time_us, "things": list(things), SPEED: [value] * len(things)}

    def counts(self, feed: str = FEED) -> FeedCount:
        with closing(open_store(self.database_url, REALM)) as store:
            return store.health.feed_counts().get(feed, FeedCount())

    def quarantined(self, feed: str = FEED) -> dict[str, int]:
        """Reason → observations that stand in quarantine."""
        sql = f"SELECT reason, sum(count) FROM {REALM.schema}.quarantine WHERE feed = %s GROUP BY reason"
        with psycopg.connect(self.database_url) as connection:
            return {str(reason): int(count) for reason, count in connection.execute(sql, (feed,))}

    def published(self) -> ObservationBatch:
        """Return every canonical observation on the log, repeats included."""
        found = []
        with closing(self.bus.reader(OBSERVATIONS, dict.fromkeys(range(PARTITIONS)))) as reader:
            while any(reader.lag().values()):
                found += [decode_observations(message.value) for message in reader.poll(0.1, 1000)]
        return ObservationBatch.concat(found)

    def distinct(self) -> int:
        """How many different observations were published."""
        batch = self.published()
        return len(set(zip(batch.datastream.tolist(), batch.phenomenon_time_us.tolist(), strict=True)))
