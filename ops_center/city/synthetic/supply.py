"""Water supply: a looped network with water works at the river, pumps and tanks, sized so that it works.

Sizes follow the textbook way: flows on the shortest ways to the works, diameters for an economic velocity, the
pumps' head for the worst node at the peak hour. tests/city runs it through EPANET.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from ops_center.city.synthetic.blocks import Blocks
from ops_center.city.synthetic.lines import ARTERIAL, COLLECTOR
from ops_center.city.synthetic.net import Net
from ops_center.city.synthetic.pipes import ids, standard_mm, straight
from ops_center.city.synthetic.plan import Plan, Real
from ops_center.city.synthetic.terrain import Terrain
from ops_center.city.synthetic.trunk import Tree, Trunk, make_trunk

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]
PATTERN = (
    0.55, 0.48, 0.45, 0.45, 0.50, 0.68, 1.02, 1.35, 1.38, 1.22, 1.12, 1.14,
    1.18, 1.08, 1.00, 1.00, 1.06, 1.22, 1.40, 1.42, 1.30, 1.10, 0.86, 0.66,
)  # fmt: skip
"""demand by hour of the day over its mean: morning and evening peaks of a residential city"""
PEAK = 1.45
_RESIDENT_L_S, _WORKER_L_S = 190 / 86400, 55 / 86400
"""190 litres a head and day at home: the middle of GB 50013's range for a large city; 55 at work"""
_SERVICE_M = 24.0
"""pressure head that the worst node keeps at the peak hour: four to five floors"""
_VELOCITY_M_S = 0.85
_ROUGHNESS = 120.0
"""Hazen-Williams coefficient of lined ductile iron in service"""
_MOST_JUNCTIONS = 2500
_RIVER_LEVEL_M = 4.0


@dataclass(frozen=True)
class Supply:
    """The network in local metres; links run from ``start`` to ``end`` (names of nodes)."""

    junction: Texts
    junction_m: Real
    elevation_m: Real
    demand_l_s: Real
    works: Texts
    works_m: Real
    works_level_m: float
    tank: Texts
    tank_m: Real
    tank_bottom_m: Real
    pipe: Texts
    pipe_shapes: NDArray[np.object_]
    pipe_start: Texts
    pipe_end: Texts
    diameter_mm: Real
    length_m: Real
    pump: Texts
    pump_start: Texts
    pump_end: Texts
    pump_flow_l_s: Real
    pump_head_m: float

    @property
    def roughness(self) -> float:
        """Return the Hazen-Williams coefficient of all pipes."""
        return _ROUGHNESS


def make_supply(plan: Plan, terrain: Terrain, net: Net, blocks: Blocks) -> Supply:
    """Return the water network of a city."""
    trunk = _trunk(net)
    elevation = terrain.elevation_m(trunk.nodes_m)
    demand = _demand(trunk, blocks)
    works = _works(plan, terrain, trunk)
    tree = trunk.tree(works)
    flow = tree.gathered(demand)
    diameter = _diameters(trunk, tree, flow)
    loss = _losses(trunk, tree, flow * PEAK, diameter)
    head = float(np.max(elevation + loss)) + _SERVICE_M
    tanks = _tank_nodes(trunk, tree, len(works))
    mean_loss = _losses(trunk, tree, flow, diameter)
    names = ids("WJ", len(trunk.nodes_m))
    works_m = _towards_river(terrain, trunk.nodes_m[works])
    tank_m = trunk.nodes_m[tanks] + np.array([55.0, 35.0])
    pipes = _with_tank_pipes(trunk, diameter, tanks, tank_m)
    return Supply(
        junction=names,
        junction_m=trunk.nodes_m,
        elevation_m=elevation,
        demand_l_s=np.round(demand, 3),
        works=ids("WR", len(works)),
        works_m=works_m,
        works_level_m=_RIVER_LEVEL_M,
        tank=ids("WT", len(tanks)),
        tank_m=tank_m,
        tank_bottom_m=np.round(_mean_head(head) - mean_loss[tanks] - 3.0, 2),
        pipe=ids("WP", len(pipes[0])),
        pipe_shapes=pipes[0],
        pipe_start=np.concatenate([names[trunk.start], names[tanks]]),
        pipe_end=np.concatenate([names[trunk.end], ids("WT", len(tanks))]),
        diameter_mm=pipes[1],
        length_m=np.round(shapely.length(pipes[0]), 1),
        pump=ids("WU", 2 * len(works)),
        pump_start=np.repeat(ids("WR", len(works)), 2),
        pump_end=np.repeat(names[works], 2),
        pump_flow_l_s=np.repeat(np.round(np.maximum(flow[works], demand.sum() / len(works) * 0.6) * 0.75, 1), 2),
        pump_head_m=round(head - _RIVER_LEVEL_M, 1),
    )


