"""How fast traffic is at a given flow: the relations between flow, density, speed and occupancy.

Free branch: the BPR curve, speed = free speed / (1 + alpha (v/c)^beta) (Bureau of Public Roads, Traffic Assignment
Manual, 1964), with alpha and beta by kind of road after Horowitz (Delay-Volume Relations for Travel Forecasting,
FHWA 1991, chapter 4). Congested branch: the triangular diagram of the cell transmission model (Daganzo 1994, TR-B
28:269): what moves in a queue at flow q per lane has density k_jam - q/w. Occupancy = density x effective vehicle
length (Hall, Traffic Stream Characteristics, FHWA 1992). All functions take and return arrays of one shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]

JAM_PER_M = 0.140
"""density of standing traffic per lane, vehicles/m (140 per km)"""
WAVE_MPS = 5.0
"""speed at which a jam's end moves upstream, m/s (18 km/h)"""
EFFECTIVE_LENGTH_M = 6.6
"""mean vehicle (4.8 m) plus the length of a loop (1.8 m)"""
BPR_ALPHA = np.array([0.56, 0.71, 0.71, 0.71])
BPR_BETA = np.array([3.6, 2.1, 2.1, 2.1])
"""by road class: freeways and multilane roads with a design speed of 50 mph (80 km/h)"""

CAPACITY_PER_LANE_VPH = np.array([1900.0, 950.0, 650.0, 400.0])
"""by road class (expressway, arterial, collector, local): expressways after HCM 2010 exhibit 10-5 at 80 km/h, the
others a saturation flow of 1,800-1,900 times the share of green of their signals"""


@dataclass(frozen=True, slots=True)
class Stream:
    """Traffic at n points, per direction."""

    flow_vph: Real
    """vehicles per hour, all lanes"""
    speed_mps: Real
    density_per_m: Real
    """vehicles per metre and lane"""

    @property
    def occupancy_percent(self) -> Real:
        """Return the share of time a detector is covered, %, at most 100."""
        return np.minimum(100.0 * self.density_per_m * EFFECTIVE_LENGTH_M, 100.0)


def free_speed(free_mps: Real | float, volume_ratio: Real, road_class: NDArray[np.integer[Any]] | int) -> Real:
    """Return the speed of traffic that doesn't queue at flow/capacity ``volume_ratio``, m/s."""
    alpha, beta = BPR_ALPHA[road_class], BPR_BETA[road_class]
    return np.asarray(free_mps / (1.0 + alpha * np.minimum(volume_ratio, 1.0) ** beta))


def queued_density(flow_per_lane_mps: Real) -> Real:
    """Return vehicles per metre and lane within a queue that discharges ``flow_per_lane`` (vehicles/s)."""
    return np.maximum(JAM_PER_M - flow_per_lane_mps / WAVE_MPS, 0.02)


def rain_factors(rain_mm_h: float) -> tuple[float, float]:
    """Return what rain leaves of capacity and of free speed.

    Capacity: HCM 2010, exhibit 10-15 (rain up to 2.5 mm/h -2 %, up to 6.4 mm/h -7 %, above -14 %). Speed: FHWA
    (How do weather events affect roads: light rain -2 to -13 %, heavy rain -3 to -16 %), the middle of each.
    """
    return (
        float(np.interp(rain_mm_h, (0.0, 2.5, 6.4, 25.0), (1.0, 0.98, 0.93, 0.86))),
        float(np.interp(rain_mm_h, (0.0, 2.5, 6.4, 25.0), (1.0, 0.95, 0.92, 0.84))),
    )
