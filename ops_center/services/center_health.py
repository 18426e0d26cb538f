"""Measures the center itself and sends that through the log, as a gateway would (``feeds/center_health.py``).

A thread beside the rules worker. What can't be measured now (the database is away) isn't sent: the feed's silence says
so. The free disk is that of the state folder, where a center on one machine keeps its servers; a database elsewhere is
watched by those who run it.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import structlog

from feeds.center_health import EVERY_S, FEED, NAME, worker_name
from ops_center.bus.port import Bus
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.messages import Outgoing
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, Clock
from ops_center.domain.topics import raw
from ops_center.store.port import FeedCount, Store

log = structlog.get_logger(__name__)

_UNITS = {kind.observed_property: kind.unit for kind in FEED.kinds}
_SPEAKS_EACH_S = 5.0
"""a worker that says nothing for longer is as far behind as it was silent"""

Measured = tuple[str, str, str, float]
"""id and kind of the thing, observed property, value"""


class CenterHealth:
    """Measures and sends; ``host`` is this machine's name, ``folder`` lies on the disk that is watched."""

    def __init__(self, store: Store, bus: Bus, folder: Path, host: str, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._folder = folder
        self._host = host
        self._clock = clock
        self._known: set[tuple[str, str]] = set()
        self._counts: Mapping[str, FeedCount] | None = None
        self._failed = False

    def run(self, stop: threading.Event) -> None:
        """Measure and send every ten seconds until ``stop``."""
        while not stop.wait(EVERY_S):
            try:
                self.turn()
            except OpsCenterError as error:
                if not self._failed:
                    log.warning("center_health.cannot_report", why=str(error))
                self._failed = True
            else:
                self._failed = False

    def turn(self) -> int:
        """Measure, register what is new, send the rest; return how much was sent. Raises StoreError, BusError.

        What is new is sent from the next turn on, when intake has heard of it.
        """
        measured = list(self.measure())
        new = [one for one in measured if one[:1] + one[2:3] not in self._known]
        if new:
            self._register(new)
        ready = [one for one in measured if one not in new]
        if ready:
            with closing(self._bus.producer()) as producer:
                producer.send(raw(NAME), [_message(one, self._clock.now_us()) for one in ready])
                producer.flush()
        return len(ready)

    def measure(self) -> Iterator[Measured]:
        """Yield how things are."""
        now_us = self._clock.now_us()
        for pulse in self._store.health.pulses():
            age_s = max(now_us - pulse.at_us, 0) / SECOND_US
            lag_s = max(pulse.lag_s, age_s if age_s > _SPEAKS_EACH_S else 0.0)
            yield f"worker-{pulse.worker}", "center_worker", "worker_lag", lag_s
        before_us, there_us, after_us = self._clock.now_us(), self._store.health.clock_us(), self._clock.now_us()
        off_us = max(before_us - there_us, there_us - after_us, 0)
        yield f"host-{self._host}", "center_host", "clock_offset", off_us / SECOND_US
        disk = shutil.disk_usage(self._folder)
        yield f"host-{self._host}", "center_host", "disk_free", 100.0 * disk.free / disk.total
        if (share := self._quarantined()) is not None:
            yield "intake", "center_intake", "quarantine_share", share

    def _quarantined(self) -> float | None:
        """Return how much of what came since the last turn was refused, per cent; None at the first."""
        counts, before = self._store.health.feed_counts(), self._counts
        self._counts = counts
        if before is None:
            return None
        came = sum(count.received for count in counts.values()) - sum(count.received for count in before.values())
        bad = sum(count.quarantined for count in counts.values()) - sum(count.quarantined for count in before.values())
        return min(100.0 * max(bad, 0) / came, 100.0) if came > 0 else 0.0

    def _register(self, new: list[Measured]) -> None:
        longitude, latitude = _middle(self._store)
        names = {thing_id: kind for thing_id, kind, _, _ in new}
        things = [
            Thing(-1, NAME, thing_id, kind, NAME, _name(thing_id, kind), longitude, latitude)
            for thing_id, kind in names.items()
        ]
        streams = [
            (NAME, thing_id, Datastream(-1, -1, observed, _UNITS[observed], NAME, EVERY_S))
            for thing_id, _, observed, _ in new
        ]
        self._store.catalog.register(things, streams, "center health", only_new=True)
        self._known |= {(thing_id, observed) for thing_id, _, observed, _ in new}


def _message(one: Measured, now_us: int) -> Outgoing:
    thing_id, _, observed, value = one
    body = {"v": 1, "t": now_us, "things": [thing_id], observed: [round(value, 3)]}
    return Outgoing(thing_id.encode(), json.dumps(body).encode(), 1)


def _name(thing_id: str, kind: str) -> Label:
    what = thing_id.partition("-")[2]
    if kind == "center_worker":
        return worker_name(what)
    label = FEED.thing_kinds[kind]
    return Label(f"{label.zh} {what}".strip(), f"{label.en} {what}".strip())


def _middle(store: Store) -> tuple[float, float]:
    """Return a place for what has none: where the things of the city are on average."""
    things = [thing for thing in store.catalog.load().things.values() if thing.feed != NAME]
    if not things:
        return 0.0, 0.0
    return sum(t.longitude for t in things) / len(things), sum(t.latitude for t in things) / len(things)
