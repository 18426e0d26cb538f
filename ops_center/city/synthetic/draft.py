"""Everything that is known about a synthetic city while its tables are made, and what every table needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree
from shapely.geometry.base import BaseGeometry

from ops_center.city.synthetic.blocks import Blocks, dissolve
from ops_center.city.synthetic.buildings import Buildings
from ops_center.city.synthetic.names import DISTRICTS
from ops_center.city.synthetic.net import Net
from ops_center.city.synthetic.pipes import Pipes
from ops_center.city.synthetic.plan import Plan, Real
from ops_center.city.synthetic.supply import Supply
from ops_center.city.synthetic.terrain import Terrain


@dataclass(frozen=True)
class Draft:
    """The city in local metres."""

    plan: Plan
    terrain: Terrain
    lakes: tuple[BaseGeometry, ...]
    net: Net
    """roads only"""
    blocks: Blocks
    buildings: Buildings
    supply: Supply
    pipes: Pipes

    @cached_property
    def district_shapes(self) -> NDArray[np.object_]:
        """Return the districts, rivers and lakes in them included."""
        blocks = self.blocks
        shapes = np.concatenate([blocks.shapes, blocks.wet])
        group = np.concatenate([blocks.district, blocks.wet_district])
        return dissolve(shapes, group, len(self.district_ids))

    @cached_property
    def district_ids(self) -> list[str]:
        """Return D01, D02 … by number of district."""
        return [f"D{number + 1:02d}" for number in range(int(self.blocks.district_of.max()) + 1)]

    @cached_property
    def district_names(self) -> list[tuple[str, str, str]]:
        """Return Chinese and English name and initials by number of district: the innermost is 城中区."""
        count = len(self.district_ids)
        middle = shapely.get_coordinates(shapely.centroid(self.district_shapes))
        order = np.argsort(np.hypot(*middle.T), kind="stable")
        others = self.plan.chance("district names").permutation(len(DISTRICTS) - 1)[: count - 1] + 1
        found = [DISTRICTS[0]] * count
        for place, name in zip(order[1:].tolist(), others.tolist(), strict=True):
            found[place] = DISTRICTS[name]
        return found

    def district_at(self, xy_m: Real) -> NDArray[np.object_]:
        """Return the district of each place, text: the nearest for what lies in none."""
        number = np.full(len(xy_m), -1)
        for i, shape in enumerate(self.district_shapes):
            shapely.prepare(shape)
            number[shapely.contains_xy(shape, xy_m[:, 0], xy_m[:, 1])] = i
        lost = np.flatnonzero(number < 0)
        if len(lost):
            middle = shapely.get_coordinates(shapely.centroid(self.blocks.shapes))
            number[lost] = self.blocks.district[KDTree(middle).query(xy_m[lost])[1]]
        return np.asarray(np.array(self.district_ids, object)[number])

    def layer(self, table: pd.DataFrame, shapes: Any) -> gpd.GeoDataFrame:
        """Return a table with its geometry, moved from local metres to EPSG:4326."""
        return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=self.plan.on_earth(shapes), crs="EPSG:4326")
