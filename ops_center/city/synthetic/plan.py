"""How large a synthetic city is, where it lies, and its chance. Every module here starts from it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from ops_center.domain.place import MetricFrame

Real = NDArray[np.float64]
CENTRE = (119.62, 33.46)
"""longitude and latitude of the middle: farmland between real cities, so that nobody mistakes it for one"""
PROJECTED_CRS = "EPSG:4549"
"""CGCS2000, 3-degree Gauss-Krüger, central meridian 120°E"""
_RADIUS_AT_5000_M = 7200.0


@dataclass(frozen=True)
class Plan:
    """What is decided before the first line is drawn."""

    seed: int
    things: int

    @cached_property
    def radius_m(self) -> float:
        """Return the mean radius of the city's edge: 3.6 km for 500 things, 7.2 km for 5,000, 35 km for a million."""
        return float(_RADIUS_AT_5000_M * (self.things / 5000.0) ** 0.3)

    @cached_property
    def metric(self) -> MetricFrame:
        """Return the projection."""
        return MetricFrame(PROJECTED_CRS)

    @cached_property
    def origin_m(self) -> tuple[float, float]:
        """Return easting and northing of the local origin, whole metres."""
        x, y = self.metric.to_metres(*CENTRE)
        return round(float(x)), round(float(y))

    def chance(self, purpose: str) -> np.random.Generator:
        """Return the random numbers of one purpose: what one module draws never moves another's."""
        return np.random.default_rng([self.seed, self.things, zlib.crc32(purpose.encode())])

    def to_lonlat(self, xy_m: Real) -> Real:
        """Return degrees float64[n, 2] of local metres float64[n, 2]."""
        return np.column_stack(self.metric.to_lonlat(xy_m[:, 0] + self.origin_m[0], xy_m[:, 1] + self.origin_m[1]))

    def on_earth(self, geometry: ArrayLike) -> NDArray[np.object_]:
        """Return geometries in local metres as geometries in EPSG:4326."""
        return np.asarray(shapely.transform(np.asarray(geometry, object), self.to_lonlat))

    def edge_radius_m(self, angle: ArrayLike) -> Real:
        """Return how far the city's edge is in each direction (radians): a circle with a few soft dents."""
        turns = self.chance("edge").uniform(0, 2 * np.pi, 3)
        theta = np.asarray(angle, float)
        dents = 0.07 * np.sin(2 * theta + turns[0]) + 0.045 * np.sin(3 * theta + turns[1])
        return np.asarray(self.radius_m * (1 + dents + 0.025 * np.sin(5 * theta + turns[2])))


class SmoothNoise:
    """A soft random field of the plane: a sum of plane waves, about -1 to 1."""

    def __init__(self, chance: np.random.Generator, wavelength_m: float, waves: int = 12) -> None:
        angle = chance.uniform(0, 2 * np.pi, waves)
        number = 2 * np.pi / (wavelength_m * chance.uniform(0.6, 1.6, waves))
        self._k = np.column_stack([np.cos(angle) * number, np.sin(angle) * number])
        self._phase = chance.uniform(0, 2 * np.pi, waves)

    def __call__(self, xy_m: Real) -> Real:
        """Return the field at points float64[n, 2]."""
        waves = np.sin(xy_m @ self._k.T + self._phase)
        return np.asarray(waves.sum(axis=1) / np.sqrt(len(self._phase) / 2) / 1.5)
