"""Drains, sewers and gas mains as trees and meshes under the streets, ready for the pipe layers."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree
from shapely.geometry.base import BaseGeometry

from ops_center.city.synthetic.blocks import Blocks
from ops_center.city.synthetic.lines import ARTERIAL, COLLECTOR, LOCAL
from ops_center.city.synthetic.net import Net
from ops_center.city.synthetic.pipes import Pipes, ids, standard_mm, straight
from ops_center.city.synthetic.plan import Plan, Real
from ops_center.city.synthetic.supply import Supply
from ops_center.city.synthetic.terrain import Terrain
from ops_center.city.synthetic.trunk import Trunk, make_trunk

Ints = NDArray[np.int64]
_OUTFALL_EVERY_M = 1100.0
_MOST_NODES = 40_000


def make_pipes(plan: Plan, terrain: Terrain, net: Net, blocks: Blocks, supply: Supply) -> Pipes:
    """Return the pipe layers of all networks."""
    pipes = Pipes()
    _add_supply(pipes, supply)
    _add_drains(pipes, plan, terrain, net, blocks)
    _add_sewers(pipes, terrain, net, blocks)
    _add_gas(pipes, plan, terrain, net)
    return pipes


def _add_supply(pipes: Pipes, supply: Supply) -> None:
    pipes.add_nodes(
        supply.junction_m,
        node_id=supply.junction,
        network="water",
        kind="junction",
        elevation_m=supply.elevation_m,
        base_demand_l_s=supply.demand_l_s,
        depth_m=1.4,
    )
    pipes.add_nodes(
        supply.works_m,
        node_id=supply.works,
        network="water",
        kind="reservoir",
        elevation_m=supply.works_level_m,
        depth_m=0.0,
    )
    pipes.add_nodes(
        supply.tank_m, node_id=supply.tank, network="water", kind="tank", elevation_m=supply.tank_bottom_m, depth_m=0.0
    )
    common = {"network": "water", "depth_m": 1.4}
    pipes.add_links(
        supply.pipe_shapes,
        link_id=supply.pipe,
        kind="pipe",
        from_node=supply.pipe_start,
        to_node=supply.pipe_end,
        diameter_mm=supply.diameter_mm,
        length_m=supply.length_m,
        roughness=supply.roughness,
        material=np.where(supply.diameter_mm > 1200, "steel", "ductile iron").astype(object),
        **common,
    )
    place = dict(
        zip(
            np.concatenate([supply.junction, supply.works]).tolist(), [*supply.junction_m, *supply.works_m], strict=True
        )
    )
    pipes.add_links(
        straight(np.array([place[n] for n in supply.pump_start]), np.array([place[n] for n in supply.pump_end])),
        link_id=supply.pump,
        kind="pump",
        from_node=supply.pump_start,
        to_node=supply.pump_end,
        **common,
    )


def _add_drains(pipes: Pipes, plan: Plan, terrain: Terrain, net: Net, blocks: Blocks) -> None:
    """Add storm drains: every crossing drains on the shortest way to an outfall at the water."""
    trunk = make_trunk(net, LOCAL, (-4.0, 3.0))
    if len(trunk.nodes_m) > _MOST_NODES:
        trunk = make_trunk(net, COLLECTOR, (-4.0, 3.0))
    bank = terrain.water.boundary
    gap = shapely.distance(shapely.points(trunk.nodes_m), bank)
    roots = _spread(trunk.nodes_m, np.flatnonzero(gap < 160.0), _OUTFALL_EVERY_M)
    area = _at_nodes(trunk, blocks, shapely.area(blocks.shapes) / 1e4)
    # rational method, 150 mm/h, run-off 0.6, slope 1:1000: 1 ha needs about 500 mm, 100 ha about 2,400
    _add_tree(pipes, terrain, trunk, roots, (area, 500.0, 0.36), ("drain", "D", "concrete"))
    places = _on_line(bank, trunk.nodes_m[roots])
    names = ids("DO", len(roots))
    elevation = np.full(len(roots), 3.5)
    pipes.add_nodes(places, node_id=names, network="drain", kind="outfall", elevation_m=elevation, depth_m=0.0)
    shapes = straight(trunk.nodes_m[roots], places)
    pipes.add_links(
        shapes,
        link_id=ids("DL9", len(roots)),
        network="drain",
        kind="pipe",
        from_node=ids("DM", len(trunk.nodes_m))[roots],
        to_node=names,
        diameter_mm=2400.0,
        length_m=np.round(shapely.length(shapes), 1),
        depth_m=4.0,
        material="concrete",
    )


def _add_sewers(pipes: Pipes, terrain: Terrain, net: Net, blocks: Blocks) -> None:
    """Add sewers under the collectors that lead to sewage works down the river."""
    trunk = make_trunk(net, COLLECTOR, (-8.0, 6.0))
    stops = shapely.line_interpolate_point(terrain.river_line, [0.55, 0.78], normalized=True)
    roots = np.unique(KDTree(trunk.nodes_m).query(shapely.get_coordinates(stops))[1]).astype(np.int64)
    people = _at_nodes(trunk, blocks, blocks.residents / 1000)
    _add_tree(pipes, terrain, trunk, roots, (people, 420.0, 0.33), ("sewage", "S", "reinforced plastic"))


def _add_tree(
    pipes: Pipes,
    terrain: Terrain,
    trunk: Trunk,
    roots: Ints,
    load: tuple[Real, float, float],
    kind: tuple[str, str, str],
) -> None:
    """Add manholes and pipes; diameter = scale × gathered load ^ power, deeper the more they gather."""
    amount, scale, power = load
    network, letter, material = kind
    tree = trunk.tree(roots)
    gathered = tree.gathered(amount)
    names = ids(f"{letter}M", len(trunk.nodes_m))
    below = np.full(len(names), 1.6)
    for node in np.argsort(-tree.reach, kind="stable").tolist():
        up = tree.up[node]
        if up >= 0:
            below[up] = max(below[up], min(below[node] + 0.0009 * trunk.length_m[tree.line[node]], 7.5))
    ground = terrain.elevation_m(trunk.nodes_m)
    works = np.isin(np.arange(len(names)), roots) & (network == "sewage")
    pipes.add_nodes(
        trunk.nodes_m,
        node_id=names,
        network=network,
        kind=np.where(works, "station", "manhole").astype(object),
        elevation_m=np.round(ground, 2),
        depth_m=np.round(below, 2),
    )
    node = np.flatnonzero(tree.line >= 0)
    line = tree.line[node]
    against = trunk.start[line] != node
    shapes = np.where(against, shapely.reverse(trunk.shapes[line]), trunk.shapes[line])
    pipes.add_links(
        shapes,
        link_id=ids(f"{letter}L", len(node)),
        network=network,
        kind="pipe",
        from_node=names[node],
        to_node=names[tree.up[node]],
        diameter_mm=standard_mm(np.maximum(scale * np.maximum(gathered[node], 0.01) ** power, 300.0)),
        length_m=np.round(trunk.length_m[line], 1),
        depth_m=np.round((below[node] + below[tree.up[node]]) / 2, 2),
        material=material,
    )


def _add_gas(pipes: Pipes, plan: Plan, terrain: Terrain, net: Net) -> None:
    """Add the medium-pressure gas mesh under the main roads, with gate stations at the edge."""
    trunk = make_trunk(net, ARTERIAL, (8.0, -6.0))
    names = ids("GN", len(trunk.nodes_m))
    angles = plan.chance("gas").uniform(0, 2 * np.pi) + np.arange(3) * 2 * np.pi / 3
    rim = plan.radius_m * 0.8 * np.column_stack([np.cos(angles), np.sin(angles)])
    gates = np.unique(KDTree(trunk.nodes_m).query(rim)[1])
    tree = trunk.tree(gates.astype(np.int64))
    flow = tree.gathered(np.ones(len(names)))
    at_line = np.ones(len(trunk.shapes))
    served = tree.line >= 0
    at_line[tree.line[served]] = flow[served]
    pipes.add_nodes(
        trunk.nodes_m,
        node_id=names,
        network="gas",
        kind=np.where(np.isin(np.arange(len(names)), gates), "station", "junction").astype(object),
        elevation_m=terrain.elevation_m(trunk.nodes_m),
        depth_m=1.1,
    )
    pipes.add_links(
        trunk.shapes,
        link_id=ids("GL", len(trunk.shapes)),
        network="gas",
        kind="pipe",
        from_node=names[trunk.start],
        to_node=names[trunk.end],
        diameter_mm=standard_mm(np.minimum(160 * at_line**0.3, 600)),
        length_m=np.round(trunk.length_m, 1),
        depth_m=1.1,
        material="steel",
    )


def _at_nodes(trunk: Trunk, blocks: Blocks, amount: Real) -> Real:
    """Return what the blocks bring to the nearest node, float64[nodes]."""
    middle = shapely.get_coordinates(shapely.centroid(blocks.shapes))
    nearest = KDTree(trunk.nodes_m).query(middle)[1]
    return np.asarray(np.bincount(nearest, amount, minlength=len(trunk.nodes_m)), np.float64)


def _spread(places: Real, candidates: Ints, gap_m: float) -> Ints:
    """Return candidates at least ``gap_m`` from each other, taken in order."""
    chosen: list[int] = []
    for node in candidates.tolist():
        if not chosen or np.hypot(*(places[chosen] - places[node]).T).min() >= gap_m:
            chosen.append(node)
    return np.array(chosen, np.int64)


def _on_line(line: BaseGeometry, xy: Real) -> Real:
    """Return the nearest place on a line to each point."""
    ways = shapely.shortest_line(shapely.points(xy), line)
    return np.asarray(shapely.get_coordinates(shapely.get_point(ways, -1)))
