"""How every thing is, from its latest values: one word for each, the worst that holds; pure, in arrays by thing key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from alerts.alarm import Alarm
from layers.contract import LiveFrame
from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Int64, Quality
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US

STATES: Mapping[str, Label] = {
    "alarm": Label("报警中", "in alarm"),
    "odd": Label("数值存疑", "odd value"),
    "aged": Label("数据陈旧", "aged"),
    "silent": Label("从未收到", "never received"),
    "good": Label("正常", "normal"),
}
"""worst first; a thing's state is the first that holds"""
ORDER = tuple(STATES)
FIX_LIFETIME_US = MINUTE_US
"""a vehicle's place is aged after a minute, as on the map (``layers/vehicles.py``)"""
_ODD = Quality.OUT_OF_RANGE | Quality.STUCK | Quality.JUMP | Quality.SUSPECT

Codes = NDArray[np.uint8]


def states_of(frame: LiveFrame, alarms: Iterable[Alarm]) -> Codes:
    """Return each thing's state as an index into ``ORDER``, uint8 by thing key; good where nothing is expected."""
    catalog = frame.catalog
    size = max(catalog.things, default=-1) + 1
    newest, odd, expected = _received(frame, size)
    states = np.full(size, ORDER.index("good"), np.uint8)
    states[expected & (newest == 0)] = ORDER.index("silent")
    aged = _aged(frame, size)
    states[aged] = ORDER.index("aged")
    states[odd & ~aged] = ORDER.index("odd")
    for alarm in alarms:
        if 0 <= alarm.thing < size:
            states[alarm.thing] = ORDER.index("alarm")
    return states


def places_of(frame: LiveFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return longitude and latitude of every thing by key, where it is now; NaN where there is none."""
    catalog = frame.catalog
    size = max(catalog.things, default=-1) + 1
    longitude, latitude = np.full(size, np.nan), np.full(size, np.nan)
    for thing in catalog.things.values():
        longitude[thing.key], latitude[thing.key] = thing.longitude, thing.latitude
    known = frame.position_thing < size
    moving = frame.position_thing[known]
    longitude[moving], latitude[moving] = frame.longitude[known], frame.latitude[known]
    return longitude, latitude


def _received(frame: LiveFrame, size: int) -> tuple[Int64, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return by thing: time of its newest value or fix, whether a current value is odd, whether any is expected."""
    newest, odd, expected = np.zeros(size, np.int64), np.zeros(size, bool), np.zeros(size, bool)
    keys = _streams(frame.catalog)
    owners = frame.catalog.thing_of[keys]
    expected[owners] = True
    keys, owners = keys[keys < len(frame.time_us)], owners[keys < len(frame.time_us)]
    np.maximum.at(newest, owners, frame.time_us[keys])
    current = frame.now_us - frame.time_us[keys] <= frame.catalog.lifetime_us[keys]
    odd[owners[current & ((frame.quality[keys] & int(_ODD)) != 0)]] = True
    known = frame.position_thing < size
    moving = frame.position_thing[known]
    expected[moving] = True
    np.maximum.at(newest, moving, frame.position_time_us[known])
    for thing in frame.catalog.things.values():
        expected[thing.key] |= thing.feed == "vehicles"
    return newest, odd, expected


def _aged(frame: LiveFrame, size: int) -> NDArray[np.bool_]:
    """Return which things were heard, and of which nothing that was heard counts any more."""
    heard, current = np.zeros(size, bool), np.zeros(size, bool)
    keys = _streams(frame.catalog)
    keys = keys[keys < len(frame.time_us)]
    owners, time_us = frame.catalog.thing_of[keys], frame.time_us[keys]
    heard[owners[time_us > 0]] = True
    current[owners[(time_us > 0) & (frame.now_us - time_us <= frame.catalog.lifetime_us[keys])]] = True
    known = frame.position_thing < size
    moving, fixed_us = frame.position_thing[known], frame.position_time_us[known]
    heard[moving] = True
    current[moving[frame.now_us - fixed_us <= FIX_LIFETIME_US]] = True
    return heard & ~current


def _streams(catalog: Catalog) -> NDArray[np.int32]:
    return np.array([key for key, stream in catalog.datastreams.items() if not stream.retired], np.int32)
