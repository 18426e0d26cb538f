"""A bus, a database and a few sensors for the rules worker, and what it should have found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import numpy as np
import psycopg

import alerts
from alerts.conditions import ConditionBatch
from alerts.stage_one import StageOne
from ops_center.bus.redis_streams import RedisStreamsBus
from ops_center.bus.worker import Rhythm, Worker
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.messages import Outgoing, TopicPartition
from ops_center.domain.observations import ObservationBatch
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, ManualClock, from_datetime
from ops_center.domain.topics import CANONICAL, OBSERVATIONS
from ops_center.domain.wire import encode_observations
from ops_center.rules_worker.judging import RulesHandler
from ops_center.services.rules import Refused, RuleDesk
from ops_center.store.opening import open_lane_store, open_store
from ops_center.store.rule_watching import RuleWatch, readable
from ops_center.store.version_port import VersionRow
from ops_center.store.watching import CatalogWatch

REALM = Realm.SIMULATED
FEED = "traffic"
THINGS = 12
PARTITIONS = 3
LEASE_MS = 1_000
T0_US = 1_790_000_000 * SECOND_US
LATENESS_S = {FEED: 20.0}
RHYTHM = Rhythm(commit_at=40, commit_after_s=0.05, stop_reading_at=10_000, poll_records=7)
WORDS = {"zh": "测", "en": "test"}
LI = Asker("li")
TYPES = alerts.registry()

Turn = tuple[str, int, str, int, bool, int]
"""rule, subject, channel, onset, entered, time"""


def form(
    name: str, type_: str = "threshold", parameters: Mapping[str, Any] | None = None, **scope: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "type": type_,
        "label": WORDS,
        "source": WORDS,
        "scope": {"feed": FEED, **scope},
        "parameters": parameters or {"unit": "km/h", "below": 20, "deadband": 5},
        "priority": {"consequence": "minor", "respond_min": 30},
        "texts": dict.fromkeys(("cause", "consequence", "operator_action", "department"), WORDS),
    }


FORMS = (
    form("slow"),
    form("slow_for_long", parameters={"unit": "km/h", "below": 25, "on_delay_s": 25, "off_delay_s": 10}),
    form("limits", "limits", {"unit": "km/h", "low_low": 5, "low": 15, "high": 70, "high_high": 78, "deadband": 2}),
    form("falls", "rate", {"unit": "km/h", "change": 45, "within_s": 60}),
    form("often", "count", {"unit": "km/h", "below": 30, "times": 3, "within_s": 90}),
)


class City:
    """Addresses of the servers and what was sent."""

    def __init__(self, database_url: str, bus_url: str) -> None:
        self.database_url = database_url
        self.bus_url = bus_url
        self.clock = ManualClock(T0_US)
        self.sent: list[ObservationBatch] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self.store = open_store(self.database_url, REALM)
        self._open.callback(self.store.close)
        things = [
            Thing(-1, FEED, f"S-{n}", "traffic_sensor", FEED, Label("检", "S"), 118.7, 32.0) for n in range(THINGS)
        ]
        streams = [(FEED, f"S-{n}", Datastream(-1, -1, "vehicle_speed", "km/h", FEED, 10.0)) for n in range(THINGS)]
        self.store.catalog.register(things, streams, "test")
        self.keys = sorted(self.store.catalog.load().datastreams)
        self.desk = RuleDesk(self.store, self.clock)
        for one in FORMS:
            self.save(one)
        self.bus = self._open.enter_context(self.open_bus())
        self.bus.ensure_topics(CANONICAL, PARTITIONS)
        self.producer = self.bus.producer()
        self._open.callback(self.producer.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def save(self, rule: Mapping[str, Any], expected: int = 0) -> None:
        assert isinstance(self.desk.save(LI, rule, expected, "test"), VersionRow)

    def disable(self, name: str) -> None:
        assert not isinstance(self.desk.set_enabled(LI, name, False, "test"), Refused)

    def lanes_expire(self) -> None:
        """Let whoever has the turn lose it, as if it had stood still for long."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(f"UPDATE {REALM.schema}.rule_lane SET expires = '-infinity'")

    def open_bus(self) -> RedisStreamsBus:
        return RedisStreamsBus(self.bus_url, REALM, lease_ms=LEASE_MS)

    def worker(self, owner: str = "test") -> Working:
        return Working(self, owner)

    def send(self, at_s: float, values: Mapping[int, float]) -> None:
        """Observe ``values`` by number of the sensor, each in the partition of its sensor; the clock follows."""
        for partition in range(PARTITIONS):
            mine = {self.keys[n]: value for n, value in values.items() if n % PARTITIONS == partition}
            if mine:
                self._send(partition, at_s, mine)
        self.clock.advance(max(0.0, T0_US / SECOND_US + at_s - self.clock.now_us() / SECOND_US))

    def _send(self, partition: int, at_s: float, values: Mapping[int, float]) -> None:
        n, time_us = len(values), T0_US + round(at_s * SECOND_US)
        batch = ObservationBatch(
            np.array(list(values), np.int32),
            np.full(n, time_us, np.int64),
            np.array(list(values.values()), np.float64),
            np.zeros(n, np.uint8),
            np.full(n, time_us, np.int64),
            time_us + SECOND_US,
        )
        self.put(partition, encode_observations(batch), n)
        self.sent.append(batch)

    def put(self, partition: int, record: bytes, count: int = 1) -> None:
        self.producer.send(OBSERVATIONS, [Outgoing(b"", record, count, partition)])
        self.producer.flush()

    def expected(self) -> list[Turn]:
        """What one stage finds that is never interrupted and never asked about the time."""
        stage = StageOne(LATENESS_S)
        stage.rebuild(readable(self.desk.list(), TYPES), self.store.catalog.load(), T0_US)
        return turns([stage.observations(batch) for batch in self.sent])

    def found(self) -> list[Turn]:
        sql = f"SELECT rule, subject, channel, onset, entered, time FROM {REALM.schema}.condition"
        with psycopg.connect(self.database_url) as connection:
            rows = connection.execute(sql).fetchall()
        return sorted((r, s, c, from_datetime(onset), e, from_datetime(t)) for r, s, c, onset, e, t in rows)

    def recorded(self) -> list[Turn]:
        """What the book reads, in order of records."""
        records = self.store.conditions.records({}, 100_000)
        assert [record.seq for record in records] == list(range(1, len(records) + 1))
        return turns([record.batch for record in records])


