"""The table ``gazetteer`` of a synthetic city: whatever somebody may ask for by name. Called by ``make``."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ops_center.city.synthetic.draft import Draft
from ops_center.city.synthetic.lines import ARTERIAL, COLLECTOR
from ops_center.city.synthetic.names import Name
from ops_center.city.synthetic.plan import Real

Rows = list[tuple[str, str, str, str, str]]
"""kind, Chinese name, English name, initials, feature"""
_MOST = 4000
"""crossings and addresses that are listed, each"""


class Gazetteer:
    """Places with names; a growing draft."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._rows: Rows = []
        self._places: list[Real] = []

    def add(self, kind: str, names: list[Name], features: list[str], xy_m: Real) -> None:
        """Add named places of one kind; ``features`` are ``layer:id``."""
        self._rows += [(kind, n.zh, n.en, n.initials, feature) for n, feature in zip(names, features, strict=True)]
        self._places.append(xy_m)

    def table(self) -> gpd.GeoDataFrame:
        """Return the layer ``gazetteer``."""
        columns = ["kind", "name_zh", "name_en", "pinyin_initials", "feature"]
        table = pd.DataFrame(self._rows, columns=columns)
        places = np.vstack(self._places)
        table.insert(0, "place_id", [f"N{number:06d}" for number in range(1, len(table) + 1)])
        table = table.assign(district=self._draft.district_at(places), provenance="synthetic")
        names = {
            i: (zh, en) for i, (zh, en, _) in zip(self._draft.district_ids, self._draft.district_names, strict=True)
        }
        table["address_zh"] = [names[d][0] + zh for d, zh in zip(table["district"], table["name_zh"], strict=True)]
        table["address_en"] = [
            f"{en}, {names[d][1]}" for d, en in zip(table["district"], table["name_en"], strict=True)
        ]
        return self._draft.layer(table, shapely.points(places))


def add_roads(gazetteer: Gazetteer, draft: Draft, road_ids: list[str], names: list[Name]) -> None:
    """Add every street once, at its longest road, and the crossings of greater roads."""
    net = draft.net
    order = np.lexsort((-net.length_m, net.streets))
    _, first = np.unique(net.streets[order], return_index=True)
    roads = order[first]
    middle = net.middle_m()
    gazetteer.add("road", [names[i] for i in roads], [f"roads:{road_ids[i]}" for i in roads], middle[roads])
    places, crossing = _crossings(draft, names)
    gazetteer.add("crossing", crossing, [""] * len(crossing), places)


def _crossings(draft: Draft, names: list[Name]) -> tuple[Real, list[Name]]:
    net = draft.net
    great = np.flatnonzero(net.ranks <= (ARTERIAL if len(net.shapes) > 15_000 else COLLECTOR))
    meeting: dict[int, dict[int, int]] = {}
    for ends in (net.start, net.end):
        for road, node in zip(great.tolist(), ends[great].tolist(), strict=True):
            meeting.setdefault(node, {}).setdefault(int(net.streets[road]), road)
    nodes = [node for node, streets in sorted(meeting.items()) if len(streets) > 1][:_MOST]
    found = [_both(*[names[road] for road in list(meeting[node].values())[:2]]) for node in nodes]
    return net.nodes_m[nodes], found


def _both(a: Name, b: Name) -> Name:
    return Name(f"{a.zh}{b.zh}路口", f"{a.en} and {b.en}", f"{a.initials}{b.initials}lk")


def add_bridges(gazetteer: Gazetteer, draft: Draft, roads: pd.DataFrame, names: list[Name]) -> None:
    """Add the bridges over the river, named after their streets."""
    wet = shapely.contains_xy(draft.terrain.river, *draft.net.middle_m().T) & roads["bridge"].to_numpy()
    first = pd.Series(draft.net.streets[wet], index=np.flatnonzero(wet)).drop_duplicates().index
    named = [Name(f"{_stem(names[i].zh)}大桥", f"{names[i].en} Bridge", f"{names[i].initials}dq") for i in first]
    features = [f"roads:{roads['road_id'].iloc[i]}" for i in first]
    gazetteer.add("bridge", named, features, draft.net.middle_m()[np.asarray(first, int)])


def _stem(zh: str) -> str:
    return zh.removesuffix("大道").removesuffix("快速路") or zh


def add_addresses(gazetteer: Gazetteer, draft: Draft, names: list[Name]) -> None:
    """Add house numbers: buildings take the name of the nearest road, numbered from its street's west end."""
    chance = draft.plan.chance("addresses")
    shapes = draft.buildings.shapes
    chosen = np.sort(chance.permutation(len(shapes))[:_MOST])
    places = shapely.get_coordinates(shapely.centroid(shapes[chosen]))
    road = np.asarray(shapely.STRtree(draft.net.shapes).nearest(shapely.points(places)), np.int64)
    number = _house_numbers(draft.net.streets[road], places)
    named = [
        Name(f"{names[r].zh}{n}号", f"{n} {names[r].en}", f"{names[r].initials}{n}h")
        for r, n in zip(road.tolist(), number.tolist(), strict=True)
    ]
    features = [f"buildings:B{i + 1:06d}" for i in chosen]
    gazetteer.add("address", named, features, places)


def _house_numbers(street: NDArray[Any], places: Real) -> NDArray[np.int64]:
    order: NDArray[np.int64] = np.lexsort((places[:, 1], places[:, 0], street))
    running = pd.Series(street[order]).groupby(street[order]).cumcount().to_numpy()
    number = np.empty(len(order), np.int64)
    number[order] = running * 2 + 1 + (order % 2)
    return number
