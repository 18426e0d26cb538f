"""Sends a real series of the past through the same topics as live devices do, at any speed, re-timed onto the clock.

Called by ``run.py replay`` in the realm ``replay``. The series begins now: what was measured k seconds after its
first time is said to have been measured k / speed seconds after the start, and is sent when its interval is over.
Things whose places the source doesn't know are placed by a rule that they carry as an attribute.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
import shapely
import structlog

from feeds.replay import SOURCES, Series
from ops_center.bus.port import Bus, Producer
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.errors import BusError, ConfigurationError
from ops_center.domain.messages import Outgoing
from ops_center.domain.observations import Float64
from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, Clock, to_datetime
from ops_center.domain.topics import raw
from ops_center.store.port import CatalogStore

log = structlog.get_logger(__name__)

_PER_MESSAGE = 100
_PAUSE_S = 0.2
_RETRY_S = 1.0
_RING = 0.3
"""stations without places stand on a ring of this part of the city's bounds"""
_MOST_ROWS_AT_ONCE = 500
"""of the series, so that a replay at the highest speed still flushes and can be stopped"""


def read_series(name: str, folder: Path | None) -> Series:
    """Return a series of SOURCES; ConfigurationError says what is missing."""
    if name not in SOURCES:
        raise ConfigurationError(f"no series {name!r}; there are {', '.join(SOURCES)}")
    if folder is None:
        raise ConfigurationError(f"OPS_TRIAL_DATA: the folder with {SOURCES[name].path} is not set")
    path = folder / SOURCES[name].path
    try:
        return SOURCES[name].read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"OPS_TRIAL_DATA: {path} can't be read: {error}") from error


def replay_series(
    series: Series,
    bus: Bus,
    catalog: CatalogStore,
    pack: CityPack,
    clock: Clock,
    speed: float,
    stop: threading.Event,
) -> int:
    """Register the series' things, send all of it and return how many observations were sent.

    Ends with the series or with ``stop``; a log that is away is waited for. Raises CatalogError, StoreUnavailable.
    """
    things, datastreams = entries_of(series, pack, speed)
    catalog.register(things, datastreams, f"replay of {series.name}")
    replay = Replay(series, clock.now_us(), speed)
    producer = bus.producer()
    log.info("replay.started", series=series.name, speed=speed, attribution=series.attribution)
    while not (stop.is_set() or replay.is_over):
        replay.send_due(producer, clock.now_us(), stop)
        stop.wait(_PAUSE_S)
    producer.close()
    log.info("replay.ended", series=series.name, sent=replay.sent)
    return replay.sent


class Replay:
    """One run through a series."""

    def __init__(self, series: Series, start_us: int, speed: float) -> None:
        if not speed > 0:
            raise ConfigurationError(f"speed {speed}: more than 0 is wanted")
        self._series = series
        self._topic = raw(series.feed)
        since = series.time_us - series.time_us[0]
        self.time_us = start_us + np.round(since / speed).astype(np.int64)
        """when each row begins on the realm's clock, int64[n]"""
        self._ready_us = start_us + np.round((since + series.interval_us) / speed).astype(np.int64)
        self._next = 0
        self.sent = 0
        """observations that the log has taken"""

    @property
    def is_over(self) -> bool:
        """Return whether all of the series was sent."""
        return self._next >= len(self.time_us)

    def send_due(self, producer: Producer, now_us: int, stop: threading.Event) -> int:
        """Send what is due at ``now_us`` and return how many observations that was."""
        before = self.sent
        while not stop.is_set() and self._next < (due := int(np.searchsorted(self._ready_us, now_us, side="right"))):
            last = min(due, self._next + _MOST_ROWS_AT_ONCE)
            records = [record for row in range(self._next, last) for record in self._messages(row)]
            if not self._taken(producer, records):
                stop.wait(_RETRY_S)
                continue
            self.sent += sum(record.count for record in records)
            self._next = last
        return self.sent - before

    def _taken(self, producer: Producer, records: list[Outgoing]) -> bool:
        """Return whether the log took them; repeats after a half success are recognised by the store."""
        try:
            producer.send(self._topic, records)
            producer.flush()
        except BusError as error:
            if not error.retriable:
                raise
            log.warning("replay.waiting", error=str(error))
            return False
        return True

    def _messages(self, row: int) -> Iterator[Outgoing]:
        """Yield the messages of one row: one per property and hundred things, without the gaps."""
        series = self._series
        for column in series.columns:
            values = series.values[column.observed_property][row]
            for first in range(0, len(values), _PER_MESSAGE):
                there = first + np.flatnonzero(np.isfinite(values[first : first + _PER_MESSAGE]))
                if len(there):
                    body = {
                        "v": 1,
                        "producer": series.producer,
                        "t": int(self.time_us[row]),
                        "things": [series.thing_ids[number] for number in there],
                        column.observed_property: values[there].tolist(),
                    }
                    # All of a hundred things go to one partition, whatever the property: their order is kept.
                    key = f"{series.producer}-{first // _PER_MESSAGE}".encode()
                    yield Outgoing(key, orjson.dumps(body), len(there))


def entries_of(series: Series, pack: CityPack, speed: float) -> tuple[list[Thing], list[tuple[str, str, Datastream]]]:
    """Return the things of a series, placed, and their datastreams: arguments of ``register``."""
    longitude, latitude, rule = _places(series, pack)
    attributes = {
        "attribution": series.attribution,
        "placed_by_rule": rule,
        "replay_speed": speed,
        "source_start": to_datetime(int(series.time_us[0])).isoformat(),
    }
    things = [
        Thing(
            -1, series.producer, thing_id, series.thing_kind, series.feed, _label(series, thing_id),
            float(longitude[number]), float(latitude[number]), attributes=attributes,
        )
        for number, thing_id in enumerate(series.thing_ids)
    ]  # fmt: skip
    interval_s = series.interval_us / SECOND_US / speed
    datastreams = [
        (
            series.producer,
            thing_id,
            Datastream(-1, -1, column.observed_property, column.unit, series.feed, interval_s, series.time_kind),
        )
        for thing_id in series.thing_ids
        for column in series.columns
    ]
    return things, datastreams


def _label(series: Series, thing_id: str) -> Label:
    return Label(f"{series.label.zh} {thing_id}", f"{series.label.en}: {thing_id}")


def _places(series: Series, pack: CityPack) -> tuple[Float64, Float64, str]:
    """Return made-up places for things whose source gives none, and the rule by which they were made."""
    count = len(series.thing_ids)
    roads = pack.features("roads")
    main = roads[roads["class"].isin(["expressway", "arterial"])].sort_values("road_id")
    if series.thing_kind == "traffic_sensor" and len(main):
        chosen = main.iloc[np.linspace(0, len(main) - 1, count).astype(int)]
        middle = shapely.line_interpolate_point(np.asarray(chosen.geometry), 0.5, normalized=True)
        return shapely.get_x(middle), shapely.get_y(middle), "middle of every k-th main road by road id"
    bounds = pack.manifest.bounds
    angle = 2.0 * np.pi * np.arange(count) / max(count, 1)
    longitude = bounds.centre[0] + _RING * (bounds.east - bounds.west) * np.sin(angle)
    latitude = bounds.centre[1] + _RING * (bounds.north - bounds.south) * np.cos(angle)
    return longitude, latitude, "evenly on a ring around the city's centre, by name"
