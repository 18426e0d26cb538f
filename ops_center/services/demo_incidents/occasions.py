"""Which incidents the demo city had: cause, place, time of the year and of the day, level; from seed and day; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
from numpy.random import Generator

from ops_center.domain.time import DAY_US, from_datetime, in_zone
from ops_center.domain.words import Words
from ops_center.incidents.incident import Level
from ops_center.services.demo_incidents.form import Cause, Kind, kinds
from ops_center.services.demo_incidents.spots import Ground, Spot

YEAR_DAYS = 364
_YOUNGEST_DAYS = 6
"""the youngest whose day is drawn: by then the longest is closed"""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that happened."""

    key: str
    """``burst_main-03``: the same at every start"""
    kind: Kind
    cause: Cause
    lesson: Words
    level: Level
    occurred_us: int
    spot: Spot


def occasions(ground: Ground, seed: int, now_us: int) -> list[Occasion]:
    """Return what happened in the year before ``now_us``, the oldest first. Raises CityPackError."""
    found = [one for kind in kinds() for one in _of_kind(kind, ground, seed, now_us)]
    return sorted(found, key=lambda one: one.occurred_us)


def generator(seed: int, key: str) -> Generator:
    """Return the chance of one occasion: it depends on no other."""
    return np.random.default_rng([seed, *key.encode()])


def _of_kind(kind: Kind, ground: Ground, seed: int, now_us: int) -> Iterator[Occasion]:
    left = [(cause, words) for turn in range(kind.count) for cause in kind.causes for words in cause.lessons[turn:][:1]]
    for number in range(kind.count if kind.lead in ground.organisations else 0):
        key = f"{kind.plan}-{number + 1:02d}"
        chance = generator(seed, key)
        spot = ground.spot(kind.where, chance)
        if spot is None:
            return
        occurred_us = _when(kind, number, ground.zone, now_us, chance)
        cause, lesson = _fitting(left, in_zone(occurred_us, ground.zone).month)
        left.remove((cause, lesson))
        level = Level(int(_drawn(chance, kind.levels)))
        yield Occasion(key, kind, cause, lesson, level, occurred_us, spot)


def _fitting(left: Sequence[tuple[Cause, Words]], month: int) -> tuple[Cause, Words]:
    """Return the first that happens in a month, what happens in few of them first: nothing is told twice."""
    fits = [one for one in left if month in one[0].months] or [one for one in left if not one[0].months]
    return (fits or left)[0]


def _when(kind: Kind, number: int, zone: str, now_us: int, chance: Generator) -> int:
    hours = {hour: weight for begin, end, weight in kind.hours for hour in range(begin, end)}
    if number < len(kind.recent_days):
        day = in_zone(now_us - round(kind.recent_days[number] * DAY_US), zone)
    else:
        today = in_zone(now_us, zone)
        days = [today - timedelta(days=back) for back in range(_YOUNGEST_DAYS, YEAR_DAYS)]
        day = days[int(_drawn(chance, {place: kind.months[one.month - 1] for place, one in enumerate(days)}))]
    hour = int(_drawn(chance, hours))
    begun = datetime.combine(day.date(), time(hour, int(chance.integers(60)), int(chance.integers(60))), day.tzinfo)
    return from_datetime(begun)


def _drawn(chance: Generator, weights: Mapping[int, float]) -> int:
    """Return one of the keys, each as likely as its weight says."""
    keys, shares = list(weights), np.array(list(weights.values()), float)
    return int(chance.choice(keys, p=shares / shares.sum()))
