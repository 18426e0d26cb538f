"""The table ``roads`` of a synthetic city: names, lanes, speeds, one-way streets, bridges. Called by ``make``."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from ops_center.city.road_graph import CLASS_NAMES
from ops_center.city.synthetic.draft import Draft
from ops_center.city.synthetic.lines import ARTERIAL, COLLECTOR, EXPRESSWAY, LOCAL
from ops_center.city.synthetic.names import RADIALS, RIVERSIDE, Name, Namer, ring_name
from ops_center.city.synthetic.net import Net
from ops_center.city.synthetic.plan import Plan, Real
from ops_center.city.synthetic.skeleton import RADIAL_STREET, RING_STREET, RIVER_STREET

_SPEED_KMH = np.array([80.0, 60.0, 50.0, 30.0])
_LANES = np.array([4, 3, 2, 1])
_SUFFIX = {
    EXPRESSWAY: ("快速路", "Expressway", "ksl"),
    ARTERIAL: ("大道", "Avenue", "dd"),
    COLLECTOR: ("路", "Road", "l"),
    LOCAL: ("街", "Street", "j"),
}
_ONEWAY_LANES = 0.14
"""part of the lanes of the inner city that are one way"""


def make_roads(draft: Draft) -> tuple[gpd.GeoDataFrame, list[Name]]:
    """Return the layer ``roads`` and the name of each."""
    net, plan = draft.net, draft.plan
    names = _names(plan, net)
    lanes = _LANES[net.ranks] - (plan.chance("lanes").random(len(net.ranks)) < 0.2) * (net.ranks < LOCAL)
    table = pd.DataFrame(
        {
            "road_id": [f"R{number:06d}" for number in range(1, len(net.shapes) + 1)],
            "class": np.array(CLASS_NAMES, object)[net.ranks],
            "name_zh": [name.zh for name in names],
            "name_en": [name.en for name in names],
            "lanes": lanes,
            "oneway": _oneway(plan, net),
            "speed_limit_kmh": _SPEED_KMH[net.ranks],
            "from_node": net.start,
            "to_node": net.end,
            "length_m": np.round(net.length_m, 2),
            "bridge": bridges(draft),
            "district": draft.district_at(net.middle_m()),
            "provenance": "synthetic",
        }
    )
    return draft.layer(table, net.shapes), names


def bridges(draft: Draft) -> NDArray[np.bool_]:
    """Return which roads cross a river: their middle lies over water."""
    water = draft.terrain.water
    shapely.prepare(water)
    return np.asarray(shapely.contains_xy(water, *draft.net.middle_m().T))


def _names(plan: Plan, net: Net) -> list[Name]:
    """Return a name for every road: one for all roads of a street, lanes included."""
    namer = Namer(plan, "roads")
    streets, first = np.unique(net.streets, return_index=True)
    by_street = {
        street: _name(namer, street, rank)
        for street, rank in zip(streets.tolist(), net.ranks[first].tolist(), strict=True)
    }
    return [by_street[street] for street in net.streets.tolist()]


def _name(namer: Namer, street: int, rank: int) -> Name:
    if RING_STREET <= street < RADIAL_STREET:
        return ring_name(street - RING_STREET)
    if RADIAL_STREET <= street < min(RIVER_STREET, RADIAL_STREET + len(RADIALS)):
        return Name(*RADIALS[street - RADIAL_STREET])
    if RIVER_STREET <= street < RIVER_STREET + len(RIVERSIDE):
        return Name(*RIVERSIDE[street - RIVER_STREET])
    return namer.draw(*_SUFFIX[rank])


def _oneway(plan: Plan, net: Net) -> NDArray[np.bool_]:
    """Return which lanes are one way, so that every place can still be reached and left."""
    middle: Real = net.middle_m()
    inner = np.hypot(*middle.T) < 0.5 * plan.radius_m
    oneway = (net.ranks == LOCAL) & inner & (plan.chance("oneway").random(len(net.ranks)) < _ONEWAY_LANES)
    while True:
        apart = _apart(net, oneway)
        cut = oneway & (apart[net.start] | apart[net.end])
        if not cut.any():
            return np.asarray(oneway, np.bool_)
        oneway = oneway & ~cut


def _apart(net: Net, oneway: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which nodes can't be both reached from and left for the greater part of the city."""
    start = np.concatenate([net.start, net.end[~oneway]])
    end = np.concatenate([net.end, net.start[~oneway]])
    graph = csr_matrix((np.ones(len(start)), (start, end)), shape=(len(net.nodes_m), len(net.nodes_m)))
    _, group = connected_components(graph, directed=True, connection="strong")
    return np.asarray(group != np.bincount(group).argmax(), np.bool_)
