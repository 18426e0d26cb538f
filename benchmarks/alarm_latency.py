"""How soon an alarm is seen: from before an observation is sent to its line in the journal and to a browser's frame.

The whole center runs as processes (Redis Streams, as on one machine), with 10,000 observations a second arriving, 100
to a message, all of which one rule judges. A probe is a sensor of its own that sends one value beyond that rule's
limit, at an irregular moment. The journal is asked every few milliseconds for what is new and committed; a WebSocket
client that subscribes to alarms notes when a frame brings the probe's. Called by ``bench_alarms``.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import msgspec
import numpy as np
from websockets.exceptions import ConnectionClosed

from benchmarks import ingest_load
from benchmarks.center import ROOT, Servers, fresh_servers, program_token, running_stages, wait_until
from benchmarks.ingest_latency import connected_to, percentiles, steady_load
from benchmarks.ingest_load import FEED, PROPERTY
from benchmarks.ingest_progress import connected
from ops_center import bootstrap
from ops_center.bus.port import Bus
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.messages import Outgoing
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.domain.topics import raw
from ops_center.embedded.ports import LOOPBACK, free_port
from ops_center.services.rules import Refused, RuleDesk
from ops_center.settings import Settings

Report = Callable[[float, str], None]

STAGES = ("web", "live", "book", "rules", "writer", "intake")
MOST_PROBES = 2_000
_PROBE_EVERY_S = 0.05
_POLL_S = 0.003
_WARM_UP_S = 2.0
_LIMIT_S = 60.0
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
            wait_until(probes.have_arrived, "the last probe's alarm", _LIMIT_S)
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


class Probes:
    """Sends probes and notes when each is in the journal and when it is seen. Times are of ``perf_counter``."""

    def __init__(self, settings: Settings, bus: Bus) -> None:
        self._producer = bus.producer()
        self._sent: list[float] = []
        self._journal: dict[int, float] = {}
        """key of a thing → when its line was found"""
        self._seen: dict[int, float] = {}
        self._stop = threading.Event()
        with closing(bootstrap.make_store(settings)) as store:
            keys = store.catalog.load().thing_keys[FEED]
        self._keys = [keys[_name(number)] for number in range(MOST_PROBES)]
        self._database = connected(settings)
        self._client = connected_to(f"ws://{LOOPBACK}:{settings.web_port}/live", program_token(settings))
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._poll, self._listen)]

    def __enter__(self) -> Probes:
        self._client.send(json.dumps({"subscribe": {"layers": [], "alarms": True}}))
        for thread in self._threads:
            thread.start()
        self._send()
        wait_until(self.have_arrived, "the first probe's alarm", _LIMIT_S)
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._client.close()
        for thread in self._threads:
            thread.join(5)
        self._database.close()
        self._producer.close()

    def send_for(self, seconds: float) -> int:
        """Send probes at irregular moments; return the number of the first."""
        first, until_s = len(self._sent), time.perf_counter() + seconds
        while time.perf_counter() < until_s and len(self._sent) < MOST_PROBES:
            self._send()
            # Irregular: a beat of its own would meet those of the stages always at the same phase.
            time.sleep(random.uniform(0.5, 1.5) * _PROBE_EVERY_S)  # noqa: S311 - a pause, not a secret
        return first

    def have_arrived(self) -> bool:
        """Return whether all probes are in the journal and were seen."""
        wanted = set(self._keys[: len(self._sent)])
        return wanted <= self._journal.keys() and wanted <= self._seen.keys()

    def figures(self, first: int) -> dict[str, Any]:
        """Return the percentiles of the probes from ``first`` on."""
        keys, sent_s = self._keys[first : len(self._sent)], np.array(self._sent[first:])
        return {
            "journal_ms": percentiles(np.array([self._journal[key] for key in keys]) - sent_s),
            "screen_ms": percentiles(np.array([self._seen[key] for key in keys]) - sent_s),
            "latency_probes": len(keys),
        }

    def _send(self) -> None:
        name = _name(len(self._sent))
        body = {"v": 1, "t": SystemClock().now_us(), "things": [name], PROPERTY: [_BEYOND]}
        self._sent.append(time.perf_counter())
        self._producer.send(raw(FEED), [Outgoing(name.encode(), msgspec.json.encode(body))])
        self._producer.flush()

    def _poll(self) -> None:
        sql = """SELECT j.id, a.thing FROM alarm_journal j JOIN alarm a ON a.id = j.alarm
                 WHERE j.id > %s AND j.act = 'raised' ORDER BY j.id"""
        last = 0
        while not self._stop.wait(_POLL_S):
            rows = self._database.execute(sql, (last,)).fetchall()
            found_s = time.perf_counter()
            for number, thing in rows:
                last = number
                self._journal.setdefault(thing, found_s)

    def _listen(self) -> None:
        try:
            for frame in self._client:
                arrived_s = time.perf_counter()
                if isinstance(frame, str):
                    for row in json.loads(frame)["alarms"]["set"]:
                        self._seen.setdefault(row["thing"], arrived_s)
        except ConnectionClosed:
            return  # by us, at the end
