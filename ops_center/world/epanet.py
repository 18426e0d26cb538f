"""One EPANET project that is stepped as the city lives: the hydraulics of the water network.

EPANET 2.2's own library, as WNTR ships it, is called directly: its state (levels of tanks, status of pumps) stays in
the project from step to step, so that a step costs a millisecond or two and a leak can be set at any time. WNTR's
simulator writes files and reruns from the start; it serves the tests as the judge. Called by ``water`` alone.
"""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import byref, c_double, c_int, c_long, c_uint64
from dataclasses import dataclass
from enum import IntEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.errors import CityPackError, ConfigurationError
from ops_center.domain.observations import Float64

_NODE_BASE_DEMAND, _NODE_PATTERN, _NODE_EMITTER = 1, 2, 3
_NODE_DEMAND, _NODE_HEAD, _NODE_PRESSURE = 9, 10, 11
_LINK_DIAMETER, _LINK_LENGTH, _LINK_FLOW = 0, 1, 8
_TIME_DURATION, _TIME_STEP, _TIME_PATTERN_STEP = 0, 1, 3
_OPTION_EMITTER_EXPONENT, _OPTION_DEMAND_FACTOR = 3, 4
_COUNT_NODES, _COUNT_LINKS, _COUNT_PATTERNS = 0, 2, 3
_LITRES_PER_SECOND = 5
_LONGER_THAN_ANY_RUN_S = 2**31 - 1
_FIRST_ERROR = 100
"""codes below are warnings (negative pressure, pump out of range): the solution stands"""


class NodeKind(IntEnum):
    """What a node is, as EPANET counts."""

    JUNCTION = 0
    RESERVOIR = 1
    TANK = 2


@dataclass(frozen=True, slots=True, eq=False)
class Hydraulics:
    """One solution; arrays by node and by link in EPANET's order."""

    head_m: Float64
    pressure_m: Float64
    """of a tank: its level over the bottom"""
    demand_l_s: Float64
    """drawn at the node, leaks included; of reservoirs negative where they feed in"""
    flow_l_s: Float64
    """along the link from its first node to its last"""


def _library() -> Any:
    """Return EPANET's library from WNTR's folder: importing WNTR itself takes two seconds that nothing here needs."""
    package = find_spec("wntr")
    if package is None or package.origin is None:
        raise ConfigurationError("WNTR, which brings EPANET, is not installed")
    library = Path(package.origin).parent / "epanet" / "libepanet" / "linux-x64" / "libepanet22.so"
    if library.is_file() and sys.platform == "linux":
        return ctypes.CDLL(str(library))
    from wntr.epanet.toolkit import ENepanet

    return ENepanet(version=2.2).ENlib


def _free(library: Any, project: c_uint64) -> None:
    library.EN_close(project)
    library.EN_deleteproject(project)


