"""The networks of a city pack as rules and correlation want them: who is at which node of the roads and of the pipes.

Made by the workers of rules and of the book when they meet pack and catalog, and again when the catalog changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from alerts.surroundings import Network, Surroundings
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Thing

ROADS = "roads"
_LINKS = ("from_node", "to_node")


def surroundings_of(pack: CityPack, catalog: Catalog) -> Surroundings:
    """Return the city's metres, its roads (``roads``) and its pipes by their network (``water``, ``drain`` …)."""
    things = [thing for thing in catalog.things.values() if not thing.retired]
    networks = {ROADS: _roads(pack.table("roads"), things)}
    links = pack.table("pipe_links")
    for name, rows in links.groupby("network", sort=True):
        networks[str(name)] = _pipes(rows, things)
    return Surroundings(pack.metric, networks)


def _roads(roads: pd.DataFrame, things: Sequence[Thing]) -> Network:
    """Return the junctions and roads; who is on a road is at the nearer of its ends."""
    edges, _ = _numbered(roads)
    length = dict(zip(roads["road_id"], roads["length_m"], strict=True))
    ends = dict(zip(roads["road_id"], edges.tolist(), strict=True))

    def node(attributes: Mapping[str, Any]) -> int:
        road = attributes.get("road_id")
        if road not in ends:
            return -1
        along = attributes.get("along_m") or 0.0
        return int(ends[road][1 if along > length[road] / 2 else 0])

    return _network(edges, things, node)


def _pipes(links: pd.DataFrame, things: Sequence[Thing]) -> Network:
    """Return the nodes and links; who is on a link is at its first end."""
    edges, number = _numbered(links)
    first = dict(zip(links["link_id"], edges[:, 0].tolist(), strict=True))

    def node(attributes: Mapping[str, Any]) -> int:
        at = number.get(attributes.get("pipe_node"), -1)
        return at if at >= 0 else first.get(attributes.get("pipe_link"), -1)

    return _network(edges, things, node)


def _numbered(links: pd.DataFrame) -> tuple[np.ndarray[Any, np.dtype[np.int32]], Mapping[Any, int]]:
    names, ends = np.unique(links[list(_LINKS)].to_numpy(), return_inverse=True)
    number = {name: place for place, name in enumerate(names.tolist())}
    return np.asarray(ends.reshape(-1, 2), np.int32), number


def _network(edges: Any, things: Sequence[Thing], node: Any) -> Network:
    at = [(thing.key, node(thing.attributes)) for thing in things]
    known = np.array([pair for pair in at if pair[1] >= 0], np.int32).reshape(-1, 2)
    return Network(edges, known[:, 0], known[:, 1])
