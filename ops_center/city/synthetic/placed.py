"""The tables ``cameras`` and ``things`` of a synthetic city. Called by ``make``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ops_center.city.synthetic.devices import Sites, along, pick, thing_counts, thing_rows
from ops_center.city.synthetic.draft import Draft
from ops_center.city.synthetic.plan import Real

_CLASS_WEIGHT = np.array([6.0, 4.0, 1.5, 0.35])
"""how much sooner a road gets a detector than a lane does: expressway, arterial, collector, lane"""
_WARNING_M, _GUARANTEE_M = 1.5, 2.7
"""above the usual level, which a gauge is levelled to (``world/weather.py``): about twice and three times the flow"""
_VEHICLES = ("bus", "sanitation", "police", "fire", "ambulance", "truck")


def make_things(draft: Draft, road_ids: NDArray[np.object_]) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the layers ``cameras`` and ``things``."""
    counts = thing_counts(draft.plan, len(draft.supply.tank))
    road_sites = _road_sites(draft, road_ids)
    cameras = _cameras(draft, road_ids, counts["camera"])
    parts = [_traffic(draft, road_sites, counts["traffic_sensor"]), cameras]
    parts += [_on(draft, kind, sites, counts[kind]) for kind, sites in _other_sites(draft).items()]
    parts += [_vehicles(draft, road_sites, kind, counts[kind]) for kind in _VEHICLES]
    things = pd.concat(parts, ignore_index=True)
    places = things[["x_m", "y_m"]].to_numpy(float)
    ground = (
        draft.terrain.elevation_m(places) if len(places) <= 200_000 else _in_parts(draft.terrain.elevation_m, places)
    )
    gauged = np.where(things["kind"] == "river_gauge", ground, np.nan)
    things = things.assign(
        provenance="synthetic",
        elevation_m=ground,
        warning_level_m=gauged + _WARNING_M,
        guarantee_level_m=gauged + _GUARANTEE_M,
    )
    table = draft.layer(things.drop(columns=["x_m", "y_m"]), shapely.points(places))
    return draft.layer(_camera_layer(draft, cameras), shapely.points(cameras[["x_m", "y_m"]].to_numpy(float))), table


