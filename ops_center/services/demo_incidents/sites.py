"""Where in a city pack incidents of a kind may happen, and how likely each place is; pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from ops_center.city.pack import CityPack
from ops_center.services.demo_incidents.form import Where

Sites = tuple[gpd.GeoDataFrame, NDArray[np.float64]]
"""rows of a layer, and the weight of each"""

_ROAD_WEIGHTS = {"expressway": 3.0, "arterial": 2.0, "collector": 0.7, "local": 0.15}
"""crashes by metre of road: assumed"""
_VENUES = ("stadium", "railway_station", "commerce")
_LOW = 0.15
"""the lowest share of manholes: that is where water stands"""


def sites(pack: CityPack, where: Where) -> Sites:
    """Return the places of a kind; none where the city has none. Raises CityPackError if the pack is damaged."""
    return _FINDERS[where](pack)


def _pipes(network: str) -> Callable[[CityPack], Sites]:
    def find(pack: CityPack) -> Sites:
        links = pack.features("pipe_links")
        mine = links[(links["network"] == network) & (links["kind"] == "pipe")]
        return mine, mine["length_m"].fillna(1.0).to_numpy(float)

    return find


def _drain(pack: CityPack) -> Sites:
    nodes = pack.features("pipe_nodes")
    mine = nodes[(nodes["network"] == "drain") & (nodes["kind"] == "manhole")]
    return _even(mine[mine["elevation_m"] <= mine["elevation_m"].quantile(_LOW)])


def _roads(pack: CityPack) -> Sites:
    roads = pack.features("roads")
    named = roads[roads["name_zh"].fillna("") != ""]
    return named, named["length_m"].to_numpy(float) * named["class"].map(_ROAD_WEIGHTS).to_numpy(float)


def _buildings(pack: CityPack) -> Sites:
    places = pack.features("gazetteer")
    return _even(places[places["kind"] == "address"])


def _plants(pack: CityPack) -> Sites:
    facilities = pack.features("facilities")
    holding = facilities[(facilities["kind"] == "plant") & (facilities["hazardous_goods"].fillna("") != "")]
    return holding, holding["hazardous_t"].fillna(1.0).clip(lower=1.0).to_numpy(float)


def _venues(pack: CityPack) -> Sites:
    facilities = pack.features("facilities")
    return _even(facilities[facilities["kind"].isin(_VENUES)])


def _air(pack: CityPack) -> Sites:
    things = pack.features("things")
    return _even(things[things["kind"] == "air_station"])


def _even(rows: gpd.GeoDataFrame) -> Sites:
    return rows, np.ones(len(rows))


_FINDERS: Mapping[Where, Callable[[CityPack], Sites]] = {
    "water": _pipes("water"),
    "gas": _pipes("gas"),
    "drain": _drain,
    "roads": _roads,
    "buildings": _buildings,
    "plants": _plants,
    "venues": _venues,
    "air": _air,
}
NAMED: frozenset[Where] = frozenset({"buildings", "plants", "venues", "air"})
"""kinds of places that have a name of their own; others are called by their road"""
