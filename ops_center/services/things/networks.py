"""Where a thing sits in the pipes of the city: what lies towards the end of its network, and what lies behind it.

Drains and sewers are followed as they are drawn, which is as they flow, down to an outfall. Under pressure water may
flow either way: there the shortest way to a source stands in for it, and pages say so. Built from the pack when first
asked for; the catalog says which things are where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import count
from typing import Any

from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Thing

_ENDS = {
    "water": ("reservoir", "tank"),
    "drain": ("outfall",),
    "sewage": ("outfall", "station"),
    "gas": ("station",),
    "heat": ("station",),
}
"""network → kinds of nodes at which it begins or ends"""
GRAVITY = frozenset({"drain", "sewage"})
"""networks that flow as they are drawn"""
MOST = 6
"""things of each direction that are named"""
_FAR_M = 8_000.0
_MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Link:
    """One pipe."""

    link_id: str
    start: str
    end: str
    length_m: float
    diameter_mm: float
    line: tuple[tuple[float, float], ...]
    """longitude and latitude"""


@dataclass(frozen=True, slots=True)
class Along:
    """A thing of the same network, and how much pipe lies between."""

    thing: Thing
    pipe_m: float


@dataclass(frozen=True, slots=True)
class PipePlace:
    """Where something sits in a network of pipes."""

    network: str
    link: Link | None
    """the pipe it is on, or the widest at its node"""
    node: str
    towards: tuple[Along, ...]
    """the nearest towards the end: downstream in drains, towards a source under pressure"""
    behind: tuple[Along, ...]
    """the nearest on the other side"""
    same_main: tuple[Along, ...]
    """the nearest on pipes of the same width that hang together"""
    end: str
    """the node at which the way towards the end arrives; "" where there is none"""
    end_m: float
    lines: tuple[tuple[tuple[float, float], ...], ...]
    """the pipes on the way there"""


class Pipes:
    """The pipe networks of a city; safe to use from any thread."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self._held: tuple[int, Mapping[str, list[Thing]]] | None = None

    def place(self, thing: Thing, catalog: Catalog) -> PipePlace | None:
        """Return where ``thing`` sits; None: at no pipe that the city knows."""
        node_id, link_id = thing.attributes.get("pipe_node"), thing.attributes.get("pipe_link")
        link = self._links.get(str(link_id))
        node = str(node_id) if str(node_id) in self._at else link.start if link else ""
        if not node:
            return None
        network = self._network_of[node]
        link = link or max((one for one, _ in self._at[node]), key=lambda one: one.diameter_mm, default=None)
        things = self._things_at(catalog)
        way = self._way(network, node)
        ahead = _met(((node, 0.0), *((at, far) for _, at, far in way)), things, thing)
        behind = _met(self._behind(network, node), things, thing)
        main = _met(self._main(node, link.diameter_mm), things, thing) if link else ()
        end, far = (way[-1][1], way[-1][2]) if way else (node if self._kinds[node] in _ENDS[network] else "", 0.0)
        lines = tuple(one.line for one, _, _ in way[:_MOST_LINES])
        return PipePlace(network, link, node, ahead, behind, main, end, far, lines)

    def node_name(self, node: str) -> str:
        """Return the kind of a node: ``outfall``."""
        return self._kinds.get(node, "")

    def _way(self, network: str, node: str) -> list[tuple[Link, str, float]]:
        """Return the pipes from ``node`` to the end, each with the node it leads to and how far that is."""
        way, far, seen = [], 0.0, {node}
        while (step := self._next[network].get(node)) is not None:
            link, node = step
            far += link.length_m
            if node in seen:
                break
            seen.add(node)
            way.append((link, node, far))
        return way

    def _behind(self, network: str, node: str) -> Iterator[tuple[str, float]]:
        """Yield the nodes whose way leads through ``node``, the nearest first."""
        tree = self._children[network]
        waiting, tie = [(link.length_m, n, other) for n, (link, other) in enumerate(tree.get(node, ()))], count(10**6)
        while waiting:
            waiting.sort(key=lambda one: one[:2])
            far, _, at = waiting.pop(0)
            yield at, far
            if far < _FAR_M:
                waiting += [(far + link.length_m, next(tie), other) for link, other in tree.get(at, ())]

    def _main(self, node: str, diameter_mm: float) -> Iterator[tuple[str, float]]:
        """Yield the nodes that are reached from ``node`` over pipes of one width, the nearest first."""
        heap, seen, tie = [(0.0, 0, node)], {node}, count(1)
        while heap:
            far, _, at = heappop(heap)
            yield at, far
            for link, other in self._at[at]:
                if other not in seen and abs(link.diameter_mm - diameter_mm) < 1 and far < _FAR_M:
                    seen.add(other)
                    heappush(heap, (far + link.length_m, next(tie), other))

    def _things_at(self, catalog: Catalog) -> Mapping[str, list[Thing]]:
        """Return node → the things in service there; made once for a version of the catalog."""
        held = self._held
        if held is not None and held[0] == catalog.version:
            return held[1]
        found: dict[str, list[Thing]] = {}
        for thing in catalog.things.values():
            node = thing.attributes.get("pipe_node") or self._start_of(thing.attributes.get("pipe_link"))
            if node and not thing.retired:
                found.setdefault(str(node), []).append(thing)
        self._held = catalog.version, found
        return found

    def _start_of(self, link: object) -> str | None:
        known = self._links.get(str(link)) if link else None
        return known.start if known else None

    @cached_property
    def _links(self) -> Mapping[str, Link]:
        frame = self._pack.features("pipe_links")
        rows = zip(frame.to_dict("records"), frame.geometry, strict=True)
        return {str(row["link_id"]): _link(row, line) for row, line in rows}

    @cached_property
    def _network_of(self) -> Mapping[str, str]:
        nodes = self._pack.table("pipe_nodes")
        return dict(zip(nodes["node_id"], nodes["network"], strict=True))

    @cached_property
    def _kinds(self) -> Mapping[str, str]:
        nodes = self._pack.table("pipe_nodes")
        return dict(zip(nodes["node_id"], nodes["kind"], strict=True))

    @cached_property
    def _at(self) -> Mapping[str, list[tuple[Link, str]]]:
        """Return node → its pipes, each with the node at the other end."""
        at: dict[str, list[tuple[Link, str]]] = {node: [] for node in self._network_of}
        for link in self._links.values():
            at.setdefault(link.start, []).append((link, link.end))
            at.setdefault(link.end, []).append((link, link.start))
        return at

    @cached_property
    def _next(self) -> Mapping[str, Mapping[str, tuple[Link, str]]]:
        """Return network → node → the pipe towards the end, and the node it leads to."""
        return {network: self._towards(network) for network in _ENDS}

    @cached_property
    def _children(self) -> Mapping[str, Mapping[str, list[tuple[Link, str]]]]:
        trees: dict[str, dict[str, list[tuple[Link, str]]]] = {}
        for network, steps in self._next.items():
            tree = trees.setdefault(network, {})
            for node, (link, ahead) in steps.items():
                tree.setdefault(ahead, []).append((link, node))
        return trees

    def _towards(self, network: str) -> dict[str, tuple[Link, str]]:
        kinds = _ENDS[network]
        of_network = {node for node, name in self._network_of.items() if name == network}
        ends = [node for node in of_network if self._kinds[node] == kinds[0]]
        ends = ends or [node for node in of_network if self._kinds[node] in kinds]
        heap: list[tuple[float, int, str]] = [(0.0, number, node) for number, node in enumerate(ends)]
        least, steps, tie = dict.fromkeys(ends, 0.0), {}, count(len(ends))
        while heap:
            far, _, node = heappop(heap)
            if far > least[node]:
                continue
            for link, other in self._at[node]:
                if network in GRAVITY and link.end != node:
                    continue
                if far + link.length_m < least.get(other, float("inf")):
                    least[other] = far + link.length_m
                    steps[other] = (link, node)
                    heappush(heap, (far + link.length_m, next(tie), other))
        return steps


def _link(row: Mapping[str, Any], line: Any) -> Link:
    def number(name: str) -> float:
        value = row.get(name)
        return float(value) if value is not None and value == value else 0.0  # noqa: PLR0124 - not NaN

    places = tuple((round(x, 6), round(y, 6)) for x, y in line.coords)
    ends = str(row["from_node"]), str(row["to_node"])
    return Link(str(row["link_id"]), *ends, number("length_m"), number("diameter_mm"), places)


def _met(way: Any, things: Mapping[str, list[Thing]], but: Thing) -> tuple[Along, ...]:
    """Return the first things along a way, one aside."""
    found: list[Along] = []
    for node, far in way:
        found += [Along(thing, far) for thing in things.get(node, ()) if thing.key != but.key]
        if len(found) >= MOST:
            break
    return tuple(found[:MOST])
