"""What a page, layer, feed or route declares about who may use it, where it is written.

Until accounts exist the center answers on loopback only; the declarations are there from the start, so
that no page is born without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What somebody does in the center."""

    OPERATOR = "operator"
    COORDINATOR = "coordinator"
    COMMANDER = "commander"
    DEPARTMENT = "department"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"
    DISPLAY = "display"
    FIELD_UNIT = "field_unit"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may see something, and who may change it; nobody else may."""

    see: frozenset[Role]
    change: frozenset[Role] = frozenset()


COMMAND_CENTER = frozenset(
    {Role.OPERATOR, Role.COORDINATOR, Role.COMMANDER, Role.LEADER, Role.ADMINISTRATOR, Role.DISPLAY}
)
"""everybody who works in front of the picture"""
