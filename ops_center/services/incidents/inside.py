"""What lies inside an area: people by night and day, facilities, who needs help to leave, what is dangerous there.

People are those of the population grid, of a cell that is cut the part that is inside. From the city pack alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.services.incidents.resources import RESOURCES
from ops_center.services.selection.areas import Area

VULNERABLE = frozenset({"school", "hospital", "shelter", "stadium", "railway_station", "commerce"})
"""kinds of facilities with many people who know the place little or don't leave by themselves"""
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A facility inside."""

    id: str
    kind: str
    label: Label
    longitude: float
    latitude: float
    capacity: float
    """beds, pupils, places or tonnes, as the kind says; 0 not known"""
    hazardous: str
    """UN numbers of what it holds; "" none"""
    hazardous_t: float
    vulnerable: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies inside an area."""

    area_m2: float
    residents: float
    """people at night"""
    workers: float
    """people who work or learn there by day"""
    buildings: int
    facilities: Mapping[str, int]
    """kind → how many"""
    places: tuple[Place, ...]
    """the vulnerable and the dangerous first; at most 200"""


class Inside:
    """Answers; safe to use from any thread."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack

    def of(self, asker: Asker, area: Area) -> Contents:
        """Return what lies inside. Facilities of other departments are left out for who sees only their own."""
        shape = self._shape(area)
        places = [one for one, of in self._places(shape) if asker.may_see_of(RESOURCES, *of)]
        places.sort(key=lambda one: (not one.vulnerable, not one.hazardous, one.kind, one.id))
        residents, workers = self._people(shape)
        return Contents(
            area_m2=float(shapely.area(shape)),
            residents=residents,
            workers=workers,
            buildings=len(self._buildings.query(shape, predicate="contains")),
            facilities=dict(Counter(one.kind for one in places).most_common()),
            places=tuple(places[:MOST_LISTED]),
        )

    def _shape(self, area: Area) -> shapely.Geometry:
        """Return an area in metres."""
        if area.centre is not None:
            return shapely.Point(*map(float, self._pack.metric.to_metres(*area.centre))).buffer(area.radius_m)
        if area.district:
            frame = self._pack.features("districts")
            return shapely.union_all(np.asarray(self._metric(frame[frame["district_id"] == area.district])))
        lon, lat = np.array(area.corners).T
        return shapely.Polygon(np.column_stack(self._pack.metric.to_metres(lon, lat)))

    def _people(self, shape: shapely.Geometry) -> tuple[float, float]:
        tree, people = self._cells
        rows = tree.query(shape, predicate="intersects")
        cells = tree.geometries[rows]
        share = shapely.area(shapely.intersection(cells, shape)) / np.maximum(shapely.area(cells), 1e-9)
        residents, workers = (share @ people[rows]).tolist() if len(rows) else (0.0, 0.0)
        return residents, workers

    def _places(self, shape: shapely.Geometry) -> list[tuple[Place, tuple[str, str]]]:
        """Return the facilities inside, each with whose it is and in which district."""
        frame, metric = self._facilities
        rows = frame[np.asarray(shapely.contains(shape, metric), bool)]
        places = zip(rows.geometry.x.tolist(), rows.geometry.y.tolist(), strict=True)
        return [
            (_place(row, lon, lat), (row["organisation"], row["district"]))
            for row, (lon, lat) in zip(rows.drop(columns="geometry").to_dict("records"), places, strict=True)
        ]

    @cached_property
    def _cells(self) -> tuple[shapely.STRtree, np.ndarray]:
        frame = self._pack.features("population_grid")
        people = frame[["residents", "workers"]].fillna(0.0).to_numpy(float)
        return shapely.STRtree(np.asarray(self._metric(frame))), people

    @cached_property
    def _facilities(self) -> tuple[gpd.GeoDataFrame, np.ndarray]:
        frame = self._pack.features("facilities")
        return frame, np.asarray(self._metric(frame))

    @cached_property
    def _buildings(self) -> shapely.STRtree:
        frame = self._pack.features("buildings")
        return shapely.STRtree(shapely.centroid(np.asarray(self._metric(frame))))

    def _metric(self, frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
        return frame.geometry.to_crs(self._pack.metric.crs)


def _place(row: Mapping[str, object], lon: float, lat: float) -> Place:
    kind, capacity = str(row["kind"]), float(row["capacity"] or 0.0)  # type: ignore[arg-type]
    key = str(row["facility_id"])
    return Place(
        id=key, kind=kind, label=Label(str(row["name_zh"] or key), str(row["name_en"] or row["name_zh"] or key)),
        longitude=lon, latitude=lat, capacity=0.0 if np.isnan(capacity) else capacity,
        hazardous=str(row["hazardous_goods"] or ""), hazardous_t=float(row["hazardous_t"] or 0.0),  # type: ignore[arg-type]
        vulnerable=kind in VULNERABLE,
    )  # fmt: skip
