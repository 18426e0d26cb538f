"""The water network over time: solved step by step just ahead of the clock, leaks set when they happen.

A step is solved every minute (larger networks: five or fifteen), one ahead of now, and values between two steps are
interpolated, so that a leak shows within one step of its beginning; the pressure wave itself is not modelled. After a
pause the clock is caught up with in coarser steps; after a long one tanks start anew from a day before.
Called by ``water`` and, for whole days, by ``history``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ops_center.domain.observations import Float64
from ops_center.domain.time import HOUR_US, SECOND_US
from ops_center.world.climate import Climate
from ops_center.world.epanet import EpanetNetwork, Hydraulics, NodeKind
from ops_center.world.ground import Ground
from ops_center.world.occurrences import Occurrence
from ops_center.world.water_demand import WaterDemand

_STEP_S = ((4_000, 60), (20_000, 300), (10**9, 900))
"""up to so many nodes → seconds between two solutions: a solution of 3,400 nodes takes 7 ms"""
_CATCH_UP_STEP_S = 900
_SPIN_UP_US = 24 * HOUR_US
_FORGET_US = 6 * HOUR_US
"""after a pause that long the levels of the tanks are forgotten"""
LEAK_HEAD_M = 30.0
"""the head at which a burst's magnitude is stated"""

Leaks = Callable[[int], Sequence[Occurrence]]
"""time, µs → bursts under way; their sites name a pipe link"""


@dataclass(frozen=True, slots=True)
class Knot:
    """One solution and its time."""

    time_us: int
    state: Hydraulics


class RunningNetwork:
    """A network that is always solved around now."""

    def __init__(self, ground: Ground, climate: Climate, model: Path, leaks: Leaks) -> None:
        self.network = EpanetNetwork(model)
        self.demand = WaterDemand(ground, self.network, climate)
        self._leaks = leaks
        self._leaking: dict[int, float] = {}
        self._link_index = {name: index for index, name in enumerate(self.network.link_ids)}
        self.step_s = next(seconds for nodes, seconds in _STEP_S if len(self.network.node_ids) <= nodes)
        self.served = (self.network.node_kind == NodeKind.JUNCTION) & (self.network.base_demand_l_s > 0)
        """junctions that somebody drinks from, bool[nodes]"""
        self._before = self._after = Knot(0, self.network.solve())

    def run_to(self, time_us: int) -> None:
        """Solve up to the step after ``time_us``; backwards is ignored."""
        if time_us - self._after.time_us > _FORGET_US:
            self._after = self._solved(time_us - _SPIN_UP_US)
        while self._after.time_us <= time_us:
            behind_s = (time_us - self._after.time_us) / SECOND_US
            seconds = self.step_s if behind_s < 5 * self.step_s else min(_CATCH_UP_STEP_S, int(behind_s))
            self.network.advance(seconds)
            self._before, self._after = self._after, self._solved(self._after.time_us + seconds * SECOND_US)

    def at(self, time_us: int) -> Hydraulics:
        """Return the state at a time that :meth:`run_to` has reached, between two steps linearly."""
        span = self._after.time_us - self._before.time_us
        part = min(max((time_us - self._before.time_us) / span, 0.0), 1.0) if span else 1.0
        one, other = self._before.state, self._after.state
        return Hydraulics(
            *(
                _blend(getattr(one, name), getattr(other, name), part)
                for name in ("head_m", "pressure_m", "demand_l_s", "flow_l_s")
            )
        )

    def feed_l_s(self, state: Hydraulics) -> float:
        """Return what all reservoirs put into the network."""
        return float(-state.demand_l_s[self.network.node_kind == NodeKind.RESERVOIR].sum())

    def leak_l_s(self, state: Hydraulics) -> float:
        """Return what is lost at bursts."""
        return float(
            sum(size * np.sqrt(max(state.pressure_m[node], 0.0)) for node, size in sorted(self._leaking.items()))
        )

    def mean_flow_l_s(self, from_us: int, steps: int = 24) -> tuple[Float64, Float64]:
        """Return mean flow by link and mean head by node over a day from ``from_us``: what ages water."""
        flows, heads = [], []
        for step in range(steps):
            self.run_to(from_us + step * 24 * HOUR_US // steps)
            flows.append(self._after.state.flow_l_s)
            heads.append(self._after.state.head_m)
        return np.mean(flows, axis=0), np.mean(heads, axis=0)

    def _solved(self, time_us: int) -> Knot:
        self.demand.apply(time_us)
        self._set_leaks(time_us)
        return Knot(time_us, self.network.solve())

    def _set_leaks(self, time_us: int) -> None:
        """Put an emitter at each end of a burst pipe, half of the leak each."""
        wanted: dict[int, float] = {}
        for burst in self._leaks(time_us):
            link = self._link_index.get(burst.site.pipe_link)
            if link is None:
                continue
            ends = [n for n in self.network.ends[link] if self.network.node_kind[n] == NodeKind.JUNCTION]
            for node in ends:
                wanted[int(node)] = wanted.get(int(node), 0.0) + burst.at(time_us) / LEAK_HEAD_M**0.5 / len(ends)
        for node in self._leaking.keys() | wanted.keys():
            self.network.set_leak(node, wanted.get(node, 0.0))
        self._leaking = wanted


def _blend(one: Float64, other: Float64, part: float) -> Float64:
    return one + part * (other - one)
