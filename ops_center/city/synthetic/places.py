"""Tables of places: districts, areas, population grid, buildings, water. Called by ``make``."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ops_center.city.synthetic.blocks import USES, dissolve
from ops_center.city.synthetic.draft import Draft
from ops_center.city.synthetic.names import RIVERS, Name, Namer

SOURCE = {"provenance": "synthetic"}


def make_districts(draft: Draft) -> gpd.GeoDataFrame:
    """Return the layer ``districts``."""
    names = draft.district_names
    table = pd.DataFrame(
        {
            "district_id": draft.district_ids,
            "name_zh": [zh for zh, _, _ in names],
            "name_en": [en for _, en, _ in names],
            **SOURCE,
        }
    )
    return draft.layer(table, draft.district_shapes)


def make_areas(draft: Draft) -> tuple[gpd.GeoDataFrame, dict[str, Name]]:
    """Return the layer ``areas`` (streets, communities, blocks as grid cells) and the names by area id."""
    blocks = draft.blocks
    namer = Namer(draft.plan, "areas")
    streets, communities = len(blocks.district_of), len(blocks.street_of)
    street_ids = _ids("S", streets)
    community_ids = _ids("C", communities)
    district = np.array(draft.district_ids, object)
    street_names = [namer.draw("街道", "Subdistrict", "jd") for _ in range(streets)]
    community_names = [namer.draw("社区", "Community", "sq") for _ in range(communities)]
    cells = [
        f"{community_names[c].zh}{n:02d}网格" for c, n in zip(blocks.community, _running(blocks.community), strict=True)
    ]
    cells_en = [
        f"{community_names[c].en} cell {n}" for c, n in zip(blocks.community, _running(blocks.community), strict=True)
    ]
    parts = [
        _area(
            "street", street_ids, street_names, "", district[blocks.district_of], _sum(blocks.street, blocks.residents)
        ),
        _area(
            "community",
            community_ids,
            community_names,
            street_ids[blocks.street_of],
            district[blocks.district_of[blocks.street_of]],
            _sum(blocks.community, blocks.residents),
        ),
        pd.DataFrame(
            {
                "area_id": _ids("G", len(cells)),
                "kind": "grid_cell",
                "name_zh": cells,
                "name_en": cells_en,
                "parent": community_ids[blocks.community],
                "district": district[blocks.district],
                "population": blocks.residents.astype(np.int64),
            }
        ),
    ]
    shapes = [dissolve(blocks.shapes, blocks.street, streets), dissolve(blocks.shapes, blocks.community, communities)]
    table = pd.concat(parts, ignore_index=True).assign(**SOURCE)
    named = dict(zip([*street_ids, *community_ids], [*street_names, *community_names], strict=True))
    return draft.layer(table, np.concatenate([*shapes, blocks.shapes])), named


def _area(
    kind: str, area_ids: NDArray[Any], names: list[Name], parent: Any, district: NDArray[Any], people: NDArray[np.int64]
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area_id": area_ids,
            "kind": kind,
            "name_zh": [name.zh for name in names],
            "name_en": [name.en for name in names],
            "parent": parent,
            "district": district,
            "population": people,
        }
    )


def _ids(letter: str, count: int) -> NDArray[np.object_]:
    return np.array([f"{letter}{number:05d}" for number in range(1, count + 1)], object)


def _sum(group: NDArray[np.int64], amount: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.bincount(group, amount, minlength=int(group.max()) + 1).astype(np.int64)


def _running(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 1, 2, 3 … within each group."""
    return np.asarray(pd.Series(group).groupby(group).cumcount().to_numpy() + 1, np.int64)


def make_population_grid(draft: Draft) -> gpd.GeoDataFrame:
    """Return the layer ``population_grid``: square cells; the people of a block are spread over it evenly."""
    blocks = draft.blocks
    side = 500.0 if draft.plan.radius_m < 12_000 else 1000.0
    west, south, east, north = shapely.total_bounds(blocks.shapes)
    columns = np.arange(np.floor(west / side), np.ceil(east / side)) * side
    rows = np.arange(np.floor(south / side), np.ceil(north / side)) * side
    x, y = (axis.reshape(-1) for axis in np.meshgrid(columns, rows))
    cells = shapely.box(x, y, x + side, y + side)
    block, cell = shapely.STRtree(cells).query(blocks.shapes, predicate="intersects")
    share = shapely.area(shapely.intersection(blocks.shapes[block], cells[cell])) / shapely.area(blocks.shapes)[block]
    residents = np.bincount(cell, share * blocks.residents[block], minlength=len(cells))
    workers = np.bincount(cell, share * blocks.workers[block], minlength=len(cells))
    used = np.flatnonzero(residents + workers >= 0.5)
    table = pd.DataFrame(
        {
            "cell_id": _ids("P", len(used)),
            "residents": np.round(residents[used], 1),
            "workers": np.round(workers[used], 1),
            "district": draft.district_at(np.column_stack([x[used], y[used]]) + side / 2),
            **SOURCE,
        }
    )
    return draft.layer(table, cells[used])


def make_buildings_table(draft: Draft) -> gpd.GeoDataFrame:
    """Return the layer ``buildings``."""
    buildings = draft.buildings
    table = pd.DataFrame(
        {
            "building_id": [f"B{number:06d}" for number in range(1, len(buildings.shapes) + 1)],
            "height_m": buildings.height_m,
            "use": np.array(USES, object)[buildings.use],
            "district": np.array(draft.district_ids, object)[draft.blocks.district[buildings.block]],
            **SOURCE,
        }
    )
    return draft.layer(table, buildings.shapes)


def make_water(draft: Draft) -> tuple[gpd.GeoDataFrame, list[Name]]:
    """Return the layer ``water`` (the river first, then its tributary, lakes, parks) and its names."""
    namer = Namer(draft.plan, "water")
    parks = draft.blocks.shapes[draft.blocks.use == USES.index("park")]
    names = [Name(*river) for river in RIVERS]
    names += [namer.draw("湖", "Lake", "h") for _ in draft.lakes] + [namer.draw("公园", "Park", "gy") for _ in parks]
    table = pd.DataFrame(
        {
            "water_id": _ids("W", len(names)),
            "name_zh": [name.zh for name in names],
            "name_en": [name.en for name in names],
            "kind": ["river"] * 2 + ["lake"] * len(draft.lakes) + ["park"] * len(parks),
            **SOURCE,
        }
    )
    green = shapely.buffer(parks, -8.0)
    green = np.where(shapely.is_empty(green), parks, green)
    tributary = draft.terrain.tributary.difference(draft.terrain.river)
    wet = np.array([draft.terrain.river, tributary, *draft.lakes], object)
    return draft.layer(table, np.concatenate([wet, green])), names
