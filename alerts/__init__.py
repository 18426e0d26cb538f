"""Alert rules: pure functions from batches to conditions. Their worker lives in ops_center.

Adding a rule type is adding a file with ``RULE_TYPE`` (contract.py); outsiders use the entry-point group
``ops_center.rule_type``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ops_center.domain.registry import scan

if TYPE_CHECKING:
    from alerts.contract import RuleType


def registry() -> Mapping[str, RuleType]:
    """Return name → rule type."""
    from alerts.contract import RuleType  # this package is imported by everything in it

    return scan(sys.modules[__name__], "RULE_TYPE", RuleType)  # type: ignore[type-abstract]
