"""What really happens in the city and when: the chosen scenario, told again and again, and the everyday.

Made from (pack, seed, start, scenario) alone, so that everybody who asks hears the same: models react to it,
cameras see it, and alarms are later judged by it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np

from ops_center.city.pack import CityPack
from ops_center.domain.time import HOUR_US, SECOND_US
from ops_center.world.occurrences import Kind, Occurrence
from ops_center.world.scenario import Beat, Scenario, Where
from ops_center.world.sites import Sites

EVERYDAY_PER_HOUR: Mapping[Kind, float] = {
    "stopped_vehicle": 4.0,
    "crash": 0.5,
    "crowd": 2.0,
    "illegal_dumping": 1.0,
    "intrusion": 0.7,
    "wrong_way": 0.5,
}
"""how often each happens in a city of 5,000 things; more in a larger one, in proportion to its roads"""
_ROADS_OF_5000_THINGS = 3000
_MOST_AT_ONCE = 40.0
"""no city has more everyday occurrences per hour and kind: screens and stories stay readable at any size"""
_EVERYDAY: Mapping[Kind, tuple[Where, float, float, float]] = {
    "stopped_vehicle": ("arterial", 240, 900, 0.35),
    "crash": ("expressway", 600, 1800, 0.6),
    "crowd": ("arterial", 900, 2400, 80.0),
    "illegal_dumping": ("arterial", 300, 900, 3.0),
    "intrusion": ("arterial", 60, 300, 1.0),
    "wrong_way": ("arterial", 20, 60, 1.0),
}
"""kind → where, least and greatest duration in seconds, magnitude"""
_RADIUS_M: Mapping[Kind, float] = {"crowd": 150.0}
_LONGEST_US = HOUR_US
"""no everyday occurrence lasts longer: what began before the last hour is over"""


class Story:
    """All occurrences of one world."""

    def __init__(self, pack: CityPack, seed: int, start_us: int, scenario: Scenario) -> None:
        self.scenario = scenario
        self.start_us = start_us
        self._seed = seed
        self._sites = Sites(pack)
        self._scale = max(len(pack.table("roads")) / _ROADS_OF_5000_THINGS, 0.3)
        self._telling = lru_cache(maxsize=4)(self._tell)
        self._hour = lru_cache(maxsize=8)(self._live_an_hour)

    def active(self, now_us: int, *kinds: Kind) -> tuple[Occurrence, ...]:
        """Return what happens at ``now_us``, of these kinds or of all, in the order of its beginning."""
        return tuple(
            occurrence
            for occurrence in self._around(now_us)
            if occurrence.start_us <= now_us < occurrence.end_us and (not kinds or occurrence.kind in kinds)
        )

    def between(self, start_us: int, end_us: int) -> tuple[Occurrence, ...]:
        """Return what happens at some time in [start, end), in the order of its beginning."""
        steps = range(start_us, end_us + HOUR_US, HOUR_US)
        known = {occurrence.occurrence_id: occurrence for time_us in steps for occurrence in self._around(time_us)}
        chosen = (item for item in known.values() if item.start_us < end_us and item.end_us > start_us)
        return tuple(sorted(chosen, key=lambda item: (item.start_us, item.occurrence_id)))

    def _around(self, now_us: int) -> Iterator[Occurrence]:
        """Return everything that can be under way at ``now_us``."""
        if now_us < self.start_us:
            return
        period_us = round(self.scenario.period_s * SECOND_US)
        cycle = (now_us - self.start_us) // period_us
        for number in range(max(cycle - 1, 0), cycle + 1):
            yield from self._telling(number)
        hour = now_us // HOUR_US
        yield from self._hour(hour - 1)
        yield from self._hour(hour)

    def _tell(self, cycle: int) -> tuple[Occurrence, ...]:
        """Return the story's occurrences when it is told for the ``cycle``-th time."""
        if not self.scenario.beats:
            return ()
        began_us = self.start_us + round(cycle * self.scenario.period_s * SECOND_US)
        site = self._sites.choose(self.scenario.where, self._chance(self.scenario.name, began_us // SECOND_US))

        def occurrence(number: int, beat: Beat) -> Occurrence:
            start_us = began_us + round(beat.after_s * SECOND_US)
            return Occurrence(
                f"{self.scenario.name}-{began_us // SECOND_US}-{number}",
                beat.kind,
                start_us,
                start_us + round(beat.lasts_s * SECOND_US),
                site,
                beat.magnitude,
                beat.rise_s,
                beat.radius_m,
                self.scenario.name,
            )

        return tuple(occurrence(number, beat) for number, beat in enumerate(self.scenario.beats))

    def _live_an_hour(self, hour: int) -> tuple[Occurrence, ...]:
        """Return the everyday occurrences that begin in an hour (since the epoch)."""
        found: list[Occurrence] = []
        for kind, rate in EVERYDAY_PER_HOUR.items():
            chance = self._chance(kind, hour)
            for number in range(int(chance.poisson(min(rate * self._scale, _MOST_AT_ONCE)))):
                found.append(self._everyday(kind, hour, number, chance))
        return tuple(sorted(found, key=lambda occurrence: occurrence.start_us))

    def _everyday(self, kind: Kind, hour: int, number: int, chance: np.random.Generator) -> Occurrence:
        where, least_s, greatest_s, magnitude = _EVERYDAY[kind]
        start_us = hour * HOUR_US + int(chance.integers(HOUR_US))
        lasts_us = min(round(chance.uniform(least_s, greatest_s) * SECOND_US), _LONGEST_US)
        site = self._sites.choose(where, chance)
        return Occurrence(
            f"everyday-{kind}-{hour}-{number}",
            kind,
            start_us,
            start_us + lasts_us,
            site,
            magnitude * float(chance.uniform(0.7, 1.3)),
            radius_m=_RADIUS_M.get(kind, 0.0),
        )

    def _chance(self, purpose: str, number: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, zlib.crc32(purpose.encode()), number & 2**63 - 1])
