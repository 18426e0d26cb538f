"""What every model of the world is made from: the pack, the seed, the start, the story, and chance by purpose.

Made once by ``World.from_pack``; models keep it and never change it.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ops_center.city.pack import CityPack
from ops_center.city.road_graph import RoadGraph
from ops_center.domain.place import MetricFrame
from ops_center.domain.time import SECOND_US
from ops_center.world.story import Story


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of the world: the time (previous_us, now_us] has passed."""

    previous_us: int
    now_us: int

    @property
    def elapsed_s(self) -> float:
        """Return the length of the step in seconds; 0 in the first one."""
        return (self.now_us - self.previous_us) / SECOND_US


@dataclass(frozen=True)
class Ground:
    """The city and its chance."""

    pack: CityPack
    seed: int
    start_us: int
    """when the world began, µs since the epoch, UTC"""
    story: Story
    """what happens, to whom, when: models ask it for what concerns them"""

    @cached_property
    def graph(self) -> RoadGraph:
        """Return the road graph."""
        return RoadGraph.of_roads(self.pack.features("roads"), self.metric)

    @cached_property
    def metric(self) -> MetricFrame:
        """Return the city's metric frame."""
        return self.pack.metric

    @cached_property
    def zone(self) -> ZoneInfo:
        """Return the city's time zone."""
        return ZoneInfo(self.pack.manifest.timezone)

    @cached_property
    def centre_m(self) -> NDArray[np.float64]:
        """Return the middle of where people are, float64[2] in metres: what demand is drawn to."""
        return centre_of(self.pack, self.metric)

    def chance(self, purpose: str, *numbers: int) -> np.random.Generator:
        """Return the random numbers of one purpose (and time): what one model draws never moves another's."""
        return np.random.default_rng(
            [self.seed, zlib.crc32(purpose.encode()), *(number & 2**63 - 1 for number in numbers)]
        )

    def things(self, kind: str) -> pd.DataFrame:
        """Return the things of a kind as the pack's layer ``things``, in its order, renumbered from 0."""
        return self._things_by_kind.get(kind, self.pack.table("things").iloc[:0]).reset_index(drop=True)

    @cached_property
    def _things_by_kind(self) -> Mapping[str, pd.DataFrame]:
        return {str(kind): rows for kind, rows in self.pack.table("things").groupby("kind", sort=False)}


def centre_of(pack: CityPack, metric: MetricFrame) -> NDArray[np.float64]:
    """Return the centre of the working population, else of the bounds, float64[2], metres."""
    cells = pack.features("population_grid")
    weight = cells["workers"].fillna(0.0).to_numpy(float) if len(cells) else np.empty(0)
    if weight.sum() <= 0:
        return np.array([float(axis) for axis in metric.to_metres(*pack.manifest.bounds.centre)])
    points = cells.geometry.representative_point()
    x, y = metric.to_metres(points.x.to_numpy(), points.y.to_numpy())
    return np.array([np.average(x, weights=weight), np.average(y, weights=weight)])
