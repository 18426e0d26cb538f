"""``run.py city make``: a believable synthetic river city, the same for the same seed.

The steps: land, main roads, streets, net, blocks, buildings, pipes, then one table after the other.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ops_center.city.datastreams import datastreams_of
from ops_center.city.manifest import Manifest
from ops_center.city.pack import CityPack, Progress, no_progress
from ops_center.city.synthetic.blocks import make_blocks
from ops_center.city.synthetic.buildings import make_buildings
from ops_center.city.synthetic.draft import Draft
from ops_center.city.synthetic.epanet import epanet_text
from ops_center.city.synthetic.gazetteer import Gazetteer, add_addresses, add_bridges, add_roads
from ops_center.city.synthetic.lines import EDGE
from ops_center.city.synthetic.names import CITIES, Name
from ops_center.city.synthetic.net import Net, make_net
from ops_center.city.synthetic.organisations import make_organisations
from ops_center.city.synthetic.placed import make_things
from ops_center.city.synthetic.places import (
    make_areas,
    make_buildings_table,
    make_districts,
    make_population_grid,
    make_water,
)
from ops_center.city.synthetic.plan import PROJECTED_CRS, Plan, Real
from ops_center.city.synthetic.roads import make_roads
from ops_center.city.synthetic.services import make_facilities, make_roster, make_units
from ops_center.city.synthetic.sewers import make_pipes
from ops_center.city.synthetic.skeleton import make_skeleton
from ops_center.city.synthetic.streets import make_quarters
from ops_center.city.synthetic.supply import make_supply
from ops_center.city.synthetic.terrain import make_terrain
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.place import Bounds
from ops_center.domain.text import Label

LEAST_THINGS, MOST_THINGS = 500, 1_000_000
_UNIT_VEHICLES = {
    "traffic_police": "police",
    "patrol": "police",
    "fire_brigade": "fire",
    "ambulance_crew": "ambulance",
    "sanitation_crew": "sanitation",
}


def make_city(seed: int, things: int, folder: Path, progress: Progress = no_progress) -> CityPack:
    """Make a city, write it to ``folder`` and return it.

    Raises ConfigurationError for a number of things outside 500 to 1,000,000 or a negative seed, CityPackError
    if ``folder`` holds something else than a pack.
    """
    return generate(seed, things, progress).write(folder, lambda done, what: progress(0.7 + 0.3 * done, what))


def generate(seed: int, things: int, progress: Progress = no_progress) -> CityPack:
    """Make a city in memory; as :func:`make_city`."""
    if not LEAST_THINGS <= things <= MOST_THINGS:
        raise ConfigurationError(f"things {things}: a city has {LEAST_THINGS} to {MOST_THINGS}")
    if seed < 0:
        raise ConfigurationError(f"seed {seed}: not negative")
    draft = _draft(Plan(seed, things), progress)
    layers = _tables(draft, progress)
    return CityPack(_manifest(draft), layers, water_model=epanet_text(draft.plan, draft.supply))


def _draft(plan: Plan, progress: Progress) -> Draft:
    progress(0.0, "land and main roads")
    terrain = make_terrain(plan)
    lines = make_skeleton(plan, terrain)
    progress(0.03, "streets")
    quarters = make_quarters(plan, terrain, lines)
    lines.extend(quarters.lines)
    net = make_net(plan, lines)
    progress(0.15, "blocks and people")
    blocks = make_blocks(plan, terrain, net, quarters.lakes)
    progress(0.2, "buildings")
    buildings = make_buildings(plan, blocks)
    progress(0.25, "pipes")
    roads = _roads_only(net)
    supply = make_supply(plan, terrain, roads, blocks)
    pipes = make_pipes(plan, terrain, roads, blocks, supply)
    return Draft(plan, terrain, quarters.lakes, roads, blocks, buildings, supply, pipes)


def _roads_only(net: Net) -> Net:
    """Return the net without banks and borders, its nodes numbered anew."""
    roads = net.take(net.ranks != EDGE)
    used, numbers = np.unique(np.concatenate([roads.start, roads.end]), return_inverse=True)
    start, end = numbers.reshape(2, -1)
    return Net(roads.shapes, roads.ranks, roads.streets, start, end, net.nodes_m[used])


def _tables(draft: Draft, progress: Progress) -> dict[str, pd.DataFrame]:
    gazetteer = Gazetteer(draft)
    progress(0.3, "districts and areas")
    layers = _place_tables(draft, gazetteer)
    progress(0.4, "roads")
    layers["roads"], road_names = make_roads(draft)
    add_roads(gazetteer, draft, layers["roads"]["road_id"].tolist(), road_names)
    add_bridges(gazetteer, draft, layers["roads"], road_names)
    add_addresses(gazetteer, draft, road_names)
    layers["pipe_nodes"], layers["pipe_links"] = _pipe_tables(draft)
    progress(0.5, "things")
    road_ids = layers["roads"]["road_id"].to_numpy(object)
    layers["cameras"], layers["things"] = make_things(draft, road_ids)
    layers["datastreams"] = datastreams_of(layers["things"])
    progress(0.65, "services")
    _add_services(draft, gazetteer, layers)
    layers["gazetteer"] = gazetteer.table()
    return layers


def _place_tables(draft: Draft, gazetteer: Gazetteer) -> dict[str, pd.DataFrame]:
    districts = make_districts(draft)
    areas, area_names = make_areas(draft)
    water, water_names = make_water(draft)
    middle = _middles(draft, districts)
    gazetteer.add("district", [Name(*n) for n in draft.district_names], _refs("districts", draft.district_ids), middle)
    named = areas[areas["kind"] != "grid_cell"]
    gazetteer.add("area", list(area_names.values()), _refs("areas", list(area_names)), _middles(draft, named))
    gazetteer.add("water", water_names, _refs("water", water["water_id"].tolist()), _middles(draft, water))
    return {
        "districts": districts,
        "areas": areas,
        "population_grid": make_population_grid(draft),
        "buildings": make_buildings_table(draft),
        "water": water,
    }


def _refs(layer: str, ids: list[str]) -> list[str]:
    return [f"{layer}:{name}" for name in ids]


def _middles(draft: Draft, frame: gpd.GeoDataFrame) -> Real:
    """Return a place inside each shape, in local metres."""
    lonlat = shapely.get_coordinates(shapely.point_on_surface(np.asarray(frame.geometry)))
    return np.asarray(np.column_stack(draft.plan.metric.to_metres(*lonlat.T)) - np.array(draft.plan.origin_m))


def _pipe_tables(draft: Draft) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    pipes = draft.pipes
    nodes = pd.concat([pd.DataFrame(columns) for columns in pipes.nodes], ignore_index=True)
    links = pd.concat([pd.DataFrame(columns) for columns in pipes.links], ignore_index=True)
    places, shapes = np.vstack(pipes.node_xy), np.concatenate(pipes.link_shapes)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(shapes, 0.5, normalized=True))
    nodes = nodes.assign(district=draft.district_at(places), provenance="synthetic")
    links = links.assign(district=draft.district_at(middle), provenance="synthetic")
    return draft.layer(nodes, shapely.points(places)), draft.layer(links, shapes)


def _add_services(draft: Draft, gazetteer: Gazetteer, layers: dict[str, pd.DataFrame]) -> None:
    district = np.array(draft.district_ids, object)[draft.blocks.district]
    names = [(zh, en) for zh, en, _ in draft.district_names]
    streets = layers["areas"][layers["areas"]["kind"] == "street"]
    layers["organisations"] = make_organisations(draft.district_ids, names, streets)
    layers["duty_roster"] = make_roster(draft.plan, layers["organisations"])
    facilities, xy, initials = make_facilities(draft.plan, draft.blocks)
    facilities = facilities.assign(district=district[facilities["block"]])
    layers["facilities"] = draft.layer(facilities, shapely.points(xy))
    titles = [Name(*n) for n in zip(facilities["name_zh"], facilities["name_en"], initials, strict=True)]
    gazetteer.add("facility", titles, _refs("facilities", facilities["facility_id"].tolist()), xy)
    units, bases = make_units(draft.plan, draft.blocks)
    units = units.assign(district=district[units["block"]], vehicle=_unit_vehicles(units, layers["things"]))
    layers["units"] = draft.layer(units, shapely.points(bases))


def _unit_vehicles(units: pd.DataFrame, things: pd.DataFrame) -> list[str]:
    """Return a vehicle for every unit whose kind drives one, while there are vehicles."""
    free = {kind: iter(things.loc[things["kind"] == kind, "thing_id"]) for kind in set(_UNIT_VEHICLES.values())}
    return [next(free[_UNIT_VEHICLES[kind]], "") if kind in _UNIT_VEHICLES else "" for kind in units["kind"]]


def _manifest(draft: Draft) -> Manifest:
    plan = draft.plan
    zh, en = CITIES[plan.seed % len(CITIES)]
    reach = float(np.max(plan.edge_radius_m(np.linspace(0, 2 * np.pi, 721)))) + 600.0
    corners = plan.to_lonlat(np.array([[x, y] for x in (-reach, 0, reach) for y in (-reach, 0, reach)]))
    (west, south), (east, north) = np.floor(corners.min(axis=0) * 1e4) / 1e4, np.ceil(corners.max(axis=0) * 1e4) / 1e4
    return Manifest(
        city_id=f"synthetic-{plan.seed}-{plan.things}",
        name=Label(zh=zh, en=en),
        projected_crs=PROJECTED_CRS,
        timezone="Asia/Shanghai",
        bounds=Bounds(float(west), float(south), float(east), float(north)),
        origin="synthetic",
        seed=plan.seed,
        attribution=("Synthetic city: nothing in it is real 合成城市，并非真实数据",),
    )
