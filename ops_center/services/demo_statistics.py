"""Statistics of the demo city, so that its economy can be looked at: simulated, and said to be.

Called by ``run.py city history``, which real cities never run. A function of the city's seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from ops_center.domain.time import in_zone
from ops_center.indicators.form import StatisticForm
from ops_center.indicators.loading import Tree
from ops_center.indicators.statistics import Entered, end_of
from ops_center.store.port import StatisticStore

SOURCE = "模拟数据 simulated data"
_USUAL = {
    "hotline_on_time": (96.4, 0.8),
    "gdp_growth": (5.2, 0.2),
    "industry_growth": (5.6, 0.7),
    "unemployment": (5.1, 0.1),
    "cpi": (0.9, 0.3),
}
"""name → where it lies and by how much it moves from period to period"""
_MONTHS = 26


def write_statistics(store: StatisticStore, tree: Tree, seed: int, zone: str, now_us: int) -> int:
    """Keep two years of every statistic of the shipped tree; return how many were new. Nothing is done twice."""
    entered = [
        one for name, form in tree.statistics.items() if name in _USUAL for one in _figures(form, seed, zone, now_us)
    ]
    return store.add(entered, "system", now_us, None) if entered else 0


def _figures(form: StatisticForm, seed: int, zone: str, now_us: int) -> Iterator[Entered]:
    level, step = _USUAL[form.name]
    chance = np.random.default_rng([seed, *form.name.encode()])
    off = 0.0
    for period in _periods(form.period, in_zone(now_us, zone)):
        off = 0.7 * off + float(chance.normal(0.0, step))
        ended_us = end_of(period, form.period, zone)
        if ended_us is not None and ended_us <= now_us:
            value = round(min(max(level + off, form.possible[0]), form.possible[1]), 1)
            yield Entered(form.name, "", period, ended_us, value, SOURCE)


def _periods(kind: str, now: datetime) -> list[str]:
    months = [divmod(now.year * 12 + now.month - 1 - back, 12) for back in range(_MONTHS, 0, -1)]
    if kind == "month":
        return [f"{year}-{month + 1:02d}" for year, month in months]
    return [f"{year}-Q{month // 3 + 1}" for year, month in months if month % 3 == 2] if kind == "quarter" else []
