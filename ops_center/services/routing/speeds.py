"""What edges cost as the traffic is: from the speeds that sensors measure, spread to roads without one; pure.

A sensor says how fast its direction of its road is, as a share of the limit. An edge with sensors has the mean of those
that are current. Any other has the mean of the nearest sensors of roads of its class, nearer ones counting more
(exp(-d / 600 m), at most six), and of all current sensors of the class, which counts as one at the distance at which
nearness ends (1,500 m): far from every sensor a road is as its class is in the city. Where none of a class is current,
its roads are as fast as ``UNKNOWN_SHARE`` of the limit. These numbers are assumed; waits at signals are not added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.spatial import KDTree

from layers.contract import LiveFrame
from layers.values import latest, stream_keys, things_of
from ops_center.city.road_graph import CLASS_NAMES
from ops_center.domain.catalog import Catalog, Thing
from ops_center.services.routing.network import Real, RoadNetwork

UNKNOWN_SHARE = 0.75
"""of the limit, where nobody measures"""
SLOWEST_MPS = 1.0
"""a queue that stands now moves again: no road that is open takes for ever"""
FASTEST_SHARE = 1.1
"""of the limit: what lies beyond is a sensor's error or a way of driving that nobody is sent by"""
URGENT_SHARE = 1.25
"""how much faster than the traffic one drives with siren and light"""
URGENT_LEAST_MPS = 5.0
"""through a queue, with siren and light (18 km/h)"""

_NEAREST = 6
_FADING_M = 600.0
_FARTHEST_M = 1500.0


@dataclass(frozen=True, eq=False)
class Spread:
    """How much each sensor counts for each edge; made once for a version of the catalog."""

    streams: NDArray[np.int32]
    """int32[s], datastream of each sensor's speed"""
    limit_mps: Real
    """float64[s], of the sensor's road"""
    group: NDArray[np.int64]
    """int64[s], class of the sensor's road"""
    own: csr_matrix
    """[e, s], 1 where the sensor is on the edge"""
    near: csr_matrix
    """[e, s], weights of near sensors of the same class"""

    @classmethod
    def of(cls, network: RoadNetwork, catalog: Catalog) -> Spread:
        """Return it for the traffic sensors of a catalog; those on no known road are left out."""
        graph = network.graph
        road_of = {str(name): row for row, name in enumerate(graph.road_id.tolist())}
        sensors = things_of(catalog, ("traffic_sensor",))
        edges = np.array([_edge(network, one, road_of) for one in sensors], np.int64)
        placed = [sensors[row] for row in np.flatnonzero(edges >= 0).tolist()]
        edge = edges[edges >= 0]
        group = graph.road_class[edge].astype(np.int64)
        keys = np.array([one.key for one in placed], np.int32)
        size = (len(graph.road), len(placed))
        return cls(
            streams=stream_keys(catalog, keys, "vehicle_speed"),
            limit_mps=graph.speed_mps[edge],
            group=group,
            own=csr_matrix((np.ones(len(edge)), (edge, np.arange(len(edge)))), shape=size),
            near=_near(network, np.array([(t.longitude, t.latitude) for t in placed]).reshape(-1, 2), group),
        )

    def speeds_mps(self, network: RoadNetwork, frame: LiveFrame) -> Real:
        """Return the speed of the traffic on each edge, float64[e]."""
        graph = network.graph
        measured = latest(frame, self.streams)
        current = ~measured.aged & np.isfinite(measured.value)
        share = np.where(current, measured.value / 3.6 / self.limit_mps, 0.0)
        of_class = self._of_classes(share, current)[graph.road_class]
        far = float(np.exp(-_FARTHEST_M / _FADING_M))
        weight = self.near @ current.astype(float)
        spread = (self.near @ share + far * of_class) / (weight + far)
        there = self.own @ current.astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = np.where(there > 0, (self.own @ share) / there, spread)
        return np.asarray(np.maximum(np.minimum(found, FASTEST_SHARE) * graph.speed_mps, SLOWEST_MPS))

    def _of_classes(self, share: Real, current: NDArray[np.bool_]) -> Real:
        """Return the mean share of each class of roads."""
        count = np.bincount(self.group, current, minlength=len(CLASS_NAMES))
        total = np.bincount(self.group, share, minlength=len(CLASS_NAMES))
        return np.where(count > 0, total / np.maximum(count, 1), UNKNOWN_SHARE)


def urgent_mps(speed_mps: Real) -> Real:
    """Return how fast one drives with siren and light where the traffic has this speed (assumed, see the constants)."""
    return np.maximum(speed_mps * URGENT_SHARE, URGENT_LEAST_MPS)


def _edge(network: RoadNetwork, sensor: Thing, road_of: dict[str, int]) -> int:
    """Return the edge that a sensor observes; -1 for none."""
    road = road_of.get(str(sensor.attributes.get("road_id", "")), -1)
    if road < 0:
        return -1
    against = int(network.edge_against[road]) if sensor.attributes.get("reverse") else -1
    return against if against >= 0 else int(network.edge_along[road])


def _near(network: RoadNetwork, lonlat: Real, group: NDArray[np.int64]) -> csr_matrix:
    """Return the weights of sensors near the middle of each edge."""
    graph = network.graph
    middle = (graph.node_xy_m[graph.start] + graph.node_xy_m[graph.end]) / 2
    places = np.column_stack(network.metric.to_metres(lonlat[:, 0], lonlat[:, 1]))
    rows, columns, weights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for one in np.unique(group).tolist():
        edges, sensors = np.flatnonzero(graph.road_class == one), np.flatnonzero(group == one)
        count = min(_NEAREST, len(sensors))
        tree, nearest = KDTree(places[sensors]), range(1, count + 1)
        far, found = tree.query(middle[edges], k=nearest, distance_upper_bound=_FARTHEST_M)
        row, rank = np.nonzero(np.isfinite(far))
        rows.append(edges[row])
        columns.append(sensors[found[row, rank]])
        weights.append(np.exp(-far[row, rank] / _FADING_M))
    shape = (len(graph.road), len(lonlat))
    return csr_matrix((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
