"""How soon an alarm is seen: from before an observation is sent to its line in the journal and to a browser's frame.

The whole center runs as processes (Redis Streams, as on one machine), with 10,000 observations a second arriving, 100
to a message, all of which one rule judges. A probe is a sensor of its own that sends one value beyond that rule's
limit, at an irregular moment. The journal is asked every few milliseconds for what is new and committed; a WebSocket
client that subscribes to alarms notes when a frame brings the probe's. Called by ``bench_alarms``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, ClassVar

import msgspec
import numpy as np

from benchmarks import ingest_load
from benchmarks.center import ROOT, Servers, fresh_servers, running_stages, wait_until
from benchmarks.ingest_latency import steady_load
from benchmarks.ingest_load import FEED, PROPERTY
from benchmarks.probes import LIMIT_S, Probing, percentiles
from ops_center import bootstrap
from ops_center.bus.port import Bus
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.messages import Outgoing
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.domain.topics import raw
from ops_center.embedded.ports import free_port
from ops_center.services.rules import Refused, RuleDesk
from ops_center.settings import Settings

Report = Callable[[float, str], None]

STAGES = ("web", "live", "book", "rules", "writer", "intake")
MOST_PROBES = 2_000
_WARM_UP_S = 2.0
_BEYOND = 3.0
"""km/h; the load is never below 20"""
_WORDS = {"zh": "测", "en": "probe"}
_RULE = {
    "name": "probe_slow",
    "type": "threshold",
    "label": _WORDS,
    "source": _WORDS,
    "scope": {"feed": FEED, "observed_property": PROPERTY},
    "parameters": {"unit": "km/h", "below": 10},
    "priority": {"consequence": "major", "respond_min": 10},
    "texts": dict.fromkeys(("cause", "consequence", "operator_action", "department"), _WORDS),
}


def latency(seconds: float, report: Report) -> Mapping[str, Any]:
    """Return ``journal_ms`` and ``screen_ms``, percentiles over the probes of about half of ``seconds``."""
    report(0.0, "starting servers")
    with fresh_servers(kafka=False) as servers:
        settings = servers.settings("redis", Realm.SIMULATED, web_port=free_port())
        _prepare(settings, servers)
        report(0.4, "10,000 observations a second, and probes")
        with (
            running_stages(settings, STAGES, servers.folder / "stages.log"),
            bootstrap.make_bus(settings) as bus,
            steady_load(bus) as sent,
            Probes(settings, bus) as probes,
        ):
            probes.send_for(_WARM_UP_S)
            sent_before, began_s = sent[0], time.perf_counter()
            first = probes.send_for(max(seconds / 2, 5.0))
            rate = (sent[0] - sent_before) / (time.perf_counter() - began_s)
            wait_until(probes.have_arrived, "the last probe's alarm", LIMIT_S)
            return {**probes.figures(first), "latency_observations_per_s": round(rate)}


def _prepare(settings: Settings, servers: Servers) -> None:
    """Bring the database up, make the small city that the web process shows, register what sends, and the rule."""
    command = [sys.executable, str(ROOT / "run.py"), "city", "make", "--things", "500", str(settings.pack_folder)]
    with (servers.folder / "city.log").open("ab") as log:
        subprocess.run(command, stdout=log, stderr=log, check=True)
    bootstrap.migrate_database(settings)
    ingest_load.register(settings)
    names = [_name(number) for number in range(MOST_PROBES)]
    things = [Thing(-1, FEED, name, "traffic_sensor", FEED, Label(name, name), 118.7, 32.0) for name in names]
    streams = [(FEED, name, Datastream(-1, -1, PROPERTY, "km/h", FEED, 10.0)) for name in names]
    with closing(bootstrap.make_store(settings)) as store:
        store.catalog.register(things, streams, "bench")
        saved = RuleDesk(store, SystemClock()).save(Asker("bench"), _RULE, 0, "bench")
        assert not isinstance(saved, Refused), saved


def _name(number: int) -> str:
    return f"PROBE{number:05d}"


class Probes(Probing):
    """Sensors of their own, each of which sends one value beyond the rule's limit."""

    subscription: ClassVar[Mapping[str, Any]] = {"layers": [], "alarms": True}
    most: ClassVar[int] = MOST_PROBES

    def __init__(self, settings: Settings, bus: Bus) -> None:
        self._journal: dict[int, float] = {}
        """key of a thing → when its line was found"""
        self._seen: dict[int, float] = {}
        self._last = 0
        with closing(bootstrap.make_store(settings)) as store:
            keys = store.catalog.load().thing_keys[FEED]
        self._keys = [keys[_name(number)] for number in range(MOST_PROBES)]
        super().__init__(settings, bus)

    def message(self, number: int) -> tuple[str, Outgoing]:
        """Return the topic and the message of a probe."""
        name = _name(number)
        body = {"v": 1, "t": SystemClock().now_us(), "things": [name], PROPERTY: [_BEYOND]}
        return raw(FEED), Outgoing(name.encode(), msgspec.json.encode(body))

    def have_arrived(self) -> bool:
        """Return whether all probes are in the journal and were seen."""
        wanted = set(self._keys[: len(self.sent_s)])
        return wanted <= self._journal.keys() and wanted <= self._seen.keys()

    def figures(self, first: int) -> dict[str, Any]:
        """Return the percentiles of the probes from ``first`` on."""
        keys, sent_s = self._keys[first : len(self.sent_s)], np.array(self.sent_s[first:])
        return {
            "journal_ms": percentiles(np.array([self._journal[key] for key in keys]) - sent_s),
            "screen_ms": percentiles(np.array([self._seen[key] for key in keys]) - sent_s),
            "latency_probes": len(keys),
        }

    def look(self) -> None:
        """Note the lines of the journal that are new."""
        sql = """SELECT j.id, a.thing FROM alarm_journal j JOIN alarm a ON a.id = j.alarm
                 WHERE j.id > %s AND j.act = 'raised' ORDER BY j.id"""
        rows = self.database.execute(sql, (self._last,)).fetchall()
        found_s = time.perf_counter()
        for number, thing in rows:
            self._last = number
            self._journal.setdefault(thing, found_s)

    def heard(self, frame: str | bytes, arrived_s: float) -> None:
        """Note the alarms that a frame brings."""
        if isinstance(frame, str):
            for row in json.loads(frame)["alarms"]["set"]:
                self._seen.setdefault(row["thing"], arrived_s)
