"""Which units measure the same: a rule may say kPa where a sensor says MPa. Called when rules meet datastreams.

Factors follow from the definitions of the units (UCUM 2.1); each family is written in multiples of its first.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_FAMILIES: tuple[Mapping[str, float], ...] = (
    {"Pa": 1.0, "hPa": 1e2, "kPa": 1e3, "MPa": 1e6},
    {"m": 1.0, "mm": 1e-3, "cm": 1e-2, "km": 1e3},
    {"s": 1.0, "min": 60.0, "h": 3600.0},
    {"m/s": 1.0, "km/h": 1 / 3.6},
    {"L/s": 1.0, "m3/s": 1e3, "m3/h": 1 / 3.6},
    {"L": 1.0, "m3": 1e3},
    {"ug/m3": 1.0, "mg/m3": 1e3},
    {"ug/L": 1.0, "mg/L": 1e3},
    {"W": 1.0, "kW": 1e3},
)
_FAMILY: Mapping[str, Mapping[str, float]] = MappingProxyType({unit: family for family in _FAMILIES for unit in family})


def factor(unit: str, into: str) -> float | None:
    """Return by what a value in ``unit`` is multiplied to be in ``into``; None where they measure something else."""
    if unit == into:
        return 1.0
    family = _FAMILY.get(unit, {})
    return family[unit] / family[into] if into in family else None
