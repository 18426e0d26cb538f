"""The city behind the sign-in page: its rivers, lakes and larger roads as one quiet drawing, made from the city pack.

Anybody may see it before signing in, so it holds what every street map holds and nothing that the center knows:
no sensors, no pipes. Made once, when the routes are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import shapely

from ops_center.city.pack import CityPack
from ops_center.domain.place import Bounds

_WIDTH = 2000
_FINEST = 1.5
"""units of the drawing that a line may be off: less than a pixel at 1080p"""
_ROADS = {"expressway": ("#4f8db6", 3.4), "arterial": ("#3a678c", 2.0), "collector": ("#274560", 1.2)}
"""class of road → colour and thickness, the finest drawn first"""
_WATER = "#12304a"


def draw_city(pack: CityPack) -> str:
    """Return the drawing as SVG; of a pack without roads and water an empty one. Raises CityPackError."""
    place = _Frame(pack.manifest.bounds)
    water, roads = pack.features("water"), pack.features("roads")
    wet = water.geometry[water["kind"].isin(["river", "lake"])]
    shapes = [f'<path fill="{_WATER}" d="{place.path(wet)}"/>']
    for name in reversed(_ROADS):
        color, thickness = _ROADS[name]
        lines = shapely.line_merge(shapely.union_all(np.asarray(roads.geometry[roads["class"] == name])))
        shapes.append(f'<path stroke="{color}" stroke-width="{thickness}" d="{place.path([lines])}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {place.height}" fill="none" '
        f'stroke-linecap="round" stroke-linejoin="round">{"".join(shapes)}</svg>'
    )


class _Frame:
    """Puts longitude and latitude onto the drawing; over one city a plain cylinder is right enough."""

    def __init__(self, bounds: Bounds) -> None:
        self._west, self._north = bounds.west, bounds.north
        shrunk = math.cos(math.radians((bounds.south + bounds.north) / 2))
        self._x = _WIDTH / (bounds.east - bounds.west)
        self._y = self._x / shrunk
        self.height = round((bounds.north - bounds.south) * self._y)

    def path(self, geometries: Iterable[shapely.Geometry]) -> str:
        """Return lines and the edges of areas as the commands of a path."""
        commands = []
        for geometry in geometries:
            drawn = shapely.simplify(shapely.transform(geometry, self._placed), _FINEST)
            edge = shapely.boundary(drawn) if shapely.get_dimensions(drawn) == 2 else drawn
            commands += [_line(shapely.get_coordinates(part)) for part in shapely.get_parts(edge)]
        return "".join(commands)

    def _placed(self, coordinates: np.ndarray) -> np.ndarray:
        return np.column_stack(
            ((coordinates[:, 0] - self._west) * self._x, (self._north - coordinates[:, 1]) * self._y)
        )


def _line(points: np.ndarray) -> str:
    rounded = np.rint(points).astype(int)
    return "" if len(rounded) < 2 else "M" + "L".join(f"{x} {y}" for x, y in rounded.tolist())
