"""Speed of what moves: a threshold on the speed of fixes, in any unit of speed."""

from __future__ import annotations

from alerts.measured import OneLimit
from alerts.threshold import Threshold
from ops_center.domain.text import Label

RULE_TYPE = Threshold(
    "speed",
    Label("车速", "speed of a vehicle"),
    OneLimit,
    {"unit": "km/h", "above": 60},
    source="positions",
    subjects=frozenset({"thing"}),
)
