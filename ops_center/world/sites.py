"""Where things can happen: roads, mains under them, plants, places with people, chosen by chance from the pack.

Used by ``story``. Roads that a camera sees are preferred, so that a demo has something to look at; where the
pack lacks what a story wants, it takes place on any road, and without roads in the middle of the city.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ops_center.city.pack import CityPack
from ops_center.world.occurrences import Site
from ops_center.world.places import metres_of
from ops_center.world.scenario import Where

_ROAD_CLASSES: dict[Where, tuple[str, ...]] = {
    "arterial": ("arterial", "collector"),
    "expressway": ("expressway", "arterial"),
    "low_road": ("arterial", "collector"),
}
_SEEN_M = 120.0
"""a road counts as seen by a camera that is no farther from it"""
_MAINS = 0.2
"""bursts happen on the widest fifth of the mains: smaller ones flood no street"""
_LOWEST = 5


class Sites:
    """Chooses sites; the same random numbers choose the same site."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self._metric = pack.metric
        self._roads = pack.features("roads")

    def choose(self, where: Where, chance: np.random.Generator) -> Site:
        """Return a site of the wanted kind."""
        if not len(self._roads):
            return Site(*self._pack.manifest.bounds.centre)
        if where == "pipe" and len(self._mains):
            return self._at_main(int(chance.integers(len(self._mains))))
        if where == "plant" and len(self._plants):
            return self._at_plant(int(chance.integers(len(self._plants))))
        if where == "low_road" and len(self._low_points):
            return self._beside(self._low_points[int(chance.integers(len(self._low_points)))])
        row = int(chance.choice(self._of_class(_ROAD_CLASSES.get(where, _ROAD_CLASSES["arterial"]))))
        share, reverse = float(chance.uniform(0.3, 0.9)), bool(chance.integers(2))
        return self._on_road(row, self._seen.get(row, share), reverse)

    def _of_class(self, classes: tuple[str, ...]) -> NDArray[np.intp]:
        """Return the rows of the first of these classes that exists; those that a camera sees, if any."""
        names = self._roads["class"].to_numpy()
        for name in classes:
            rows = np.flatnonzero(names == name)
            if len(rows):
                seen = [row for row in rows.tolist() if row in self._seen]
                return np.array(seen, np.intp) if seen else rows
        return np.arange(len(self._roads))

    def _on_road(self, row: int, share: float, reverse: bool, **more: str) -> Site:
        road = self._roads.iloc[row]
        point = road.geometry.interpolate(share, normalized=True)
        return Site(
            point.x,
            point.y,
            str(road["road_id"]),
            reverse and not bool(road["oneway"]),
            share * float(road["length_m"]),
            **more,
        )

    def _beside(self, point: shapely.Point, **more: str) -> Site:
        """Return the site on the road nearest to ``point``."""
        row = int(self._road_tree.nearest(self._in_metres(point)))
        line = self._road_lines[row]
        share = float(line.project(self._in_metres(point), normalized=True))
        return self._on_road(row, share, False, **more)

    def _at_main(self, number: int) -> Site:
        main = self._mains.iloc[number]
        return self._beside(main.geometry.interpolate(0.5, normalized=True), pipe_link=str(main["link_id"]))

    def _at_plant(self, number: int) -> Site:
        plant = self._plants.iloc[number]
        road = self._beside(plant.geometry)
        return Site(
            plant.geometry.x,
            plant.geometry.y,
            road.road_id,
            road.reverse,
            road.along_m,
            facility_id=str(plant["facility_id"]),
        )

    @cached_property
    def _mains(self) -> gpd.GeoDataFrame:
        links = self._pack.features("pipe_links")
        pipes = links[(links["network"] == "water") & (links["kind"] == "pipe")]
        if not len(pipes):
            return pipes
        wide = pipes[pipes["diameter_mm"] >= pipes["diameter_mm"].quantile(1 - _MAINS)]
        felt = wide[~wide["from_node"].isin(self._held) & ~wide["to_node"].isin(self._held)]
        return next(some for some in (felt, wide, pipes) if len(some))

    @cached_property
    def _held(self) -> frozenset[str]:
        """Return works and tanks: they hold the pressure beside them, and no gauge feels what bursts there."""
        nodes = self._pack.features("pipe_nodes")
        return frozenset(nodes["node_id"][(nodes["network"] == "water") & (nodes["kind"] != "junction")])

    @cached_property
    def _plants(self) -> gpd.GeoDataFrame:
        plants = self._pack.features("facilities")
        plants = plants[plants["kind"] == "plant"]
        hazardous = plants[plants["hazardous_goods"] != ""]
        return hazardous if len(hazardous) else plants

    @cached_property
    def _low_points(self) -> list[shapely.Point]:
        things = self._pack.features("things")
        drains = things[(things["kind"] == "drain_sensor") & things["elevation_m"].notna()]
        return list(drains.sort_values("elevation_m", kind="stable").geometry.iloc[:_LOWEST])

    @cached_property
    def _seen(self) -> Mapping[int, float]:
        """Return the roads that a camera is near, each with where along it, 0 to 1: what happens there is seen."""
        cameras = self._pack.features("cameras")
        if not len(cameras):
            return {}
        places = np.column_stack(metres_of(cameras, self._metric))
        points = np.asarray(shapely.points(places))
        camera, row = self._road_tree.query(points, "dwithin", _SEEN_M)
        along = np.asarray(shapely.line_locate_point(self._road_lines[row], points[camera], normalized=True))
        return dict(zip(row.tolist(), np.clip(along, 0.1, 0.9).tolist(), strict=True))

    @cached_property
    def _road_lines(self) -> NDArray[np.object_]:
        return np.asarray(
            shapely.transform(
                np.asarray(self._roads.geometry), lambda xy: np.column_stack(self._metric.to_metres(xy[:, 0], xy[:, 1]))
            )
        )

    @cached_property
    def _road_tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._road_lines)

    def _in_metres(self, point: shapely.Point) -> shapely.Point:
        return shapely.Point(*(float(axis) for axis in self._metric.to_metres(point.x, point.y)))