def turns(batches: Sequence[ConditionBatch]) -> list[Turn]:
    return sorted(
        (identity.rule, identity.subject, identity.channel, identity.onset_us, bool(entered), time_us)
        for batch in batches
        for identity, entered, time_us in zip(
            batch.identities(), batch.entered.tolist(), batch.time_us.tolist(), strict=True
        )
    )


class Working:
    """A rules worker that takes its turns when the test says so."""

    def __init__(self, city: City, owner: str) -> None:
        self.lanes = open_lane_store(city.database_url, REALM)
        self.bus = city.open_bus()
        partitions = frozenset(TopicPartition(topic, n) for topic in CANONICAL for n in range(PARTITIONS))
        watch, rules = CatalogWatch(city.store.catalog), RuleWatch(city.store.rules, TYPES)
        self.handler = RulesHandler(self.lanes, watch, rules, LATENESS_S, partitions, city.clock, owner)
        self.worker = Worker(self.bus, self.handler, RHYTHM)
        self.handler.unread = self.worker.unread

    def turn(self) -> bool:
        """Take a turn; return whether it is ours."""
        if not self.handler.has_turn and not self.handler.begin():
            return False
        self.worker.turn()
        return self.handler.has_turn

    def has_read_all(self) -> bool:
        """Take a turn; return whether every partition is ours and read, and everything is committed."""
        self.turn()
        unread = self.worker.unread() if self.handler.has_turn else {}
        return len(unread) == 3 * PARTITIONS and not any(unread.values()) and not self.handler.pending

    def crash(self) -> None:
        """End without committing anything; the bus hears of it, or the lease of the dead would have to run out."""
        if self.worker._consumer is not None:
            self.worker._consumer.close()
        self.lanes.close()
        self.bus.close()

    def finish(self) -> None:
        self.worker.leave()
        self.handler.finish()
        self.lanes.close()
        self.bus.close()
