"""Who goes: units ranked for one incident with reasons, and units shared out among several incidents at once.

Pure: travel times come in as arrays. The sharing out is a mixed-integer programme that HiGHS solves to its optimum
(scipy.optimize.milp): minutes of travel, weighted by how grave an incident is; what is left without its unit costs more
than any way there; and every zone that is left without cover costs as well, so that the last engine of a quarter does
not leave lightly (maximal covering, Church and ReVelle 1974).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from ops_center.domain.text import Label

Real = NDArray[np.float64]

UNMET_MIN = 240.0
"""minutes that a place left empty counts, at weight 1: more than any way within a city"""
UNCOVERED_MIN = 6.0
"""minutes that a zone of average size counts which nobody of the kind reaches in time any more"""
COVER_MIN = 15.0
"""within which a zone counts as covered (a fire brigade's target within cities; assumed for other kinds)"""
LOAD_MIN = 4.0
"""minutes that each task counts which a unit has already"""
BEYOND_MIN = 10.0
"""minutes that a unit of another kind counts which can do it as well"""
WEIGHTS: Mapping[int, float] = {1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0}
"""level → weight of a minute"""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it can be sent."""

    id: str
    kind: str
    also: tuple[str, ...] = ()
    """other kinds whose work it can do"""
    load: int = 0
    """tasks that it has"""


@dataclass(frozen=True, slots=True)
class Demand:
    """A place that one unit is wanted at; an incident that wants two is two demands."""

    incident: int
    kind: str
    level: int


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Minutes of travel by road, NaN where there is no way."""

    to_demand: Real
    """float64[units, demands]"""
    to_zone: Real
    """float64[units, zones]"""
    zone_share: Real
    """float64[zones]: share of the people (or of past incidents) in each, sums to 1; none: cover isn't looked at"""


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of what sending a unit costs."""

    minutes: float
    label: Label


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit for a demand, with what speaks against it; less is better."""

    unit: Unit
    minutes: float
    travel_min: float
    reasons: tuple[Reason, ...] = field(default=())


def rank(units: Sequence[Unit], demand: Demand, ways: Ways, column: int = 0) -> list[Choice]:
    """Return the units that can do it and have a way there, the best first, each with its reasons."""
    cover = _cover_lost(units, ways)
    found = []
    for row, unit in enumerate(units):
        travel = float(ways.to_demand[row, column])
        if np.isnan(travel) or not _can(unit, demand):
            continue
        reasons = [Reason(travel, Label(f"路程{travel:.0f}分钟", f"{travel:.0f} min by road"))]
        if unit.load:
            said = Label(f"已有{unit.load}项任务", f"has {unit.load} tasks already")
            reasons.append(Reason(unit.load * LOAD_MIN, said))
        if unit.kind != demand.kind:
            reasons.append(Reason(BEYOND_MIN, Label("非本专业力量", "not of this kind, but able to")))
        if cover[row] > 0:
            lost = f"{100 * cover[row]:.0f}%"
            said = Label(f"调走后{lost}人口失去及时覆盖", f"{lost} of the people lose their cover in time")
            reasons.append(Reason(float(cover[row]) * _zones(ways) * UNCOVERED_MIN, said))
        found.append(Choice(unit, sum(reason.minutes for reason in reasons), travel, tuple(reasons)))
    return sorted(found, key=lambda choice: (choice.minutes, choice.unit.id))


def share_out(units: Sequence[Unit], demands: Sequence[Demand], ways: Ways) -> dict[int, int]:
    """Return demand → unit (rows of both) at the least cost; a demand that nobody can meet is not in it.

    Of several optima any may be returned; their cost is the same.
    """
    pairs = [
        (u, d)
        for u, unit in enumerate(units)
        for d, demand in enumerate(demands)
        if _can(unit, demand) and not np.isnan(ways.to_demand[u, d])
    ]
    if not pairs:
        return {}
    kinds = sorted({unit.kind for unit in units})
    zones = [(kind, z) for kind in kinds for z in range(_zones(ways)) if _reaches(units, ways, kind, z)]
    cost = np.array([_pair_cost(units[u], demands[d], ways.to_demand[u, d]) for u, d in pairs])
    lost = np.array([ways.zone_share[z] * _zones(ways) * UNCOVERED_MIN for _, z in zones])
    solved = milp(
        np.concatenate([cost, lost]),
        constraints=_constraints(units, len(demands), pairs, zones, ways),
        integrality=np.concatenate([np.ones(len(pairs)), np.zeros(len(zones))]),
        bounds=Bounds(0, 1),
    )
    if solved.x is None:  # the empty choice is always allowed
        raise ArithmeticError(f"the programme has no solution: {solved.message}")
    return {d: u for (u, d), value in zip(pairs, solved.x[: len(pairs)], strict=True) if value > 0.5}


def cost_of(chosen: Mapping[int, int], units: Sequence[Unit], demands: Sequence[Demand], ways: Ways) -> float:
    """Return what a sharing out costs, in weighted minutes: what ``share_out`` makes least."""
    total = sum(UNMET_MIN * WEIGHTS[demand.level] for demand in demands)
    total += sum(_pair_cost(units[u], demands[d], ways.to_demand[u, d]) for d, u in chosen.items())
    gone = set(chosen.values())
    for kind in {unit.kind for unit in units}:
        before = [u for u, unit in enumerate(units) if unit.kind == kind]
        left = [u for u in before if u not in gone]
        lost = _covered(ways, before) & ~_covered(ways, left)
        total += float(ways.zone_share[lost].sum()) * _zones(ways) * UNCOVERED_MIN
    return total


def greedy(units: Sequence[Unit], demands: Sequence[Demand], ways: Ways) -> dict[int, int]:
    """Return what is done by hand: the gravest first, each time the nearest that is free. A peer to measure by."""
    chosen: dict[int, int] = {}
    for d in sorted(range(len(demands)), key=lambda d: demands[d].level):
        free = [u for u in range(len(units)) if u not in chosen.values() and _can(units[u], demands[d])]
        near = [u for u in free if not np.isnan(ways.to_demand[u, d])]
        if near:
            chosen[d] = min(near, key=lambda u: ways.to_demand[u, d])
    return chosen


def _can(unit: Unit, demand: Demand) -> bool:
    return demand.kind == unit.kind or demand.kind in unit.also


def _pair_cost(unit: Unit, demand: Demand, travel_min: float) -> float:
    """Return what sending a unit costs, less what the demand costs unmet: negative as long as somebody should go."""
    extra = unit.load * LOAD_MIN + (BEYOND_MIN if unit.kind != demand.kind else 0.0)
    return WEIGHTS[demand.level] * (float(travel_min) + extra - UNMET_MIN)


def _zones(ways: Ways) -> int:
    return len(ways.zone_share)


def _covered(ways: Ways, rows: Sequence[int]) -> NDArray[np.bool_]:
    """Return which zones one of these units reaches in time."""
    return np.asarray((ways.to_zone[rows] <= COVER_MIN).any(axis=0))


def _reaches(units: Sequence[Unit], ways: Ways, kind: str, zone: int) -> bool:
    return any(unit.kind == kind and ways.to_zone[u, zone] <= COVER_MIN for u, unit in enumerate(units))


def _cover_lost(units: Sequence[Unit], ways: Ways) -> Real:
    """Return for each unit the share of the people whom nobody of its kind reaches in time without it."""
    lost = np.zeros(len(units))
    for kind in {unit.kind for unit in units}:
        rows = [u for u, unit in enumerate(units) if unit.kind == kind]
        reached = ways.to_zone[rows] <= COVER_MIN
        alone = reached & (reached.sum(axis=0) == 1)
        lost[rows] = (alone * ways.zone_share).sum(axis=1)
    return lost


def _constraints(
    units: Sequence[Unit], demands: int, pairs: Sequence[tuple[int, int]], zones: Sequence[tuple[str, int]], ways: Ways
) -> list[LinearConstraint]:
    """Return: a unit goes to one place, a place takes one, and a zone is lost once all who covered it have gone.

    Variables: one for each pair, then one for each zone and kind (1: lost). A zone that n units cover, all of which may
    go, is lost by at least (those who go) - n + 1.
    """
    variables = len(pairs) + len(zones)
    once = [(u, p) for p, (u, _) in enumerate(pairs)] + [(len(units) + d, p) for p, (_, d) in enumerate(pairs)]
    rows, columns = zip(*once, strict=True)
    each_once = coo_array((np.ones(len(once)), (rows, columns)), shape=(len(units) + demands, variables))
    made = [LinearConstraint(each_once.tocsr(), -np.inf, 1)]
    if not zones:
        return made
    entries, values, most = [], [], []
    for row, (kind, zone) in enumerate(zones):
        cover = {u for u, unit in enumerate(units) if unit.kind == kind and ways.to_zone[u, zone] <= COVER_MIN}
        going = [(row, p) for p, (u, _) in enumerate(pairs) if u in cover]
        entries += [*going, (row, len(pairs) + row)]
        values += [1.0] * len(going) + [-1.0]
        most.append(len(cover) - 1)
    rows, columns = zip(*entries, strict=True)
    matrix = coo_array((values, (rows, columns)), shape=(len(zones), variables))
    return [*made, LinearConstraint(matrix.tocsr(), -np.inf, most)]
