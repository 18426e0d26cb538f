"""The rules workers and the book are killed in turn while devices send; everything is said once, and nothing else.

Two of each run. Of the rules workers one has the turn: it is killed, frozen until the other has taken over and woken as
a zombie, and its database is killed; in the long form its log and intake in front of it as well. Afterwards the log
says what was observed: one stage that reads it without interruption finds what must be in the database, row by row.
Seeded (OPS_CHAOS_SEED); the short form does each once, OPS_CHAOS_RULE_KILLS asks for more, on both buses. What the book
made of the conditions is compared with what a book makes of them that nobody interrupts (``alarms_once``).
"""

from __future__ import annotations

import json
import os
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

import alerts
from alerts.conditions import ConditionBatch, Identity
from alerts.loading import read_rule
from alerts.rule import Rule
from alerts.stage_one import StageOne
from feeds import all_feeds
from ops_center.bootstrap import make_bus, make_store, migrate_database
from ops_center.bus.port import Bus, Producer
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.errors import BusError, ServerError
from ops_center.domain.messages import Outgoing
from ops_center.domain.observations import ObservationBatch
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, SystemClock, from_datetime
from ops_center.domain.topics import OBSERVATIONS, raw
from ops_center.domain.wire import decode_observations
from ops_center.embedded.kafka import KafkaServer
from ops_center.embedded.ports import free_port
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.valkey import ValkeyServer
from ops_center.services.rules import RuleDesk
from ops_center.settings import Settings
from ops_center.store.version_port import VersionRow
from tests.chaos.alarms_once import compare_alarms
from tests.rules_worker.city import FORMS
from tests.servers.absence import missing
from tests.stages import Stage, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1500)]

SEED = int(os.environ.get("OPS_CHAOS_SEED", "20261129"))
KILLS = int(os.environ.get("OPS_CHAOS_RULE_KILLS", "0"))
REALM, FEED, PROPERTY, PARTITIONS = Realm.LIVE, "traffic", "vehicle_speed", 4
GATEWAYS, PER_GATEWAY, ROUNDS_APART_S = 8, 5, 0.02
WORKERS = ("rules-1", "rules-2")
BOOKS = ("book-1", "book-2")
BUSES = ["redis", pytest.param("kafka", marks=pytest.mark.kafka)] if KILLS else ["redis"]
_AT_ONCE = 200
"""records shown to the stage together: how they are cut changes nothing"""

Said = tuple[Identity, bool]


class Gateways(threading.Thread):
    """Each sends what its sensors see, ten seconds of the street at a time; nothing is sent before what came before."""

    def __init__(self, open_bus: Callable[[], Bus], seed: int) -> None:
        super().__init__(daemon=True)
        self._open_bus = open_bus
        self._random = random.Random(seed)
        self._time_us = SystemClock().now_us() - 30 * DAY_US
        self._end = threading.Event()
        self.sent = 0

    def run(self) -> None:
        with self._open_bus() as bus, closing(bus.producer()) as producer:
            while not self._end.is_set():
                self._round(producer)
                self._end.wait(ROUNDS_APART_S)

    def finish(self) -> None:
        self._end.set()
        self.join(120)
        assert not self.is_alive()

    def _round(self, producer: Producer) -> None:
        self._time_us += 10_000_000
        messages = [self._message(number) for number in range(GATEWAYS)]
        while True:
            try:
                producer.send(raw(FEED), messages)
                producer.flush()
                break
            except BusError:
                self._end.wait(0.2)
        self.sent += GATEWAYS * PER_GATEWAY

    def _message(self, number: int) -> Outgoing:
        names = [f"S-{number}-{n}" for n in range(PER_GATEWAY)]
        values = [round(self._random.uniform(0, 80), 1) for _ in names]
        body = {"v": 1, "t": self._time_us, "things": names, PROPERTY: values}
        return Outgoing(b"gateway", json.dumps(body).encode(), PER_GATEWAY, number % PARTITIONS)


@dataclass
class Center:
    """The servers and stages under attack."""

    postgres: PostgresServer
    bus: ValkeyServer | KafkaServer
    settings: Settings
    stages: dict[str, Stage]

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            return connection.execute(sql.replace("realm.", f"{REALM.schema}.")).fetchall()

    def conditions(self) -> int:
        return int(str(self.query("SELECT count(*) FROM realm.condition")[0][0]))

    def owner(self) -> Stage | None:
        """The worker that has the turn."""
        found = self.query("SELECT owner FROM realm.rule_lane WHERE expires > clock_timestamp()")
        pid = int(str(found[0][0]).split(":")[1]) if found else -1
        return next((self.stages[name] for name in WORKERS if self.stages[name].pid == pid), None)


