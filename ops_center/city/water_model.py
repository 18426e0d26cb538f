"""The EPANET file of a pack, read through WNTR. Called by ``validate`` and the importer."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from ops_center.domain.errors import CityPackError


def load_water_model(path: Path) -> Any:
    """Return the ``wntr.network.WaterNetworkModel`` in ``path``; CityPackError if EPANET input can't be read."""
    import wntr

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # WNTR warns of defaults it fills in
            return wntr.network.WaterNetworkModel(str(path))
    except Exception as error:  # WNTR raises whatever its parser stumbles over
        raise CityPackError(f"{path}: not a readable EPANET model: {error}") from error


def node_and_link_ids(path: Path) -> tuple[set[str], set[str]]:
    """Return the names of all nodes and links; CityPackError as :func:`load_water_model`."""
    model = load_water_model(path)
    return set(model.node_name_list), set(model.link_name_list)
