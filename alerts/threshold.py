"""Threshold: a value above or below a limit, with deadband and delays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alerts.contract import Cells, Seen, Subjects, Verdict
from alerts.declared import Declared
from alerts.measured import OneLimit, crossed
from ops_center.domain.text import Label


@dataclass(frozen=True)
class Threshold(Declared):
    """One limit on one side."""

    def columns(self, parameters: OneLimit, subjects: Subjects) -> Mapping[str, Any]:
        """Return the limit, its side and its deadband."""
        limit, side = parameters.limit()
        return {"limit": limit, "side": side, "deadband": parameters.deadband}

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        """Say which values lie beyond the limit."""
        limit = parameters["limit"]
        held = memory["beyond"][:, 0]
        beyond = crossed(seen.value, limit, parameters["side"], parameters["deadband"], held)
        return Verdict(beyond[:, None], limit[:, None], seen.value)


RULE_TYPE = Threshold(
    "threshold", Label("阈值", "threshold"), OneLimit, {"unit": "km/h", "above": 60, "deadband": 5, "on_delay_s": 20}
)
