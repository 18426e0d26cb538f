"""Lost contact: something that moves has sent no fix for too long. Silence over positions."""

from __future__ import annotations

from alerts.silence import Silence, SilenceParameters
from ops_center.domain.text import Label

RULE_TYPE = Silence(
    "lost_contact",
    Label("车辆失联", "lost contact"),
    SilenceParameters,
    {"at_least_s": 30},
    source="positions",
    subjects=frozenset({"thing"}),
    restarts=frozenset(),
)