class EpanetNetwork:
    """A network in memory. Not for several threads."""

    def __init__(self, model: Path) -> None:
        self._library = _library()
        self._project = c_uint64()
        self._call("createproject")
        self.close = finalize(self, _free, self._library, self._project)
        """frees the project; may be called twice, and is when nobody holds the network any more"""
        self._open(model)
        nodes, links = self._count(_COUNT_NODES), self._count(_COUNT_LINKS)
        self._nodes, self._links = range(1, nodes + 1), range(1, links + 1)
        self.node_ids = self._ids("getnodeid", nodes)
        self.link_ids = self._ids("getlinkid", links)
        self.node_kind = np.array([self._int("getnodetype", node) for node in self._nodes])
        self.ends = self._ends()
        """first and last node of each link, positions in node_ids, int[links, 2]"""
        self.length_m = self._link_values(_LINK_LENGTH)
        self.diameter_mm = self._link_values(_LINK_DIAMETER)
        self.base_demand_l_s = self._node_values(_NODE_BASE_DEMAND)
        self._call("openH")
        self._call("initH", c_int(0))

    def _open(self, model: Path) -> None:
        try:
            self._call("open", str(model).encode(), os.devnull.encode(), b"")
        except CityPackError as error:
            self.close()
            raise CityPackError(f"{model}: EPANET can't read it: {error}") from None
        self._call("setstatusreport", c_int(0))
        self._call("setflowunits", c_int(_LITRES_PER_SECOND))
        self._call("setoption", c_int(_OPTION_EMITTER_EXPONENT), c_double(0.5))
        self._call("settimeparam", c_int(_TIME_DURATION), c_long(_LONGER_THAN_ANY_RUN_S))

    def patterns(self) -> tuple[dict[int, Float64], float]:
        """Return pattern number → multipliers, and the seconds between two of them."""
        step = c_long()
        self._call("gettimeparam", c_int(_TIME_PATTERN_STEP), byref(step))
        return {n: self._pattern(n) for n in range(1, self._count(_COUNT_PATTERNS) + 1)}, float(step.value)

    def pattern_of(self, node: int) -> int:
        """Return the number of a junction's demand pattern; 0 where it has none."""
        return int(self._value("getnodevalue", node + 1, _NODE_PATTERN))

    def add_pattern(self, name: str) -> int:
        """Return the number of a new pattern of the single multiplier 1."""
        self._call("addpattern", name.encode())
        return self._count(_COUNT_PATTERNS)

    def use_pattern(self, node: int, pattern: int) -> None:
        """Let a junction's demand follow a pattern."""
        self._call("setnodevalue", c_int(node + 1), c_int(_NODE_PATTERN), c_double(pattern))

    def set_pattern(self, pattern: int, multiplier: float) -> None:
        """Make a pattern the single multiplier of now: the caller keeps the clock."""
        values = (c_double * 1)(multiplier)
        self._call("setpattern", c_int(pattern), values, c_int(1))

    def set_demand_factor(self, factor: float) -> None:
        """Multiply all demands."""
        self._call("setoption", c_int(_OPTION_DEMAND_FACTOR), c_double(factor))

    def set_leak(self, node: int, l_s_per_root_m: float) -> None:
        """Let water leave at a junction: an emitter of this coefficient, exponent 0.5; 0 mends it."""
        self._call("setnodevalue", c_int(node + 1), c_int(_NODE_EMITTER), c_double(l_s_per_root_m))

    def solve(self) -> Hydraulics:
        """Return the state at the present step."""
        at = c_long()
        self._call("runH", byref(at))
        return Hydraulics(
            self._node_values(_NODE_HEAD),
            self._node_values(_NODE_PRESSURE),
            self._node_values(_NODE_DEMAND),
            self._link_values(_LINK_FLOW),
        )

    def advance(self, seconds: int) -> None:
        """Move on from the solved state: tanks fill and empty, controls act (they may need steps between)."""
        left = seconds
        while left > 0:
            self._call("settimeparam", c_int(_TIME_STEP), c_long(left))
            step = c_long()
            self._call("nextH", byref(step))
            left -= step.value if step.value > 0 else left
            if left > 0:
                self._call("runH", byref(c_long()))

    def _call(self, name: str, *arguments: Any) -> None:
        project = byref(self._project) if name == "createproject" else self._project
        code = getattr(self._library, f"EN_{name}")(project, *arguments)
        if code >= _FIRST_ERROR:
            raise CityPackError(f"EPANET's {name} failed with error {code} (EPANET 2.2 manual, appendix B)")

    def _value(self, name: str, item: int, code: int) -> float:
        value = c_double()
        self._call(name, c_int(item), c_int(code), byref(value))
        return value.value

    def _int(self, name: str, item: int) -> int:
        value = c_int()
        self._call(name, c_int(item), byref(value))
        return value.value

    def _count(self, code: int) -> int:
        return self._int("getcount", code)

    def _ids(self, name: str, count: int) -> tuple[str, ...]:
        text = ctypes.create_string_buffer(64)
        found = []
        for item in range(1, count + 1):
            self._call(name, c_int(item), text)
            found.append(text.value.decode())
        return tuple(found)

    def _ends(self) -> NDArray[np.int64]:
        first, last = c_int(), c_int()
        found = []
        for link in self._links:
            self._call("getlinknodes", c_int(link), byref(first), byref(last))
            found.append((first.value - 1, last.value - 1))
        return np.array(found, np.int64).reshape(-1, 2)

    def _pattern(self, number: int) -> Float64:
        count = self._int("getpatternlen", number)
        return np.array([self._value("getpatternvalue", number, period) for period in range(1, count + 1)])

    def _node_values(self, code: int) -> Float64:
        return self._values(self._library.EN_getnodevalue, self._nodes, code)

    def _link_values(self, code: int) -> Float64:
        return self._values(self._library.EN_getlinkvalue, self._links, code)

    def _values(self, read: Any, items: range, code: int) -> Float64:
        """Return one value of every item: the hot path, two foreign calls a microsecond."""
        values = np.empty(len(items))
        project, address = self._project, values.ctypes.data
        for item in items:
            read(project, item, code, ctypes.c_void_p(address))
            address += 8
        return values
