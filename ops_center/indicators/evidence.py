"""What indicators are made from: the latest values, open alarms and statistics of one moment; and for which areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.observations import Float64, Int64
from ops_center.indicators.form import AreaKind

if TYPE_CHECKING:
    from ops_center.indicators.response import Response


class Area(NamedTuple):
    """The city, one of its districts, or one of its departments."""

    kind: AreaKind
    code: str = ""

    @property
    def id(self) -> str:
        """Return it as one word: ``city``, ``district:D01``."""
        return f"{self.kind}:{self.code}" if self.code else self.kind


CITY = Area("city")


def area_of(text: str) -> Area | None:
    """Return the area that ``Area.id`` writes; None: it is none."""
    kind, _, code = text.partition(":")
    if kind == "city" and not code:
        return CITY
    if kind == "district" and code:
        return Area("district", code)
    return Area("department", code) if kind == "department" and code else None


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """What an indicator asks of an open alarm that wants somebody."""

    id: int
    rule: str
    priority: int
    waiting_us: int
    """since when it waits for an acknowledgement; 0: it doesn't"""
    raised_us: int
    district: str
    department: str
    thing: int
    """key; -1: none"""


@dataclass(frozen=True, slots=True)
class StatisticValue:
    """The newest figure of a statistic."""

    name: str
    district: str
    """"" the whole city"""
    period: str
    """``2026-10``, ``2026-Q3``"""
    ended_us: int
    """when its period was over"""
    value: float
    version: int
    source: str
    by: str
    """account"""


class Index:
    """Which datastreams belong to what: arrays by key, made once for each version of the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        size = catalog.size
        words = {name: np.full(size, "", object) for name in ("feed", "kind", "observed", "district", "department")}
        in_use = np.zeros(size, bool)
        for key, stream in catalog.datastreams.items():
            thing = catalog.things.get(stream.thing)
            if thing is None or stream.retired or thing.retired:
                continue
            in_use[key] = True
            words["feed"][key], words["observed"][key], words["kind"][key] = (
                stream.feed,
                stream.observed_property,
                thing.kind,
            )
            words["district"][key], words["department"][key] = thing.district, thing.department
        self.in_use = in_use
        self._codes = {name: np.unique(column.astype(str), return_inverse=True) for name, column in words.items()}
        self._selected: dict[tuple[object, ...], Int64] = {}

    def among(self, column: str, words: Sequence[str]) -> NDArray[np.bool_]:
        """Return by key whether a datastream's word of the column is one of ``words``, bool[size]."""
        known, codes = self._codes[column]
        return np.asarray(np.isin(known, list(words))[codes])

    def streams(
        self, observed: str | None, feeds: Sequence[str] | None, kinds: Sequence[str] | None, area: Area
    ) -> Int64:
        """Return the keys of such datastreams of the area that are in use, ascending, int64[n]."""
        asked = (observed, tuple(feeds or ()), tuple(kinds or ()), area)
        if (found := self._selected.get(asked)) is None:
            mine = self.in_use.copy()
            for column, words in (
                ("observed", None if observed is None else [observed]),
                ("feed", feeds),
                ("kind", kinds),
                (area.kind, [area.code] if area.code else None),
            ):
                if words is not None:
                    mine &= self.among(column, words)
            found = np.flatnonzero(mine).astype(np.int64)
            self._selected[asked] = found
        return found

    @cached_property
    def areas(self) -> Mapping[AreaKind, Sequence[Area]]:
        """Return the areas that things belong to."""
        districts, departments = (
            sorted(set(self._codes[name][0][np.unique(self._codes[name][1][self.in_use])].tolist()) - {""})
            for name in ("district", "department")
        )
        return {
            "city": [CITY],
            "district": [Area("district", str(code)) for code in districts],
            "department": [Area("department", str(code)) for code in departments],
        }


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything of one moment."""

    now_us: int
    index: Index
    time_us: Int64
    """by datastream key; 0: never received. Not shorter than the catalog"""
    result: Float64
    alarms: Sequence[OpenAlarm] | None = None
    """None: not known"""
    statistics: Mapping[tuple[str, str], StatisticValue] | None = None
    """(name, district) → value; None: not known"""
    response: Response | None = None
    """incidents; None: not known"""

    @property
    def catalog(self) -> Catalog:
        """Return the catalog that keys are of."""
        return self.index.catalog

    def thing_of(self, stream: int) -> Thing:
        """Return the thing of a datastream."""
        return self.catalog.things[self.catalog.datastreams[stream].thing]