@pytest.fixture(params=BUSES)
def center(request: pytest.FixtureRequest, open_folder: Path, tmp_path: Path, small_city: CityPack) -> Iterator[Center]:
    folder = open_folder / f"rules-chaos-{request.param}"
    folder.mkdir(mode=0o755)
    with ExitStack() as running:
        try:
            postgres = running.enter_context(PostgresServer(folder / "postgres", flavour="plain", port=free_port()))
            bus = valkey = running.enter_context(ValkeyServer(folder / "valkey", port=free_port()))
            environment = {"OPS_DATABASE_URL": postgres.url, "OPS_REDIS_URL": valkey.url}
            if request.param == "kafka":
                bus = running.enter_context(KafkaServer(folder / "kafka", port=free_port()))
                environment["OPS_KAFKA_BOOTSTRAP"] = bus.url
        except ServerError as error:
            missing("a server for the kill test", error)
        environment["OPS_CITY_PACK"] = str(small_city.folder)
        environment |= {"OPS_REALM": REALM.value, "OPS_STATE_DIR": str(folder), "OPS_PARTITIONS": str(PARTITIONS)}
        settings = Settings(**{name.removeprefix("OPS_").lower(): value for name, value in environment.items()})
        _prepare(settings)
        names = ("intake-1", *WORKERS, *BOOKS)
        stages = {name: Stage([name.partition("-")[0]], environment, tmp_path / f"{name}.log") for name in names}
        for stage in stages.values():
            running.enter_context(stage)
        yield Center(postgres, bus, settings, stages)


def _prepare(settings: Settings) -> None:
    migrate_database(settings)
    names = [f"S-{number}-{n}" for number in range(GATEWAYS) for n in range(PER_GATEWAY)]
    things = [Thing(-1, FEED, name, "traffic_sensor", FEED, Label(name, name), 118.7, 32.0) for name in names]
    streams = [(FEED, name, Datastream(-1, -1, PROPERTY, "km/h", FEED, 10.0)) for name in names]
    with closing(make_store(settings)) as store:
        store.catalog.register(things, streams, "test")
        desk = RuleDesk(store, SystemClock())
        for form in FORMS:
            assert isinstance(desk.save(Asker("system"), form, 0, "kill test"), VersionRow)


def test_every_condition_is_there_once_and_no_other(center: Center) -> None:
    gateways = Gateways(lambda: make_bus(center.settings), SEED)
    gateways.start()
    attack = Attack(center, random.Random(SEED))
    try:
        wait_until(lambda: center.conditions() > 100, "the first conditions", 120)
        attack.run()
    finally:
        gateways.finish()
    _wait_until_drained(center, gateways)
    expected = _expected(center)
    found = [
        (Identity(str(rule), int(str(kind)), int(str(subject)), str(channel), from_datetime(onset)), bool(entered))  # type: ignore[arg-type]
        for rule, kind, subject, channel, onset, entered in center.query(
            "SELECT rule, subject_kind, subject, channel, onset, entered FROM realm.condition"
        )
    ]
    with closing(make_store(center.settings)) as store:
        recorded = [one for record in store.conditions.records({}, 1_000_000) for one in _said(record.batch)]
    print(f"seed {SEED}: {dict(attack.done)}; {gateways.sent} observations, {len(found)} conditions entered or left")
    for name, rows in (("table", found), ("records for the book", recorded)):
        assert len(rows) == len(set(rows)), f"twice in the {name}"
        lost, invented = set(expected) - set(rows), set(rows) - set(expected)
        assert not lost, f"{len(lost)} of {len(expected)} lost from the {name}, e.g. {sorted(lost)[:3]}"
        assert not invented, f"{len(invented)} invented in the {name}, e.g. {sorted(invented)[:3]}"
    assert all(attack.done[kind] for kind in attack.kinds)
    compare_alarms(center.settings, center.query)


