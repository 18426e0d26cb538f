"""The past of vital signs, through the formulas of the present: from incidents and the hourly figures of history.

Called by ``run.py city history`` behind the figures themselves. What is made of neither has no past.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ops_center.domain.catalog import Catalog
from ops_center.domain.observations import Float64, Int64, Quality
from ops_center.domain.role_words import Names
from ops_center.domain.time import DAY_US, HOUR_US
from ops_center.indicators.evidence import Area, Index
from ops_center.indicators.loading import Tree
from ops_center.indicators.past import PastOf, past_of
from ops_center.indicators.reading import FIGURES
from ops_center.services.response import read_response
from ops_center.services.vital_things import things_of
from ops_center.services.vitals import FEED, KNOWN, SCORE, VALUE, thing_id
from ops_center.store.port import HistoryStore, RollupRows, Store

PAST_DAYS = 400


def write_past(tree: Tree, store: Store, names: Names, now_us: int) -> int:
    """Register and write the past of every area; return how many rows were new. Nothing is done twice."""
    catalog = store.catalog.load()
    hours = np.arange((now_us - PAST_DAYS * DAY_US) // HOUR_US, now_us // HOUR_US) * HOUR_US
    figures = _Figures(store.history, catalog, hours)
    response = read_response(store.incidents, now_us - (PAST_DAYS + 31) * DAY_US, now_us)
    pasts: dict[Area, Mapping[str, PastOf]] = {}
    for some in Index(catalog).areas.values():
        for area in some:
            if found := past_of(tree, area, hours, figures.of, response):
                pasts[area] = found
    wanted = [(name, area) for area, found in pasts.items() for name in found]
    if not wanted:
        return 0
    store.catalog.register(*things_of(tree, wanted, catalog, names), "vital signs", only_new=False)
    known = store.catalog.load()
    return sum(store.history.backfill("1h", rows) for rows in _rows(pasts, hours, known))


class _Figures:
    """Hourly means of figures on the grid, each read once."""

    def __init__(self, history: HistoryStore, catalog: Catalog, hours: Int64) -> None:
        self._history, self._catalog, self._hours = history, catalog, hours
        self._read: dict[int, Float64] = {}

    def of(self, subject: str, observed: str) -> Float64 | None:
        """Return the means, NaN where nothing is known; None: there is no such series."""
        key = self._catalog.datastream_keys(FIGURES, observed).get(subject)
        if key is None:
            return None
        if key not in self._read:
            first, last = int(self._hours[0]), int(self._hours[-1])
            found = self._history.series(key, first, last + HOUR_US, "1h")
            values = np.full(len(self._hours), np.nan)
            values[(found.time_us - first) // HOUR_US] = found.mean
            self._read[key] = values
        return self._read[key]


def _rows(pasts: Mapping[Area, Mapping[str, PastOf]], hours: Int64, catalog: Catalog) -> Iterator[RollupRows]:
    """Yield the rows of one indicator of one area at a time."""
    for area, found in pasts.items():
        for name, past in found.items():
            columns = {VALUE: past.value, SCORE: past.score, KNOWN: 100.0 * past.known}
            for observed, values in columns.items():
                key = catalog.datastream_keys(FEED, observed).get(thing_id(name, area))
                there = np.isfinite(values) & np.isfinite(past.score)
                if key is not None and there.any():
                    yield _series(key, hours[there], values[there])


def _series(key: int, hours: Int64, values: Float64) -> RollupRows:
    size = len(hours)
    return RollupRows(
        np.full(size, key, np.int32),
        hours,
        values,
        values,
        values,
        np.full(size, 60, np.int64),
        np.full(size, int(Quality.SIMULATED), np.uint8),
    )
