"""Who is near whom among alarms, in space and time: by metres, by steps along a network, or in the same group.

An index that alarms enter and leave one by one: what is asked costs as much as is found near, not as much as there is.
Called by ``alerts.correlation``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from alerts.relations import By, Reach
from alerts.surroundings import Network
from ops_center.domain.time import SECOND_US

CELL_M = 250.0
Neighbours = Sequence[Sequence[int]]
"""of each node of a network"""


@dataclass(slots=True)
class Node:
    """An alarm as correlation sees it."""

    id: int
    rule: str
    family: int
    """number of its family; -1: none"""
    priority: int
    time_us: int
    """when it was raised last"""
    active: bool
    """whether it may explain others: nobody has set it aside"""
    x_m: float = math.nan
    y_m: float = math.nan
    at: Mapping[str, int] = field(default_factory=dict)
    """network → the node that it is at"""
    groups: Mapping[By, int | str] = field(default_factory=dict)
    """its district, feed, thing"""

    @property
    def cell(self) -> tuple[int, int] | None:
        """Return the cell of the grid that it is in; None of what has no place."""
        if not (math.isfinite(self.x_m) and math.isfinite(self.y_m)):
            return None
        return int(self.x_m // CELL_M), int(self.y_m // CELL_M)


Found = tuple[float, Node]
"""share of the reach in space and time, 0 (the same place and time) to 1; and who"""
_Bucket = dict[str, dict[int, Node]]
"""rule → id → node, in the order in which they came"""


class Nearby:
    """Alarms by where they are."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], _Bucket] = {}
        self._on: dict[tuple[str, int], _Bucket] = {}
        self._groups: dict[tuple[By, int | str], _Bucket] = {}
        self._count: dict[str, int] = {}

    def add(self, node: Node) -> None:
        """Take an alarm in; again changes nothing."""
        fresh = False
        for bucket in self._buckets(node):
            fresh = node.id not in bucket.setdefault(node.rule, {})
            bucket[node.rule][node.id] = node
        self._count[node.rule] = self._count.get(node.rule, 0) + fresh

    def remove(self, node: Node) -> None:
        """Let an alarm go; again changes nothing."""
        gone = False
        for bucket in self._buckets(node):
            gone = bucket.get(node.rule, {}).pop(node.id, None) is not None
        self._count[node.rule] = self._count.get(node.rule, 0) - gone

    def around(
        self, node: Node, reach: Reach, rules: Sequence[str], networks: Mapping[str, Neighbours], each: int = 10**8
    ) -> Iterator[Found]:
        """Yield others of these rules within reach, about the nearest first; of a rule about ``each`` at one place."""
        wanted = [rule for rule in rules if self._count.get(rule)]
        if not wanted:
            return
        for distance, bucket in self._places(node, reach, networks):
            for rule in wanted:
                for other in _some(bucket.get(rule), each + 1):  # it may be among them itself
                    share = _share(node, other, reach, distance)
                    if share <= 1.0 and other.id != node.id:
                        yield share, other

    def _places(
        self, node: Node, reach: Reach, networks: Mapping[str, Neighbours]
    ) -> Iterator[tuple[float | None, _Bucket]]:
        """Yield (share of the distance, alarms there); None: each has its own distance."""
        if reach.by == "near":
            for cell in self._rings(node.cell, math.ceil(reach.distance_m / CELL_M)):
                yield None, self._cells[cell]
        elif reach.by == "network":
            start = node.at.get(reach.network, -1)
            if start >= 0:
                for place, steps in _walk(networks.get(reach.network, ()), start, reach.hops):
                    bucket = self._on.get((reach.network, place))
                    if bucket:
                        yield steps / (reach.hops + 1), bucket
        else:
            group = node.groups.get(reach.by)
            bucket = self._groups.get((reach.by, group)) if group is not None else None
            if bucket:
                yield 0.0, bucket

    def _rings(self, cell: tuple[int, int] | None, most: int) -> Iterator[tuple[int, int]]:
        """Yield the cells that hold something, ring by ring around one."""
        if cell is None:
            return
        x, y = cell
        if len(self._cells) < (2 * most + 1) ** 2:
            rings = ((max(abs(one - x), abs(other - y)), one, other) for one, other in self._cells)
            yield from ((one, other) for ring, one, other in sorted(rings) if ring <= most)
            return
        for ring in range(most + 1):
            for one in range(x - ring, x + ring + 1):
                edge = abs(one - x) == ring
                for other in range(y - ring, y + ring + 1, 1 if edge or not ring else 2 * ring):
                    if (one, other) in self._cells:
                        yield one, other

    def _buckets(self, node: Node) -> Iterator[_Bucket]:
        yield self._groups.setdefault(("city", ""), {})
        for by, group in node.groups.items():
            if by != "city":
                yield self._groups.setdefault((by, group), {})
        for network, place in node.at.items():
            yield self._on.setdefault((network, place), {})
        if node.cell is not None:
            yield self._cells.setdefault(node.cell, {})


def neighbours_of(network: Network) -> Neighbours:
    """Return the neighbours of each node."""
    found: list[list[int]] = [[] for _ in range(int(network.edges.max(initial=-1)) + 1)]
    for one, other in network.edges.tolist():
        found[one].append(other)
        found[other].append(one)
    return found


def _some(some: dict[int, Node] | None, most: int) -> list[Node]:
    """Return all, or so many of the first and of the last: those that were there before, and those of now."""
    if not some:
        return []
    if len(some) <= 2 * most:
        return list(some.values())
    return [*islice(some.values(), most), *islice(reversed(some.values()), most)]


def _share(one: Node, other: Node, reach: Reach, distance: float | None) -> float:
    """Return how far apart two are, as a share of the reach: space and time as the sides of a right angle."""
    if distance is None:
        distance = math.hypot(one.x_m - other.x_m, one.y_m - other.y_m) / reach.distance_m
    return math.hypot(distance, (one.time_us - other.time_us) / SECOND_US / reach.within_s)


def _walk(neighbours: Neighbours, start: int, hops: int) -> Iterator[tuple[int, int]]:
    """Yield the nodes at most ``hops`` steps away, with their steps, the nearest first."""
    seen, edge = {start}, [start]
    for steps in range(hops + 1):
        yield from ((node, steps) for node in edge)
        further: list[int] = []
        for node in edge:
            for other in neighbours[node] if node < len(neighbours) else ():
                if other not in seen:
                    seen.add(other)
                    further.append(other)
        edge = further
