"""The static features that layers draw, read from the city pack as plain arrays: layers know no files.

Called once by whoever holds the pack: the stream and the feature card.
"""

from __future__ import annotations

import numpy as np
import shapely

from layers.contract import Features, FeatureTable
from ops_center.city.pack import CityPack
from ops_center.city.schema import LAYERS

DRAWN = ("roads", "pipe_links", "pipe_nodes")
"""layers of the pack that some layer asks for"""


def read_features(pack: CityPack) -> Features:
    """Return the features of the pack that layers draw; raises CityPackError if one is damaged."""
    return {name: _table(pack, name) for name in DRAWN}


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
