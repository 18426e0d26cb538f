"""A place of the city as the demo's incidents need it: its road, its name, what is near, who is on duty; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.random import Generator

from ops_center.city.pack import CityPack
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.services.demo_incidents.form import Where
from ops_center.services.demo_incidents.sites import NAMED, sites

_CAMERAS = 3
_CORNERS = 24
_DAY = range(8, 20)
"""hours of the day shift"""


@dataclass(frozen=True, slots=True)
class Spot:
    """Somewhere in the city."""

    longitude: float
    latitude: float
    district: str
    road: Label
    """the named road that is nearest"""
    place: Label
    """as people call it, with its district"""
    goods: Label
    """dangerous goods that are held there"""


class Ground:
    """What the incidents stand on, read once. Raises CityPackError if the pack is damaged."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self._metric = pack.metric
        self.zone = pack.manifest.timezone
        self.organisations = tuple(map(str, pack.table("organisations")["organisation_id"]))
        districts = pack.table("districts")
        self._districts = dict(zip(districts["district_id"], _labels(districts), strict=True))
        roads, _ = sites(pack, "roads")
        self._roads = _labels(roads)
        self._road_tree = shapely.STRtree(roads.geometry.to_numpy())
        cameras = pack.features("cameras")
        self._cameras = (cameras["camera_id"].to_numpy(str), shapely.get_coordinates(cameras.geometry.to_numpy()))
        units = pack.features("units")
        columns = (units[name].to_numpy(str) for name in ("unit_id", "kind", "organisation"))
        self._units = (*columns, *self._metric.to_metres(units.geometry.x, units.geometry.y))
        roster = pack.table("duty_roster")[["organisation", "weekday", "shift", "duty", "person"]]
        self._roster = {(row[0], int(row[1]), row[2], row[3]): str(row[4]) for row in roster.itertuples(index=False)}

    def spot(self, where: Where, chance: Generator) -> Spot | None:
        """Return a place of a kind; None: the city has none."""
        rows, weights = sites(self._pack, where)
        if not len(rows) or not weights.sum():
            return None
        row = rows.iloc[int(chance.choice(len(rows), p=weights / weights.sum()))]
        point = shapely.line_interpolate_point(row.geometry, 0.5, normalized=True) if _is_line(row) else row.geometry
        road = self._roads[int(self._road_tree.nearest(point))] if self._roads else Label("道路", "a road")
        district = str(row["district"] or "")
        own = _labels(rows.loc[[row.name]])[0] if where in NAMED else road
        goods = str(row.get("hazardous_goods") or "—")
        place = self._with_district(own, district)
        return Spot(round(point.x, 6), round(point.y, 6), district, road, place, Label(goods, goods))

    def cameras(self, spot: Spot) -> tuple[str, ...]:
        """Return the ids of the nearest cameras."""
        ids, places = self._cameras
        east = (places[:, 0] - spot.longitude) * np.cos(np.radians(spot.latitude))
        order = np.argsort(np.hypot(east, places[:, 1] - spot.latitude), kind="stable")
        return tuple(ids[order[:_CAMERAS]].tolist())

    def crew(
        self, organisation: str, kinds: Collection[str], spot: Spot, but: Collection[str]
    ) -> tuple[str, float] | None:
        """Return the nearest unit of an organisation, and its way in km as the crow flies; None: it has none."""
        ids, groups, organisations, x, y = self._units
        here_x, here_y = self._metric.to_metres(spot.longitude, spot.latitude)
        far_m = np.hypot(x - here_x, y - here_y)
        fits = (organisations == organisation) & np.isin(groups, list(kinds)) & ~np.isin(ids, list(but))
        if not fits.any():
            return None
        nearest = int(np.argmin(np.where(fits, far_m, np.inf)))
        return str(ids[nearest]), float(far_m[nearest]) / 1000

    def ring(self, spot: Spot, radius_m: float) -> tuple[tuple[float, float], ...]:
        """Return a circle around a place."""
        x, y = self._metric.to_metres(spot.longitude, spot.latitude)
        turn = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
        lon, lat = self._metric.to_lonlat(x + radius_m * np.cos(turn), y + radius_m * np.sin(turn))
        return tuple(zip(lon.round(6).tolist(), lat.round(6).tolist(), strict=True))

    def on_duty(self, organisation: str, at_us: int, duty: str = "officer") -> str:
        """Return who is on duty by the roster; where it says nobody, the organisation's own code."""
        local = in_zone(at_us, self.zone)
        shift = "day" if local.hour in _DAY else "night"
        return self._roster.get((organisation, local.isoweekday(), shift, duty), organisation)

    def within(self, organisation: str, district: str) -> str:
        """Return the district's own office of an organisation, else the organisation."""
        own = f"{organisation}_{district}"
        return own if own in self.organisations else organisation

    def _with_district(self, own: Label, district: str) -> Label:
        area = self._districts.get(district)
        if area is None or own.zh.startswith(area.zh):
            return own
        return Label(f"{area.zh}{own.zh}", f"{own.en}, {area.en}")


def _labels(rows: Any) -> list[Label]:
    """Return the names of rows; who has none in English is called by the Chinese one."""
    names = zip(rows["name_zh"].fillna(""), rows["name_en"].fillna(""), strict=True)
    return [Label(zh or "—", en or zh or "—") for zh, en in names]


def _is_line(row: Any) -> bool:
    return str(row.geometry.geom_type) == "LineString"
