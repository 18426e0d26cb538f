"""Everything is killed in turn while devices send; then every sent observation is once in the store or in quarantine.

Seeded (OPS_CHAOS_SEED) and counted (OPS_CHAOS_KILLS, 50 by default on Kafka; half as many on Redis Streams, whose
center has the same stages). At least ten kills are shown to hit a
writer between COPY and commit: the writer is frozen, the database says that its transaction is open and idle after a
COPY, and only then it is killed.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from ops_center.bus.port import Bus
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.errors import ServerError
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.embedded.kafka import KafkaServer
from ops_center.embedded.ports import free_port
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.valkey import ValkeyServer
from ops_center.settings import Settings
from tests.chaos.devices import FEED, PROPERTY, Devices
from tests.servers.absence import missing
from tests.stages import Stage, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1500)]

SEED = int(os.environ.get("OPS_CHAOS_SEED", "20261121"))
KILLS = int(os.environ.get("OPS_CHAOS_KILLS", "50"))
BETWEEN_COPY_AND_COMMIT = 10
THINGS = [f"S-{number:03d}" for number in range(200)]
REALM = Realm.LIVE


@dataclass
class Center:
    """The servers and stages under attack."""

    postgres: PostgresServer
    valkey: ValkeyServer
    kafka: KafkaServer | None
    settings: Settings
    stages: dict[str, Stage]

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            return connection.execute(sql.replace("realm.", f"{REALM.schema}.")).fetchall()

    def number(self, sql: str) -> int:
        return int(str(self.query(sql)[0][0] or 0))

    @property
    def kills(self) -> int:
        return KILLS if self.kafka is not None else KILLS // 2

    def stored(self) -> int:
        return self.number("SELECT count(*) FROM realm.observation")

    def accepted(self) -> int:
        return self.number("SELECT sum(accepted) FROM realm.feed_count")


@pytest.fixture(params=["redis", pytest.param("kafka", marks=pytest.mark.kafka)])
def center(request: pytest.FixtureRequest, open_folder: Path, tmp_path: Path) -> Iterator[Center]:
    folder = open_folder / f"chaos-{request.param}"
    folder.mkdir(mode=0o755)
    with ExitStack() as running:
        try:
            postgres = running.enter_context(PostgresServer(folder / "postgres", port=free_port()))
            valkey = running.enter_context(ValkeyServer(folder / "valkey", port=free_port()))
            kafka = None
            if request.param == "kafka":
                kafka = running.enter_context(KafkaServer(folder / "kafka", port=free_port()))
        except ServerError as error:
            missing("a server for the kill test", error)
        environment = {
            "OPS_REALM": REALM.value,
            "OPS_DATABASE_URL": postgres.url,
            "OPS_REDIS_URL": valkey.url,
            "OPS_STATE_DIR": str(folder),
            "OPS_PARTITIONS": "4",
            **({"OPS_KAFKA_BOOTSTRAP": kafka.url} if kafka else {}),
        }
        settings = Settings(**{name.removeprefix("OPS_").lower(): value for name, value in environment.items()})
        _prepare(settings)
        stages = {
            name: Stage([name.partition("-")[0]], environment, tmp_path / f"{name}.log")
            for name in ("intake-1", "writer-1", "writer-2", "live-1")
        }
        for stage in stages.values():
            running.enter_context(stage)
        yield Center(postgres, valkey, kafka, settings, stages)


def _prepare(settings: Settings) -> None:
    from ops_center.bootstrap import make_store, migrate_database

    migrate_database(settings)
    things = [Thing(-1, FEED, name, "traffic_sensor", FEED, Label(name, name), 118.7, 32.0) for name in THINGS]
    streams = [(FEED, name, Datastream(-1, -1, PROPERTY, "km/h", FEED, 10.0)) for name in THINGS]
    with closing(make_store(settings)) as store:
        store.catalog.register(things, streams, "test")


def test_every_observation_is_once_in_the_store_or_in_quarantine(center: Center) -> None:
    devices = Devices(lambda: _open_bus(center.settings), THINGS, SEED)
    devices.start()
    attack = Attack(center, random.Random(SEED))
    try:
        wait_until(lambda: center.stored() > 1000, "the first thousand rows", 120)
        attack.run()
    finally:
        devices.finish()
    _wait_until_drained(center, devices)
    print(f"seed {SEED}: {dict(attack.done)}; sent {dict(devices.acknowledged)}; {devices.failures} sends repeated")
    _compare(center, devices)
    assert sum(attack.done.values()) >= center.kills
    assert attack.done["writer between COPY and commit"] >= BETWEEN_COPY_AND_COMMIT


def _open_bus(settings: Settings) -> Bus:
    from ops_center.bootstrap import make_bus

    return make_bus(settings)


class Attack:
    """Kills by a seeded plan and lets the stages recover in between."""

    def __init__(self, center: Center, choice: random.Random) -> None:
        self._center = center
        self._choice = choice
        self.done = Counter[str]()

    def run(self) -> None:
        for name in self._plan():
            self._actions()[name]()
            self.done[name] += 1
            after = self._center.stored()
            wait_until(lambda seen=after: self._center.stored() > seen, f"work after: {name}", 120)  # type: ignore[misc]

    def _plan(self) -> list[str]:
        """Return the kills in a seeded order: every kind, those between COPY and commit at least ten times."""
        often = ["writer", "intake", "writer between COPY and commit"]
        kinds = [kind for kind in self._actions() if kind not in often]
        plan = kinds * 2 + ["writer between COPY and commit"] * BETWEEN_COPY_AND_COMMIT
        plan += [self._choice.choice([*often, "database", "cache"]) for _ in range(self._center.kills - len(plan))]
        self._choice.shuffle(plan)
        return plan

    def _actions(self) -> dict[str, Callable[[], None]]:
        actions = {
            "intake": lambda: self._kill("intake-1"),
            "writer": lambda: self._kill(self._choice.choice(["writer-1", "writer-2"])),
            "writer between COPY and commit": self._kill_between_copy_and_commit,
            "live": lambda: self._kill("live-1"),
            "zombie writer": self._leave_a_zombie,
            "database": lambda: self._restart(self._center.postgres),
            "cache": lambda: self._restart(self._center.valkey),
        }
        if self._center.kafka is not None:
            actions["broker"] = lambda: self._restart(self._center.kafka)
        return actions

    def _kill(self, name: str) -> None:
        stage = self._center.stages[name]
        stage.kill()
        stage.start()

    def _kill_between_copy_and_commit(self) -> None:
        """Freeze a writer until the database says that it is in between, then kill it."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            name = self._choice.choice(["writer-1", "writer-2"])
            stage = self._center.stages[name]
            stage.freeze()
            if self._is_between(name):
                stage.kill()
                stage.start()
                return
            stage.thaw()
            time.sleep(self._choice.uniform(0.0, 0.02))
        pytest.fail("no writer was met between COPY and commit in 90 s")

    def _is_between(self, name: str) -> bool:
        """Ask the database, not the writer: its transaction is open and idle, and the last it did was COPY."""
        ports = {c.laddr.port for c in psutil.Process(self._center.stages[name].pid).net_connections("tcp")}
        idle_after_copy = self._center.query(
            "SELECT client_port FROM pg_stat_activity WHERE state = 'idle in transaction' AND query ILIKE 'COPY%'"
        )
        return any(port in ports for (port,) in idle_after_copy)

    def _leave_a_zombie(self) -> None:
        """Freeze a writer until the others have its partitions, let them work, then wake it."""
        name = self._choice.choice(["writer-1", "writer-2"])
        stage = self._center.stages[name]
        stage.freeze()
        try:
            self._wait_until_others_write_everywhere()
        finally:
            stage.thaw()

    def _wait_until_others_write_everywhere(self) -> None:
        sql = "SELECT partition, position FROM realm.worker_position WHERE worker = 'writer' AND topic = 'observations'"
        before = dict(self._center.query(sql))

        def all_moved() -> bool:
            now = dict(self._center.query(sql))
            return len(now) >= len(before) > 0 and all(now[p] != position for p, position in before.items())

        wait_until(all_moved, "the other writer to take over every partition", 240, every_s=0.2)

    def _restart(self, server: PostgresServer | ValkeyServer | KafkaServer | None) -> None:
        assert server is not None
        server.kill()
        time.sleep(self._choice.uniform(0.0, 1.0))
        server.start()