class Attack:
    """Kills by a seeded plan and waits after each until conditions are found again."""

    def __init__(self, center: Center, choice: random.Random) -> None:
        self._center = center
        self._choice = choice
        self.kinds: dict[str, Callable[[], None]] = {
            "worker": self._kill_worker,
            "zombie": self._leave_a_zombie,
            "database": lambda: self._restart(center.postgres),
            "book": self._kill_books,
        }
        if KILLS:
            self.kinds["log"] = lambda: self._restart(center.bus)
            self.kinds["intake"] = lambda: self._again(center.stages["intake-1"])
        self.done = Counter[str]()

    def run(self) -> None:
        plan = [*self.kinds, *(self._choice.choice(list(self.kinds)) for _ in range(KILLS - len(self.kinds)))]
        self._choice.shuffle(plan)
        for kind in plan:
            self.kinds[kind]()
            self.done[kind] += 1
            after = self._center.conditions()
            wait_until(lambda seen=after: self._center.conditions() > seen, f"conditions after: {kind}", 120, 0.2)  # type: ignore[misc]

    def _owner(self) -> Stage:
        found: list[Stage | None] = []
        wait_until(lambda: (found.append(self._center.owner()), found[-1] is not None)[1], "whose turn it is", 60, 0.1)
        owner = found[-1]
        assert owner is not None
        return owner

    def _kill_worker(self) -> None:
        threading.Event().wait(self._choice.uniform(0.0, 1.0))
        self._again(self._owner())

    def _kill_books(self) -> None:
        """One after the other: one of them is the writer."""
        for name in BOOKS:
            threading.Event().wait(self._choice.uniform(0.0, 0.5))
            self._again(self._center.stages[name])

    def _leave_a_zombie(self) -> None:
        zombie = self._owner()
        zombie.freeze()
        try:
            wait_until(lambda: self._center.owner() not in (None, zombie), "the other worker to take over", 60, 0.1)
        finally:
            zombie.thaw()

    def _restart(self, server: PostgresServer | ValkeyServer | KafkaServer) -> None:
        server.kill()
        threading.Event().wait(self._choice.uniform(0.0, 1.0))
        server.start()

    def _again(self, stage: Stage) -> None:
        stage.kill()
        stage.start()


def _wait_until_drained(center: Center, gateways: Gateways) -> None:
    """Everything that was sent was accepted, and the rules workers have read and committed all of it."""

    def accepted() -> bool:
        row = center.query("SELECT sum(accepted) FROM realm.feed_count")[0]
        return int(str(row[0] or 0)) >= gateways.sent

    wait_until(accepted, "intake to accept everything", 120, 0.5)

    def committed() -> bool:
        """The center measures itself all the while, so the end of the log moves."""
        ends = {partition: messages[-1][0] for partition, messages in _log(center).items()}
        sql = "SELECT partition, position FROM realm.worker_position WHERE worker = 'rules' AND topic = 'observations'"
        return {int(str(partition)): str(position) for partition, position in center.query(sql)} == ends

    wait_until(committed, "the rules worker to commit everything", 120, 1.0)


def _log(center: Center) -> dict[int, list[tuple[str, bytes]]]:
    """Return what lies on the log of canonical observations, by partition in order: position and record."""
    found: dict[int, list[tuple[str, bytes]]] = {}
    with (
        make_bus(center.settings) as bus,
        closing(bus.reader(OBSERVATIONS, dict.fromkeys(range(PARTITIONS)))) as reader,
    ):
        while any(reader.lag().values()):
            for message in reader.poll(0.2, 1000):
                found.setdefault(message.partition, []).append((message.position, message.value))
    return found


def _rules() -> Sequence[Rule]:
    types = alerts.registry()
    return [read_rule(form, str(form["name"]), types) for form in FORMS]


def _expected(center: Center) -> list[Said]:
    stage = StageOne({name: feed.lateness_s for name, feed in all_feeds().items()})
    with closing(make_store(center.settings)) as store:
        stage.rebuild(_rules(), store.catalog.load(), 0)
    batches = (
        ObservationBatch.concat([decode_observations(record) for _, record in messages[start : start + _AT_ONCE]])
        for messages in _log(center).values()
        for start in range(0, len(messages), _AT_ONCE)
    )
    return [one for batch in batches for one in _said(stage.observations(batch))]


def _said(batch: ConditionBatch) -> list[Said]:
    return list(zip(batch.identities(), map(bool, batch.entered.tolist()), strict=True))
