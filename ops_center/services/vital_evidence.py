"""What indicators are made from, out of a process's memory: latest values, open alarms, statistics.

Called by ``vitals``, for who asks, and by ``vital_signs``, which records them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.alarm import Alarm
from ops_center.domain.catalog import Catalog
from ops_center.indicators.evidence import Evidence, Index, OpenAlarm, StatisticValue
from ops_center.indicators.response import Response
from ops_center.services.alarm_watch import AlarmWatch

_ALARMS_AGED_S = 30.0
"""a picture of alarms older than this is none"""


class Indexes:
    """The index of the newest catalog that was asked for: made once for each version."""

    def __init__(self) -> None:
        self._held: Index | None = None

    def of(self, catalog: Catalog, *, by_version: bool = False) -> Index:
        """Return the index of ``catalog``; ``by_version``: catalogs of one version, loaded again, are the same."""
        held = self._held
        same = held is not None and (held.catalog.version == catalog.version if by_version else held.catalog is catalog)
        if held is None or not same:
            held = self._held = Index(catalog)
        return held


def evidence_of(
    index: Index,
    values: tuple[NDArray[Any], NDArray[Any]],
    alarms: Sequence[OpenAlarm] | None,
    statistics: Mapping[tuple[str, str], StatisticValue] | None,
    response: Response | None,
    now_us: int,
) -> Evidence:
    """Return everything of this moment; ``values`` are times and results by datastream key."""
    size = index.catalog.size
    times, results = (_as_long(array, size) for array in values)
    return Evidence(now_us, index, times, results, alarms, statistics, response)


def open_alarms(watch: AlarmWatch | None) -> Sequence[OpenAlarm] | None:
    """Return the open alarms that want somebody; None: the book was not heard of lately."""
    if watch is None or watch.age_s is None or watch.age_s > _ALARMS_AGED_S:
        return None
    return [as_open(alarm) for alarm in watch.picture().alarms if alarm.wants_somebody]


def as_open(alarm: Alarm) -> OpenAlarm:
    """Return what indicators ask of an alarm."""
    return OpenAlarm(
        alarm.id,
        alarm.rule,
        int(alarm.priority),
        alarm.waiting_us,
        alarm.raised_us,
        alarm.district,
        alarm.assigned_department or alarm.department,
        alarm.thing,
    )


def _as_long(array: NDArray[Any], size: int) -> NDArray[Any]:
    """Return an array that has a place for every key: the newest things have not sent anything yet."""
    return array if len(array) >= size else np.concatenate((array, np.zeros(size - len(array), array.dtype)))
