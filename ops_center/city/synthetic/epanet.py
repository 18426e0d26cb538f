"""The water network as an EPANET input file (EPANET 2.2 user manual, appendix C). Called by ``make``."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ops_center.city.synthetic.plan import Plan, Real
from ops_center.city.synthetic.supply import PATTERN, Supply

TANK_M = {"initial": 3.0, "least": 0.5, "most": 4.1, "diameter": 36.0}
"""levels above the bottom, and the diameter, of every tank; its valve shuts at ``most``, before anybody need be told"""


def epanet_text(plan: Plan, supply: Supply) -> str:
    """Return the input file: units L/s and m, coordinates in the city's projected CRS."""
    sections = {
        "TITLE": ["Water supply of a synthetic city"],
        "JUNCTIONS": _rows(supply.junction, supply.elevation_m, supply.demand_l_s, ["DAY"] * len(supply.junction)),
        "RESERVOIRS": [f"{name} {supply.works_level_m:.2f}" for name in supply.works],
        "TANKS": [_tank(name, bottom) for name, bottom in zip(supply.tank, supply.tank_bottom_m, strict=True)],
        "PIPES": _pipes(supply),
        "PUMPS": [
            f"{name} {start} {end} HEAD C{name}"
            for name, start, end in zip(supply.pump, supply.pump_start, supply.pump_end, strict=True)
        ],
        "CURVES": [line for i in range(len(supply.pump)) for line in _curve(supply, i)],
        "PATTERNS": [f"DAY {' '.join(map(str, PATTERN[i : i + 6]))}" for i in range(0, 24, 6)],
        "TIMES": [
            "Duration 24:00",
            "Hydraulic Timestep 0:05",
            "Pattern Timestep 1:00",
            "Report Timestep 0:05",
            "Quality Timestep 0:05",
        ],
        "OPTIONS": ["Units LPS", "Headloss H-W", "Trials 100", "Accuracy 0.001", "Unbalanced Continue 10"],
        "COORDINATES": list(_coordinates(plan, supply)),
        "END": [],
    }
    return "\n\n".join("\n".join([f"[{name}]", *lines]) for name, lines in sections.items()) + "\n"


def _rows(*columns: Iterable[object]) -> list[str]:
    return [" ".join(map(str, row)) for row in zip(*columns, strict=True)]


def _tank(name: str, bottom: float) -> str:
    levels = TANK_M
    return f"{name} {bottom:.2f} {levels['initial']} {levels['least']} {levels['most']} {levels['diameter']} 0"


def _pipes(supply: Supply) -> list[str]:
    rough = [f"{supply.roughness:.0f} 0 Open"] * len(supply.pipe)
    return _rows(supply.pipe, supply.pipe_start, supply.pipe_end, supply.length_m, supply.diameter_mm, rough)


def _curve(supply: Supply, i: int) -> list[str]:
    """Return a three-point pump curve: 1.22 of the head at no flow, little more than half of it at 1.8 of the flow."""
    flow, head = float(supply.pump_flow_l_s[i]), supply.pump_head_m
    points = ((0.0, 1.22 * head), (flow, head), (1.8 * flow, 0.55 * head))
    return [f"C{supply.pump[i]} {q:.2f} {h:.2f}" for q, h in points]


def _coordinates(plan: Plan, supply: Supply) -> Iterable[str]:
    names = np.concatenate([supply.junction, supply.works, supply.tank])
    places: Real = np.vstack([supply.junction_m, supply.works_m, supply.tank_m]) + np.array(plan.origin_m)
    return (f"{name} {x:.2f} {y:.2f}" for name, (x, y) in zip(names, places.tolist(), strict=True))
