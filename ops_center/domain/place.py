"""Places: the one module that converts coordinates.

Inside, places are longitude and latitude in WGS 84 (EPSG:4326). CGCS2000 (EPSG:4490) differs from it by
centimetres. Published Chinese data is often in GCJ-02 (Amap, DataV) or BD-09 (Baidu), which are shifted on
purpose by some hundred metres. Metric work is done in the city's projected CRS by :class:`MetricFrame`.
Called by ``ops_center/city`` (imports, packs) and the world's models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer
from pyproj.exceptions import CRSError

from ops_center.domain.errors import ConfigurationError

Degrees = NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

_A_M = 6378245.0
_E2 = 0.00669342162296594323
"""GCJ-02 uses the ellipsoid of Krasovsky 1940"""
_BD_TURN = np.pi * 3000.0 / 180.0
_INVERSE_LIMIT_DEG = 1e-12
_INVERSE_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box of longitudes and latitudes, degrees, WGS 84; it never crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        if not (-180 <= self.west < self.east <= 180 and -90 <= self.south < self.north <= 90):
            raise ValueError(f"not a box of longitudes and latitudes: {self!r}")

    @property
    def centre(self) -> tuple[float, float]:
        """Return longitude and latitude of the middle."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def contains(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
        """Return which points lie inside, bool[n]; the edge counts as inside, NaN doesn't."""
        x, y = np.asarray(lon, float), np.asarray(lat, float)
        return (x >= self.west) & (x <= self.east) & (y >= self.south) & (y <= self.north)


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str) -> Pair:
    """Return longitude and latitude in WGS 84 of coordinates in ``crs``, float64 of the same shape.

    ``crs``: ``gcj02``, ``bd09`` or whatever pyproj knows (``EPSG:4490``). For a projected CRS ``lon`` and
    ``lat`` are easting and northing. Points outside China are not shifted. Raises ConfigurationError for
    an unknown CRS.
    """
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    match crs.lower():
        case "gcj02":
            return _invert(_gcj02_of_wgs84, x, y)
        case "bd09":
            return _invert(_gcj02_of_wgs84, *_invert(_bd09_of_gcj02, x, y))
        case _:
            return _project(x, y, crs, "EPSG:4326")


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str) -> Pair:
    """Return coordinates in ``crs`` of longitude and latitude in WGS 84; the inverse of :func:`to_wgs84`."""
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    match crs.lower():
        case "gcj02":
            return _gcj02_of_wgs84(x, y)
        case "bd09":
            return _bd09_of_gcj02(*_gcj02_of_wgs84(x, y))
        case _:
            return _project(x, y, "EPSG:4326", crs)


class MetricFrame:
    """Metres in a city's projected CRS: the only place for lengths, areas and buffers."""

    def __init__(self, crs: str) -> None:
        self.crs = crs
        """e.g. ``EPSG:4549`` (CGCS2000, 3-degree Gauss-Krüger, 120°E)"""
        self._forward = _transformer("EPSG:4326", crs)
        self._back = _transformer(crs, "EPSG:4326")

    def to_metres(self, lon: ArrayLike, lat: ArrayLike) -> Pair:
        """Return easting and northing in metres, float64 of the same shape; infinite where it has none."""
        x, y = self._forward.transform(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        return np.asarray(x), np.asarray(y)

    def to_lonlat(self, x_m: ArrayLike, y_m: ArrayLike) -> Pair:
        """Return longitude and latitude in WGS 84 of easting and northing in metres."""
        lon, lat = self._back.transform(np.asarray(x_m, np.float64), np.asarray(y_m, np.float64))
        return np.asarray(lon), np.asarray(lat)


def is_crs(name: str) -> bool:
    """Return whether :func:`to_wgs84` knows ``name``."""
    if name.lower() in {"gcj02", "bd09"}:
        return True
    try:
        _transformer(name, "EPSG:4326")
    except ConfigurationError:
        return False
    return True


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> Transformer:
    try:
        return Transformer.from_crs(source, target, always_xy=True)
    except CRSError as error:
        raise ConfigurationError(f"unknown coordinate system {source!r} or {target!r}: {error}") from error


def _project(x: Degrees, y: Degrees, source: str, target: str) -> Pair:
    lon, lat = _transformer(source, target).transform(x, y)
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def _gcj02_of_wgs84(lon: Degrees, lat: Degrees) -> Pair:
    """Shift WGS 84 to GCJ-02.

    The formula was never published; this is the one everybody uses since 2013 (googollee/eviltransform,
    wandergis/coordtransform), which agrees with Amap's own service to a metre.
    """
    x, y = lon - 105.0, lat - 35.0
    phi = np.radians(lat)
    magic = 1 - _E2 * np.sin(phi) ** 2
    metres_per_degree_lat = np.pi / 180 * _A_M * (1 - _E2) / magic**1.5
    metres_per_degree_lon = np.pi / 180 * _A_M / np.sqrt(magic) * np.cos(phi)
    inside = _in_china(lon, lat)
    return (
        np.where(inside, lon + _shift_east_m(x, y) / metres_per_degree_lon, lon),
        np.where(inside, lat + _shift_north_m(x, y) / metres_per_degree_lat, lat),
    )


def _in_china(lon: Degrees, lat: Degrees) -> NDArray[np.bool_]:
    """Return where the shift applies: the box that the published code uses, wider than the border."""
    return (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)


def _shift_north_m(x: Degrees, y: Degrees) -> Degrees:
    polynomial = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    return np.asarray(polynomial + _ripple(x) + _waves(y, (20.0, 40.0, 160.0, 320.0)))


def _shift_east_m(x: Degrees, y: Degrees) -> Degrees:
    polynomial = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    return np.asarray(polynomial + _ripple(x) + _waves(x, (20.0, 40.0, 150.0, 300.0)))


def _ripple(x: Degrees) -> Degrees:
    return np.asarray((20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0)


def _waves(t: Degrees, heights: tuple[float, float, float, float]) -> Degrees:
    periods = (1.0, 1.0 / 3.0, 1.0 / 12.0, 1.0 / 30.0)
    return np.asarray(sum(h * np.sin(t * np.pi * p) for h, p in zip(heights, periods, strict=True)) * 2.0 / 3.0)


def _bd09_of_gcj02(lon: Degrees, lat: Degrees) -> Pair:
    """Shift GCJ-02 to BD-09 (wandergis/coordtransform, ``gcj02tobd09``); outside China nothing is shifted."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    inside = _in_china(lon, lat)
    return (
        np.where(inside, radius * np.cos(angle) + 0.0065, lon),
        np.where(inside, radius * np.sin(angle) + 0.006, lat),
    )


def _invert(forward: Callable[[Degrees, Degrees], Pair], x: Degrees, y: Degrees) -> Pair:
    """Return where ``forward`` leads to (x, y): fixed-point iteration, exact to 1e-12 degrees inside China.

    The shift changes by less than a thousandth of a step, so that every round gains about three digits.
    """
    lon, lat = x.copy(), y.copy()
    for _ in range(_INVERSE_ROUNDS):
        there_x, there_y = forward(lon, lat)
        off_x, off_y = x - there_x, y - there_y
        lon, lat = lon + off_x, lat + off_y
        if not np.any(np.maximum(np.abs(off_x), np.abs(off_y)) > _INVERSE_LIMIT_DEG):
            break
    return lon, lat
