"""The static features that layers draw, read from the city pack as plain arrays: layers know no files.

Called once by whoever holds the pack: the stream and the feature card.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.contract import Features, FeatureTable
from ops_center.city.pack import CityPack
from ops_center.city.schema import LAYERS
from ops_center.domain.observations import Float64

DRAWN = ("roads", "pipe_links", "pipe_nodes", "units")
"""layers of the pack that some layer asks for, besides districts"""
_TOLERANCE_DEG = 1e-4
_DEGREE_KM = 111.195


def read_features(pack: CityPack) -> Features:
    """Return the features of the pack that layers draw; raises CityPackError if one is damaged."""
    return {"districts": _districts(pack), **{name: _table(pack, name) for name in DRAWN}}


def _districts(pack: CityPack) -> FeatureTable:
    """Return the districts as rings, each ended by a row of NaN; their outlines are those of the ground, not finer."""
    frame = pack.features("districts")
    rings = [_rings(shape) for shape in shapely.simplify(np.asarray(frame.geometry), _TOLERANCE_DEG)]
    return FeatureTable(
        ids=tuple(frame["district_id"].astype(str)),
        positions=np.concatenate(rings).astype(np.float32) if rings else np.empty((0, 2), np.float32),
        starts=np.concatenate(([0], np.cumsum([len(ring) for ring in rings]))).astype(np.uint32),
        columns={"area_km2": _areas_km2(np.asarray(frame.geometry))},
    )


def _rings(shape: shapely.Geometry) -> Float64:
    """Return outer rings against the clock, each followed by its holes, with it."""
    gap = np.full((1, 2), np.nan)
    found = []
    for part in shapely.get_parts(shape):
        whole = shapely.orient_polygons(part)
        for ring in (whole.exterior, *whole.interiors):
            found += [shapely.get_coordinates(ring)[:-1], gap]
    return np.concatenate(found) if found else np.empty((0, 2))


def _areas_km2(shapes: NDArray[np.object_]) -> Float64:
    """Return how large each is; a degree has the length that it has in its middle."""
    latitude = np.radians(shapely.get_y(shapely.centroid(shapes)))
    return np.asarray(shapely.area(shapes) * _DEGREE_KM**2 * np.cos(latitude))


def _table(pack: CityPack, name: str) -> FeatureTable:
    frame = pack.features(name)
    positions, owners = shapely.get_coordinates(np.asarray(frame.geometry), return_index=True)
    counts = np.bincount(owners, minlength=len(frame))
    return FeatureTable(
        ids=tuple(frame[LAYERS[name].key[0]]),
        positions=positions.astype(np.float32),
        starts=np.concatenate(([0], np.cumsum(counts))).astype(np.uint32),
        columns={column: frame[column].to_numpy() for column in LAYERS[name].columns},
    )
