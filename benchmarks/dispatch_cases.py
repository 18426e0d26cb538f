"""Small cases of who goes where, with the best of all choices there are. Called by the bench and by tests/incidents."""

from __future__ import annotations

from itertools import product

import numpy as np

from ops_center.incidents.dispatch import Demand, Unit, Ways, cost_of

KINDS = ("fire_brigade", "ambulance_crew")
_ZONES = 4


def case(seed: int) -> tuple[list[Unit], list[Demand], Ways]:
    """Make a small city: up to five units, four demands, four zones; ways as the crow flies, some of them missing."""
    chance = np.random.default_rng(seed)
    units = [
        Unit(
            f"u{n}",
            str(chance.choice(KINDS)),
            tuple(KINDS) if chance.random() < 0.2 else (),
            int(chance.integers(0, 3)),
        )
        for n in range(chance.integers(1, 6))
    ]
    demands = [Demand(n, str(chance.choice(KINDS)), int(chance.integers(1, 5))) for n in range(chance.integers(1, 5))]
    places = [chance.uniform(0, 30, (count, 2)) for count in (len(units), len(demands), _ZONES)]
    far = [np.hypot(*(places[0][:, None] - other[None]).transpose(2, 0, 1)) for other in places[1:]]
    far[0][chance.random(far[0].shape) < 0.1] = np.nan
    shares = chance.random(_ZONES)
    return units, demands, Ways(far[0], far[1], shares / shares.sum())


def brute_force(units: list[Unit], demands: list[Demand], ways: Ways) -> float:
    """Return the least cost of all choices there are."""
    able = [
        [
            None,
            *(
                u
                for u in range(len(units))
                if {demand.kind} & {units[u].kind, *units[u].also} and not np.isnan(ways.to_demand[u, d])
            ),
        ]
        for d, demand in enumerate(demands)
    ]
    best = np.inf
    for chosen in product(*able):
        sent = [u for u in chosen if u is not None]
        if len(set(sent)) == len(sent):
            best = min(best, cost_of({d: u for d, u in enumerate(chosen) if u is not None}, units, demands, ways))
    return float(best)
