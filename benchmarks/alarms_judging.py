"""How fast the rules worker is, beside a worker that reads, decodes and joins the same records and judges nothing.

A part of ``bench_alarms``. 1,000 rules over 100,000 datastreams, ten over each (a million rows), records of 100
observations in four partitions of a real log; positions, conditions and memory committed to a real database. One worker
after the other, in this process; the servers share the machine with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from benchmarks.bench_rules import make_catalog, make_polls, make_rules, shifted
from benchmarks.center import PARTITIONS, fresh_servers
from ops_center import bootstrap
from ops_center.bus.port import Bus
from ops_center.bus.worker import Handler, Worker
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import Outgoing, RawMessage, TopicPartition
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.time import SystemClock
from ops_center.domain.topics import CANONICAL, OBSERVATIONS
from ops_center.domain.wire import decode_observations, encode_observations
from ops_center.rules_worker.judging import RHYTHM, RulesHandler
from ops_center.rules_worker.reading import Batches
from ops_center.settings import Settings
from ops_center.store.opening import open_lane_store
from ops_center.store.port import Advance, StreamStore
from ops_center.store.rule_port import LaneStore
from ops_center.store.rule_watching import RuleWatch
from ops_center.store.watching import CatalogWatch

Report = Callable[[float, str], None]

RULES, DATASTREAMS = 1000, 100_000
REALM = Realm.SIMULATED
_RECORD = 100
_LEAST, _MOST, _PER_SECOND = 300_000, 3_000_000, 50_000
_LIMIT_S = 240.0


def judging(seconds: float, report: Report) -> Mapping[str, Any]:
    """Return the figures; ``seconds`` decides how many observations lie ready."""
    report(0.0, "starting servers")
    with fresh_servers(kafka=False) as servers:
        settings = servers.settings("redis", REALM)
        bootstrap.migrate_database(settings)
        with bootstrap.make_bus(settings) as bus:
            report(0.1, "filling the log")
            count = _fill(bus, min(max(round(seconds * _PER_SECOND), _LEAST), _MOST))
            with closing(bootstrap.make_stream_store(settings, "empty")) as store:
                report(0.3, "reading alone")
                empty = _timed(bus, Passing(store), count)
            report(0.4, "building a million rows")
            with closing(open_lane_store(servers.postgres.url, REALM)) as lanes:
                handler = _rules_handler(lanes)
                report(0.6, "judging")
                judged = _timed(bus, handler, count)
        found, memory = _kept(settings)
    return {
        "rules": RULES,
        "datastreams": DATASTREAMS,
        "observations": count,
        "conditions": found,
        "memory_mib": round(memory / 2**20, 1),
        "observations_per_s": round(count / judged.wall_s),
        "empty_per_s": round(count / empty.wall_s),
        "ratio": round(empty.wall_s / judged.wall_s, 3),
        "of_one_core": {
            "observations_per_s": round(count / judged.cpu_s),
            "empty_per_s": round(count / empty.cpu_s),
            "ratio": round(empty.cpu_s / judged.cpu_s, 3),
        },
    }


@dataclass(frozen=True)
class Took:
    """From the first record until everything was committed: by the clock, and of this process's processor time."""

    wall_s: float
    cpu_s: float