def _wait_until_drained(center: Center, devices: Devices) -> None:
    def drained() -> bool:
        counted = center.query("SELECT sum(received), sum(accepted + quarantined) FROM realm.feed_count")[0]
        return (
            int(str(counted[0] or 0)) >= devices.acknowledged["sent"]
            and counted[0] == counted[1]
            and center.stored() >= len(devices.expected)
        )

    try:
        wait_until(drained, "everything that was sent to arrive", 180, every_s=0.5)
    except AssertionError:
        counted = center.query("SELECT * FROM realm.feed_count")
        pytest.fail(f"sent {devices.acknowledged}, {len(devices.expected)} rows; {center.stored()} stored; {counted}")


def _compare(center: Center, devices: Devices) -> None:
    rows = center.query(
        "SELECT t.thing_id, (extract(epoch FROM o.phenomenon_time) * 1000000)::bigint, o.result"
        " FROM realm.observation o"
        " JOIN center.datastream d ON d.key = o.datastream_id JOIN center.thing t ON t.key = d.thing"
    )
    stored = {(str(thing), int(str(time_us))): float(str(result)) for thing, time_us, result in rows}
    assert len(rows) == len(stored), "a row is there twice"
    lost = devices.expected.keys() - stored.keys()
    assert not lost, f"{len(lost)} of {len(devices.expected)} lost, e.g. {sorted(lost)[:3]}"
    assert all(stored[key] == value for key, value in devices.expected.items())
    received, accepted, quarantined = map(
        int,
        map(str, center.query("SELECT sum(received), sum(accepted), sum(quarantined) FROM realm.feed_count")[0]),
    )
    assert received == accepted + quarantined
    assert received >= devices.acknowledged["sent"]
    standing = center.number("SELECT sum(count) FROM realm.quarantine")
    assert standing == quarantined >= devices.acknowledged["impossible"]
    assert center.number("SELECT count(*) FROM realm.observation_revision") == 0, "a repeat passed for a correction"
