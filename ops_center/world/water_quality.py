"""Water quality at stations: chlorine that decays with the age of the water, turbidity that a burst stirs up.

Age: flow-weighted mean travel time from the works over the day's mean flows, tanks included, the steady form of
EPANET's own age (EPANET 2.2 manual, 3.4). Chlorine: first-order bulk and wall decay by age, faster when warm
(Powell et al. 2000: k doubles in about 10 K). Turbidity: deposits are stirred up where a burst speeds the flow and
travel with the water (Vreeburg and Boxall 2007). Limits, for the eye: GB 5749-2022: chlorine at the tap 0.05 mg/L or
more, turbidity 1 NTU or less. Called by ``water``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.time import SECOND_US
from ops_center.world.chance import rough, uniform
from ops_center.world.climate import Climate
from ops_center.world.epanet import EpanetNetwork, NodeKind
from ops_center.world.occurrences import Occurrence

_AT_WORKS_MG_L = 0.85
_DECAY_PER_DAY = 0.55
"""at 20 °C"""
_DOUBLES_IN_K = 10.0
_TANK_AGE_H = 9.0
"""what a tank that is turned over a few times a day adds"""
_OLDEST_H = 72.0
_STIRRED_NTU = 7.0
_REACH_M = 1800.0
_TRAVEL_MPS = 0.6
_SETTLES_S = 5400.0
_NORMAL_NTU = 0.16


def water_age_h(network: EpanetNetwork, flow_l_s: Float64, head_m: Float64) -> Float64:
    """Return the mean age of the water at each node, hours, float64[nodes]: from high head to low, mixed by flow."""
    kind = network.node_kind
    area_m2 = np.pi * (network.diameter_mm / 1000.0) ** 2 / 4.0
    amount = np.abs(flow_l_s)
    travel_h = network.length_m * area_m2 / np.maximum(amount / 1000.0, 1e-6) / 3600.0
    first, last = network.ends.T
    source, sink = np.where(flow_l_s >= 0, first, last), np.where(flow_l_s >= 0, last, first)
    incoming: list[list[int]] = [[] for _ in kind]
    for link in np.flatnonzero(amount > 1e-4).tolist():
        incoming[sink[link]].append(link)
    age = np.where(kind == NodeKind.RESERVOIR, 2.0, 0.0)
    for node in np.argsort(-head_m, kind="stable").tolist():
        links = incoming[node]
        if links and kind[node] != NodeKind.RESERVOIR:
            mixed = np.average(age[source[links]] + travel_h[links], weights=amount[links])
            age[node] = min(mixed + (_TANK_AGE_H if kind[node] == NodeKind.TANK else 0.0), _OLDEST_H)
    return np.asarray(age)


def chlorine_mg_l(seed: int, climate: Climate, age_h: Float64, time_us: Int64) -> Float64:
    """Return free chlorine at n times for m ages, float64[n, m]; water is oldest before the morning's demand."""
    dosed = _AT_WORKS_MG_L * (1.0 + 0.05 * rough(seed, "dose", time_us, 6 * 3600))
    warmth = 2.0 ** ((13.0 + 10.0 * climate.season(time_us) - 20.0) / _DOUBLES_IN_K)
    older = 1.0 + 0.25 * np.cos(2.0 * np.pi * (climate.local_hours(time_us) - 5.0) / 24.0)
    decayed = _DECAY_PER_DAY / 24.0 * (warmth * older)[:, None] * age_h[None, :]
    return np.asarray(dosed[:, None] * np.exp(-decayed))


def turbidity_ntu(
    seed: int, time_us: int, x_m: Float64, y_m: Float64, bursts: Sequence[tuple[Occurrence, float, float]]
) -> Float64:
    """Return turbidity at m places; ``bursts`` with their places in metres, those of the last hours too."""
    own = 0.7 + 0.6 * uniform(seed, "turbidity", np.arange(len(x_m)))
    drift = 1.0 + 0.12 * float(rough(seed, "turbidity", time_us, 6 * 3600))
    total = _NORMAL_NTU * own * drift
    for burst, burst_x, burst_y in bursts:
        distance = np.hypot(x_m - burst_x, y_m - burst_y)
        since_s = (time_us - burst.start_us) / SECOND_US - distance / _TRAVEL_MPS
        stirred = np.clip(since_s / 600.0, 0.0, 1.0) * np.exp(-np.maximum(since_s - 600.0, 0.0) / _SETTLES_S)
        total = total + _STIRRED_NTU * min(burst.magnitude / 60.0, 2.0) * np.exp(-distance / _REACH_M) * stirred
    return np.asarray(total)