@dataclass(slots=True)
class Passing:
    """A worker that reads, decodes and joins, commits its positions, and judges nothing."""

    store: StreamStore
    committed: dict[TopicPartition, str | None] = field(default_factory=dict)
    read: dict[TopicPartition, str] = field(default_factory=dict)
    pending: int = 0
    name: str = "empty"
    topics: Sequence[str] = CANONICAL

    def gained(self, partitions: frozenset[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        return dict.fromkeys(partitions)

    def lost(self, partitions: frozenset[TopicPartition]) -> None:
        raise AssertionError("nobody else reads here")

    def reset(self) -> None:
        raise AssertionError("nothing fails here")

    def take(self, messages: Sequence[RawMessage]) -> None:
        observations, _ = Batches(messages).observations
        self.pending += len(observations)
        self.read |= {TopicPartition(m.topic, m.partition): m.position for m in messages}

    def commit(self) -> Mapping[TopicPartition, str]:
        before = {place: self.committed.get(place) for place in self.read}
        nothing = ObservationBatch.empty(), PositionBatch.empty()
        self.store.commit_data(Advance(self.name, before, self.read), *nothing, ())
        self.committed |= self.read
        done, self.read, self.pending = self.read, {}, 0
        return done

    def idle(self) -> None:
        pass


class Ready:
    """A catalog and rules that are there and stay: reading them is not what is measured."""

    def __init__(self) -> None:
        self.catalog = make_catalog(DATASTREAMS)

    def version(self) -> int:
        return self.catalog.version

    def load(self) -> Catalog:
        return self.catalog


class ReadyRules(RuleWatch):
    """Rules that are there and stay."""

    def __init__(self) -> None:
        self.rules, self.version = tuple(make_rules(RULES)), 1

    def must_load(self) -> None:
        pass

    def look(self) -> bool:
        return False


def _rules_handler(lanes: LaneStore) -> RulesHandler:
    partitions = frozenset(TopicPartition(topic, number) for topic in CANONICAL for number in range(PARTITIONS))
    watch = CatalogWatch(Ready())  # type: ignore[arg-type] # what is asked of a store here
    handler = RulesHandler(lanes, watch, ReadyRules(), {"water": 300.0}, partitions, SystemClock(), "bench")
    assert handler.begin()
    return handler


def _timed(bus: Bus, handler: Handler, count: int) -> Took:
    """Let a worker read and commit everything; the clock runs from when it has its partitions."""
    counting = Counting(handler)
    worker = Worker(bus, counting, RHYTHM)
    if isinstance(handler, RulesHandler):
        handler.unread = worker.unread
    deadline_s = time.monotonic() + _LIMIT_S
    while not counting.taken:
        worker.turn()
    began_s, began_cpu_s, before = time.perf_counter(), time.process_time(), counting.taken
    while counting.taken < count or counting.pending:
        worker.turn()
        assert time.monotonic() < deadline_s, f"{counting.taken} of {count} after {_LIMIT_S:.0f} s"
    share = (count - before) / count
    took = Took((time.perf_counter() - began_s) / share, (time.process_time() - began_cpu_s) / share)
    worker.leave()
    return took


class Counting:
    """A handler that counts what another takes."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.taken = 0
        """observations; the length of a record says how many it holds"""

    def take(self, messages: Sequence[RawMessage]) -> None:
        self._handler.take(messages)
        self.taken += _RECORD * len(messages)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handler, name)


def _fill(bus: Bus, wanted: int) -> int:
    """Put observations on the log until there are at least ``wanted``; return how many there are."""
    polls, sent = make_polls(DATASTREAMS), 0
    with closing(bus.producer()) as producer:
        for number in range(-(-wanted // DATASTREAMS)):
            for records in polls:
                later = [shifted(decode_observations(record), number) for record in records]
                producer.send(OBSERVATIONS, list(map(_outgoing, later)))
                sent += sum(map(len, later))
            producer.flush()
    return sent


def _outgoing(batch: ObservationBatch) -> Outgoing:
    """Return a record in the partition of its gateway, which is always the same for the same datastreams."""
    gateway = int(batch.datastream[0]) // _RECORD
    return Outgoing(b"", encode_observations(batch), len(batch), gateway % PARTITIONS)


def _kept(settings: Settings) -> tuple[int, int]:
    """Return how many transitions were found, and the size of the memory in bytes."""
    with closing(bootstrap.make_store(settings)) as store, closing(open_lane_store(_url(settings), REALM)) as lanes:
        found, last = 0, 0
        while records := store.conditions.records({0: last}):
            found, last = found + sum(len(record.batch) for record in records), records[-1].seq
        state = lanes.take("bench", 1.0)
    return found, len(state.memory or b"") if state else 0


def _url(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url.get_secret_value()