def _mean_head(peak_head: float) -> float:
    """Return the head at the works at mean demand: the pumps' curve (``epanet``) is 1.11 of the peak's there."""
    return _RIVER_LEVEL_M + 1.11 * (peak_head - _RIVER_LEVEL_M)


def _trunk(net: Net) -> Trunk:
    """Return the streets with a main: collectors too, unless that makes more junctions than a solver takes lightly."""
    trunk = make_trunk(net, COLLECTOR, (4.0, -3.0))
    return trunk if len(trunk.nodes_m) <= _MOST_JUNCTIONS else make_trunk(net, ARTERIAL, (4.0, -3.0))


def _demand(trunk: Trunk, blocks: Blocks) -> Real:
    """Return the mean demand of every node in L/s: the blocks draw from the nearest."""
    middle = shapely.get_coordinates(shapely.centroid(blocks.shapes))
    nearest = KDTree(trunk.nodes_m).query(middle)[1]
    drawn = blocks.residents * _RESIDENT_L_S + blocks.workers * _WORKER_L_S
    return np.asarray(np.bincount(nearest, drawn, minlength=len(trunk.nodes_m)), np.float64)


def _works(plan: Plan, terrain: Terrain, trunk: Trunk) -> Ints:
    """Return the nodes where the water works feed in: spread along the river."""
    count = int(np.clip(round(plan.radius_m / 4500) + 1, 2, 9))
    stops = shapely.line_interpolate_point(terrain.river_line, np.linspace(0.22, 0.78, count), normalized=True)
    return np.unique(KDTree(trunk.nodes_m).query(shapely.get_coordinates(stops))[1]).astype(np.int64)


def _towards_river(terrain: Terrain, xy: Real) -> Real:
    """Return places half way from each node to the river's centre line, at most 250 m away."""
    at = shapely.line_locate_point(terrain.river_line, shapely.points(xy))
    way = shapely.get_coordinates(shapely.line_interpolate_point(terrain.river_line, at)) - xy
    far = np.maximum(np.hypot(*way.T), 1.0)[:, None]
    return np.asarray(xy + way / far * np.minimum(far * 0.5, 250.0))


def _diameters(trunk: Trunk, tree: Tree, flow: Real) -> Real:
    """Return inner diameters in mm: for the velocity on the ways to the works, half the neighbours' on the others."""
    served = np.flatnonzero(tree.line >= 0)
    wanted = np.full(len(trunk.shapes), 0.0)
    wanted[tree.line[served]] = 1000 * np.sqrt(4 * flow[served] * PEAK / 1000 / (np.pi * _VELOCITY_M_S))
    at_node = np.zeros(len(trunk.nodes_m))
    for ends in (trunk.start, trunk.end):
        np.maximum.at(at_node, ends, wanted)
    loops = wanted == 0
    wanted[loops] = 0.5 * np.minimum(at_node[trunk.start[loops]], at_node[trunk.end[loops]])
    return standard_mm(np.maximum(wanted, 200.0))


def _losses(trunk: Trunk, tree: Tree, flow_l_s: Real, diameter_mm: Real) -> Real:
    """Return the head lost from the works to each node in m.

    Hazen-Williams in SI units: 10.67 L Q^1.852 / C^1.852 / d^4.87.
    """
    lost = np.zeros(len(trunk.nodes_m))
    for node in np.argsort(tree.reach, kind="stable").tolist():
        line = tree.line[node]
        if line >= 0:
            flow, width = flow_l_s[node] / 1000, diameter_mm[line] / 1000
            step = 10.67 * trunk.length_m[line] * (flow / _ROUGHNESS) ** 1.852 / width**4.87
            lost[node] = lost[tree.up[node]] + step
    return lost


def _tank_nodes(trunk: Trunk, tree: Tree, works: int) -> Ints:
    """Return nodes for tanks: far from the works and from each other."""
    gap, chosen = tree.reach.copy(), []
    for _ in range(works + 1):
        node = int(np.argmax(np.where(np.hypot(*trunk.nodes_m.T) < np.hypot(*trunk.nodes_m.T).max() * 0.8, gap, -1)))
        chosen.append(node)
        gap = np.minimum(gap, np.hypot(*(trunk.nodes_m - trunk.nodes_m[node]).T))
    return np.array(sorted(chosen), np.int64)


def _with_tank_pipes(trunk: Trunk, diameter: Real, tanks: Ints, tank_m: Real) -> tuple[NDArray[np.object_], Real]:
    shapes = np.concatenate([trunk.shapes, straight(trunk.nodes_m[tanks], tank_m)])
    return shapes, np.concatenate([diameter, np.full(len(tanks), 500.0)])
