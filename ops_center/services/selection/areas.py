"""Areas of the map as they are written in addresses, and what lies in them; pure.

``polygon:118.71,32.01;118.75,32.02;…``, ``circle:118.71,32.01,500`` (metres), ``box:west,south,east,north``,
``district:<code>``. Degrees are WGS 84. The text of an area is what links, tables and copies of it carry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ops_center.domain.place import MetricFrame

Degrees = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAX_TEXT = 6000
MOST_CORNERS = 200
MAX_RADIUS_M = 100_000.0
PATTERN = (
    r"^(polygon:[-0-9.]+,[-0-9.]+(;[-0-9.]+,[-0-9.]+){2,199}|circle:[-0-9.]+,[-0-9.]+,[0-9.]+"
    r"|box:[-0-9.]+,[-0-9.]+,[-0-9.]+,[-0-9.]+|district:[^\x00-\x1f\x7f]{1,64})$"
)


class AreaError(ValueError):
    """A text that is no area; the message says why."""


@dataclass(frozen=True, slots=True)
class Area:
    """One area."""

    text: str
    """as it is written in addresses"""
    corners: tuple[tuple[float, float], ...] = ()
    """of a polygon or box"""
    centre: tuple[float, float] | None = None
    radius_m: float = 0.0
    district: str = ""

    @classmethod
    def parse(cls, text: str) -> Area:
        """Return the area that ``text`` writes. Raises AreaError."""
        kind, _, rest = text.partition(":")
        if len(text) > MAX_TEXT or not rest:
            raise AreaError("no area: polygon:, circle:, box: or district: is wanted")
        match kind:
            case "polygon":
                return cls(text, _ring(rest))
            case "circle":
                longitude, latitude, radius = _numbers(rest, 3)
                if not 0 < radius <= MAX_RADIUS_M:
                    raise AreaError(f"a radius of at most {MAX_RADIUS_M:.0f} m is wanted")
                return cls(text, centre=_place(longitude, latitude), radius_m=radius)
            case "box":
                west, south, east, north = _numbers(rest, 4)
                if not (west < east and south < north):
                    raise AreaError("a box is west,south,east,north")
                return cls(
                    text, tuple(_place(*c) for c in ((west, south), (east, south), (east, north), (west, north)))
                )
            case "district":
                return cls(text, district=rest)
            case _:
                raise AreaError("no area: polygon:, circle:, box: or district: is wanted")

    def holds(self, longitude: Degrees, latitude: Degrees, districts: NDArray[np.object_], metric: MetricFrame) -> Mask:
        """Return what lies in it, bool[n]: by place, or by the district it belongs to. NaN lies nowhere."""
        if self.district:
            return np.asarray(districts == self.district, bool)
        if self.centre is not None:
            x_m, y_m = metric.to_metres(longitude, latitude)
            here_x_m, here_y_m = metric.to_metres(*self.centre)
            return np.asarray(np.hypot(x_m - here_x_m, y_m - here_y_m) <= self.radius_m)
        polygon = shapely.Polygon(self.corners)
        shapely.prepare(polygon)
        return np.asarray(shapely.intersects_xy(polygon, longitude, latitude))


def _ring(text: str) -> tuple[tuple[float, float], ...]:
    pairs = text.split(";")
    if not 3 <= len(pairs) <= MOST_CORNERS:
        raise AreaError(f"a polygon has 3 to {MOST_CORNERS} corners")
    corners = tuple(_place(*_numbers(pair, 2)) for pair in pairs)
    if not shapely.is_valid(shapely.Polygon(corners)):
        raise AreaError("the polygon's sides cross each other")
    return corners


def _numbers(text: str, count: int) -> tuple[float, ...]:
    parts = text.split(",")
    try:
        numbers = tuple(map(float, parts))
    except ValueError:
        numbers = ()
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise AreaError(f"{count} numbers are wanted")
    return numbers


def _place(longitude: float, latitude: float) -> tuple[float, float]:
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise AreaError("not a longitude and a latitude")
    return longitude, latitude
