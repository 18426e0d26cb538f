"""Things of a synthetic city: how many of each kind, and where. Vectorised: a million takes seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ops_center.city.kinds import THING_KINDS
from ops_center.city.synthetic.plan import Plan, Real

Ints = NDArray[np.int64]
_SHARES = {
    "camera": 0.16,
    "air_micro": 0.05,
    "water_pressure_sensor": 0.08,
    "water_flow_meter": 0.024,
    "water_quality_station": 0.006,
    "rain_gauge": 0.012,
    "weather_station": 0.0024,
    "river_gauge": 0.0024,
    "drain_sensor": 0.06,
    "bus": 0.14,
    "sanitation": 0.036,
    "police": 0.036,
    "fire": 0.008,
    "ambulance": 0.01,
    "truck": 0.06,
}
"""part of all things; what is left are traffic sensors, so that things × 1.7 is about the number of datastreams"""


@dataclass(frozen=True)
class Sites:
    """Where things can be, in local metres, with the district and elevation of each site."""

    xy_m: Real
    district: NDArray[np.object_]
    refs: dict[str, NDArray[np.object_]]
    """columns of ``things`` that name the site: road_id, pipe_node …"""


def thing_counts(plan: Plan, tanks: int) -> dict[str, int]:
    """Return how many things of each kind there are; together exactly ``plan.things``."""
    counts = {kind: max(1, round(share * plan.things)) for kind, share in _SHARES.items()}
    counts["air_station"] = int(np.clip(round((plan.radius_m / 1000) ** 1.2), 4, 80))
    counts["water_tank"] = tanks
    counts["traffic_sensor"] = plan.things - sum(counts.values())
    return {kind: counts[kind] for kind in THING_KINDS}


def pick(chance: np.random.Generator, weight: Real, count: int) -> Ints:
    """Return sites for ``count`` things: each site once before any twice, heavier ones first (Efraimidis-Spirakis)."""
    laps = -(-count // len(weight))
    keys = chance.random((laps, len(weight))) ** (1 / np.maximum(weight, 1e-9))
    order = np.argsort(-keys, axis=1, kind="stable").reshape(-1)
    return np.sort(order[:count])


def numbered(kind: str, count: int) -> NDArray[np.object_]:
    """Return thing ids, e.g. traffic_sensor-000001: stable as long as seed and number of things are."""
    return np.array([f"{kind}-{number:06d}" for number in range(1, count + 1)], object)


def thing_rows(kind: str, sites: Sites, chosen: Ints) -> pd.DataFrame:
    """Return the rows of things of one kind at the chosen sites."""
    what = THING_KINDS[kind]
    count = len(chosen)
    frame = pd.DataFrame(
        {
            "thing_id": numbered(kind, count),
            "kind": kind,
            "name_zh": [f"{what.label.zh}{n:04d}" for n in range(1, count + 1)],
            "name_en": [f"{what.label.en.capitalize()} {n:04d}" for n in range(1, count + 1)],
            "feed": what.feed,
            "district": sites.district[chosen],
            "department": what.department,
            "x_m": sites.xy_m[chosen, 0],
            "y_m": sites.xy_m[chosen, 1],
        }
    )
    return frame.assign(**{column: values[chosen] for column, values in sites.refs.items()})


def along(shapes: NDArray[np.object_], part: Real) -> Real:
    """Return the place at a part (0 to 1) of each line, float64[n, 2]."""
    return np.asarray(shapely.get_coordinates(shapely.line_interpolate_point(shapes, part, normalized=True)))
