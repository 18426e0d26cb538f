"""An EPANET model as pipe layers, placed by an affine transform, with its sensors as things. Called by ``import_``."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ops_center.city.frames import WGS84
from ops_center.city.kinds import THING_KINDS
from ops_center.city.recipe import Input
from ops_center.city.water_model import load_water_model
from ops_center.domain.errors import CityPackError
from ops_center.domain.place import to_wgs84

_KINDS = {"Junction": "junction", "Tank": "tank", "Reservoir": "reservoir"}

_THING_COLUMNS = [
    "thing_id", "kind", "name_zh", "name_en", "feed", "department", "pipe_node", "pipe_link", "geometry",
]  # fmt: skip


@dataclass(frozen=True)
class WaterParts:
    """What an EPANET model becomes."""

    nodes: gpd.GeoDataFrame
    links: gpd.GeoDataFrame
    things: gpd.GeoDataFrame
    model: str
    """the model as EPANET input with its nodes at their new places, metres of the input's ``crs``"""


def read_water(path: Path, source: Input) -> WaterParts:
    """Return the layers of the EPANET model at ``path``; CityPackError if it can't be read or placed."""
    model = load_water_model(path)
    names = list(model.node_name_list)
    local = np.array([model.get_node(name).coordinates for name in names], float)
    if not np.isfinite(local).all():
        raise CityPackError(f"{path}: a node lies nowhere: its coordinates are no numbers")
    a, b, d, e, x, y = source.affine
    metres = local @ np.array([[a, d], [b, e]]) + np.array([x, y])
    lonlat = dict(zip(names, np.column_stack(to_wgs84(metres[:, 0], metres[:, 1], source.crs)), strict=True))
    for name, place in zip(names, metres.tolist(), strict=True):
        model.get_node(name).coordinates = tuple(place)
    nodes, links = _nodes(model, lonlat), _links(model, lonlat)
    return WaterParts(nodes, links, _things(path, source, nodes, links), _text(model))


def _nodes(model: Any, lonlat: dict[str, Any]) -> gpd.GeoDataFrame:
    rows = []
    for name in model.node_name_list:
        node = model.get_node(name)
        height = node.base_head if node.node_type == "Reservoir" else node.elevation
        demand = node.base_demand * 1000 if node.node_type == "Junction" else 0.0
        rows.append((name, _KINDS[node.node_type], height, demand))
    table = pd.DataFrame(rows, columns=["node_id", "kind", "elevation_m", "base_demand_l_s"])
    table["base_demand_l_s"] = [_all_demands(model, name) for name in table["node_id"]]
    table = table.assign(network="water", provenance="given")
    return gpd.GeoDataFrame(table, geometry=shapely.points([lonlat[n] for n in table["node_id"]]), crs=WGS84)


def _all_demands(model: Any, name: str) -> float:
    """Return the sum of all demand categories of a node in L/s."""
    node = model.get_node(name)
    if node.node_type != "Junction":
        return 0.0
    return round(1000 * sum(float(series.base_value) for series in node.demand_timeseries_list), 6)


def _links(model: Any, lonlat: dict[str, Any]) -> gpd.GeoDataFrame:
    rows = []
    for name in model.link_name_list:
        link = model.get_link(name)
        pipe = link.link_type == "Pipe"
        wide = 1000 * link.diameter if link.link_type in {"Pipe", "Valve"} else np.nan
        rows.append(
            {
                "link_id": name,
                "kind": link.link_type.lower(),
                "from_node": link.start_node_name,
                "to_node": link.end_node_name,
                "diameter_mm": wide,
                "length_m": link.length if pipe else np.nan,
                "roughness": link.roughness if pipe else np.nan,
            }
        )
    table = pd.DataFrame(rows).assign(network="water", provenance="given")
    shapes = [
        shapely.LineString([lonlat[start], lonlat[end]])
        for start, end in zip(table["from_node"], table["to_node"], strict=True)
    ]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=WGS84)


def _things(path: Path, source: Input, nodes: gpd.GeoDataFrame, links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return pressure sensors and flow meters where the file's comments have the recipe's marks, and the tanks."""
    pressure = _marked(path, "JUNCTIONS", source.pressure_mark)
    flow = _marked(path, "PIPES", source.flow_mark) + _marked(path, "PUMPS", source.flow_mark)
    at = nodes.set_index("node_id")
    halves = shapely.line_interpolate_point(np.asarray(links.geometry), 0.5, normalized=True)
    middle = dict(zip(links["link_id"], halves, strict=True))
    tanks = nodes.loc[nodes["kind"] == "tank", "node_id"].tolist()
    rows = [_thing("water_pressure_sensor", name, at.geometry[name], pipe_node=name) for name in pressure]
    rows += [_thing("water_tank", name, at.geometry[name], pipe_node=name) for name in tanks]
    rows += [_thing("water_flow_meter", name, middle[name], pipe_link=name) for name in flow]
    table = pd.DataFrame(rows, columns=_THING_COLUMNS)
    table["elevation_m"] = table["pipe_node"].map(at["elevation_m"]).astype(float)
    return gpd.GeoDataFrame(table.assign(provenance="given"), geometry="geometry", crs=WGS84)


def _thing(kind: str, name: str, place: Any, *, pipe_node: str = "", pipe_link: str = "") -> dict[str, Any]:
    what = THING_KINDS[kind]
    return {
        "thing_id": f"{kind}-{name}",
        "kind": kind,
        "name_zh": f"{what.label.zh} {name}",
        "name_en": f"{what.label.en.capitalize()} {name}",
        "feed": what.feed,
        "department": what.department,
        "pipe_node": pipe_node,
        "pipe_link": pipe_link,
        "geometry": place,
    }


def _marked(path: Path, section_name: str, mark: str) -> list[str]:
    """Return the names in a section whose comment holds ``mark``, in the order of the file; none for no mark."""
    if not mark:
        return []
    text = path.read_text(encoding="utf-8", errors="replace")
    section = re.search(rf"^\[{section_name}\](.*?)^\[", text, re.DOTALL | re.MULTILINE | re.IGNORECASE)
    lines = section[1].splitlines() if section else []
    return [line.split()[0] for line in lines if mark in line.partition(";")[2] and not line.lstrip().startswith(";")]


def _text(model: Any) -> str:
    import wntr

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "water.inp"
        wntr.network.write_inpfile(model, str(path), units=model.options.hydraulic.inpfile_units)
        return path.read_text(encoding="utf-8")