def _in_parts(of: Callable[[Real], Real], places: Real) -> Real:
    return np.concatenate([of(part) for part in np.array_split(places, -(-len(places) // 200_000))])


def _road_sites(draft: Draft, road_ids: NDArray[np.object_]) -> Sites:
    """Return both directions of every road as sites; the second half is against the line."""
    middle = draft.net.middle_m()
    district = draft.district_at(middle)
    return Sites(np.vstack([middle, middle]), np.tile(district, 2), {"road_id": np.tile(road_ids, 2)})


def _road_weight(draft: Draft) -> Real:
    net = draft.net
    outward = np.hypot(*net.middle_m().T) / draft.plan.radius_m
    return np.asarray(_CLASS_WEIGHT[net.ranks] * np.exp(-1.2 * outward) * np.minimum(net.length_m / 150.0, 1.0))


def _traffic(draft: Draft, sites: Sites, count: int) -> pd.DataFrame:
    """Return detectors: both directions of a road are drawn alike; the place on the road differs."""
    chance = draft.plan.chance("traffic sensors")
    chosen = pick(chance, np.tile(_road_weight(draft), 2), count)
    part = np.round(chance.uniform(0.3, 0.7, count), 3)
    return _along(draft, thing_rows("traffic_sensor", sites, chosen), chosen, part)


def _vehicles(draft: Draft, sites: Sites, kind: str, count: int) -> pd.DataFrame:
    """Return vehicles where they stand at first; more than one may stand on a road."""
    chance = draft.plan.chance(kind)
    weight = np.tile(_road_weight(draft) * draft.net.length_m, 2)
    chosen = np.sort(chance.choice(len(weight), count, p=weight / weight.sum()))
    return _along(draft, thing_rows(kind, sites, chosen), chosen, np.round(chance.random(count), 3))


def _along(draft: Draft, rows: pd.DataFrame, chosen: NDArray[Any], part: Real) -> pd.DataFrame:
    """Put rows at a part of their roads; ``along_m`` counts from the start of the road's line."""
    road = chosen % len(draft.net.shapes)
    xy = along(draft.net.shapes[road], part)
    at = np.round(part * draft.net.length_m[road], 1)
    return rows.assign(x_m=xy[:, 0], y_m=xy[:, 1], along_m=at, reverse=chosen >= len(draft.net.shapes))


def _cameras(draft: Draft, road_ids: NDArray[np.object_], count: int) -> pd.DataFrame:
    """Return cameras at crossings; each looks along one of the roads that meet there."""
    net, chance = draft.net, draft.plan.chance("cameras")
    degree = np.bincount(np.concatenate([net.start, net.end]), minlength=len(net.nodes_m))
    node = np.concatenate([net.start, net.end])
    weight = np.tile(_CLASS_WEIGHT[net.ranks], 2) * np.where(degree[node] >= 3, 1.0, 0.05)
    weight *= np.exp(-1.5 * np.hypot(*net.nodes_m[node].T) / draft.plan.radius_m)
    chosen = pick(chance, weight, count)
    road = chosen % len(net.shapes)
    backwards = chosen >= len(net.shapes)
    ahead = along(net.shapes[road], np.where(backwards, 1 - 0.3, 0.3))
    corner = net.nodes_m[node[chosen]]
    way = ahead - corner
    heading = np.degrees(np.arctan2(way[:, 0], way[:, 1])) % 360
    place = corner + chance.uniform(-7, 7, (count, 2))
    sites = Sites(place, draft.district_at(place), {"road_id": road_ids[road], "heading_deg": np.round(heading, 1)})
    rows = thing_rows("camera", sites, np.arange(count))
    return rows.assign(camera=rows["thing_id"])


def _camera_layer(draft: Draft, cameras: pd.DataFrame) -> pd.DataFrame:
    chance = draft.plan.chance("camera fields")
    count = len(cameras)
    turning = chance.random(count) < 0.4
    return cameras[["name_zh", "name_en", "heading_deg", "road_id", "district"]].assign(
        camera_id=cameras["thing_id"],
        field_of_view_deg=np.where(turning, 62.0, np.round(chance.uniform(48, 92, count))),
        range_m=np.where(turning, 350.0, np.round(chance.uniform(80, 220, count))),
        height_m=np.round(chance.uniform(6, 12, count), 1),
        ptz=turning,
        provenance="synthetic",
    )


def _on(draft: Draft, kind: str, sites: Sites, count: int) -> pd.DataFrame:
    """Return things of a kind at sites, far from each other where there are few."""
    chance = draft.plan.chance(kind)
    if kind == "water_tank":
        return thing_rows(kind, sites, np.arange(count))
    few = count <= 400 and count < len(sites.xy_m)
    chosen = _far_apart(chance, sites.xy_m, count) if few else pick(chance, np.ones(len(sites.xy_m)), count)
    return thing_rows(kind, sites, chosen)


def _far_apart(chance: np.random.Generator, xy_m: Real, count: int) -> NDArray[np.int64]:
    """Return sites that cover the city: each is the one farthest from those before, give or take."""
    chosen = [int(np.argmin(np.hypot(*xy_m.T)))]
    gap = np.hypot(*(xy_m - xy_m[chosen[0]]).T)
    jitter = chance.uniform(0.55, 1.0, len(xy_m))
    while len(chosen) < count:
        chosen.append(int(np.argmax(gap * jitter)))
        gap = np.minimum(gap, np.hypot(*(xy_m - xy_m[chosen[-1]]).T))
    return np.sort(np.array(chosen, np.int64))


def _other_sites(draft: Draft) -> dict[str, Sites]:
    """Return where each of the other kinds of things can be."""
    blocks, supply = draft.blocks, draft.supply
    yards = _sites(draft, shapely.get_coordinates(shapely.point_on_surface(blocks.shapes)))
    corners = _sites(draft, draft.net.nodes_m + 9.0)
    junctions = _sites(draft, supply.junction_m, pipe_node=supply.junction)
    mains = _sites(draft, along(supply.pipe_shapes, np.full(len(supply.pipe), 0.5)), pipe_link=supply.pipe)
    tanks = _sites(draft, supply.tank_m, pipe_node=supply.tank)
    return {
        "air_station": yards,
        "air_micro": corners,
        "water_pressure_sensor": junctions,
        "water_flow_meter": mains,
        "water_tank": tanks,
        "water_quality_station": junctions,
        "rain_gauge": yards,
        "weather_station": yards,
        "river_gauge": _gauges(draft),
        "drain_sensor": _manholes(draft),
    }


def _sites(draft: Draft, xy_m: Real, **refs: NDArray[np.object_]) -> Sites:
    return Sites(xy_m, draft.district_at(xy_m), refs)


def _gauges(draft: Draft) -> Sites:
    """Return places on the banks, every 100 m along the river and its tributary."""
    terrain = draft.terrain
    parts, owners = [], []
    for water_id, line in (("W00001", terrain.river_line), ("W00002", terrain.tributary_line)):
        inside = line.intersection(terrain.edge)
        at = np.arange(200.0, inside.length - 200.0, 100.0)
        parts.append(shapely.get_coordinates(shapely.line_interpolate_point(np.array([inside], object), at)))
        owners += [water_id] * len(at)
    return _sites(draft, np.vstack(parts), water_id=np.array(owners, object))


def _manholes(draft: Draft) -> Sites:
    for columns, xy in zip(draft.pipes.nodes, draft.pipes.node_xy, strict=True):
        if columns["network"] == "drain" and columns["node_id"][0].startswith("DM"):
            return _sites(draft, xy, pipe_node=columns["node_id"])
    raise AssertionError("a city always has drains")
