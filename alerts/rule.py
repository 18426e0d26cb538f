"""A rule as data: what it judges, over what, how urgent it is, and what the operator is told.

Made by ``alerts.loading``, from files and from what the editor's screen sends: the same structures, the same bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

from alerts.bounds import Name, Parameters, Ring
from alerts.contract import RuleType
from ops_center.domain.words import Words

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Codes = Code | Annotated[list[Code], msgspec.Meta(min_length=1, max_length=1000)] | None
Scalar = str | int | float | bool
Subject = Literal["datastream", "thing", "district", "city", "feed"]


class Scope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Over what a rule holds: whatever meets all of it. One value or a list of which one must be met."""

    subject: Subject = "datastream"
    """what one row of the rule is about"""
    feed: Codes = None
    observed_property: Codes = None
    kind: Codes = None
    """of the thing: ``water_tank``"""
    district: Codes = None
    department: Codes = None
    """who owns the thing"""
    producer: Codes = None
    thing: Codes = None
    """ids of single things"""
    attributes: dict[Code, Scalar | list[Scalar]] = {}
    """attributes of the thing: ``road_class = ["expressway", "arterial"]``, ``tags = "hospital"``; of an attribute
    that is a list one member must be met"""
    area: Ring | None = None
    """the thing stands inside this outline"""


class Priority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the priority is made from, by the book's written table."""

    consequence: Literal["minor", "moderate", "major", "severe"]
    """of doing nothing"""
    respond_min: Annotated[float, msgspec.Meta(gt=0, le=7 * 1440)]
    """minutes until it is too late to do anything about it"""


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rule's line in the master alarm list (ISA-18.2), shown with the alarm."""

    cause: Words
    consequence: Words
    operator_action: Words
    department: Words
    """whom the alarm is assigned to"""


class RuleForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as it is written; its parameters are checked by its type."""

    name: Name
    type: Name
    label: Words
    source: Words
    """where its numbers come from: the standard and clause, or who assumed them"""
    scope: Scope
    parameters: dict[str, Any]
    priority: Priority
    texts: Texts
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] = 1
    recovery: Literal["clear", "lower", "latch"] = "clear"
    """when the condition is left: the alarm goes, its priority is lowered, or it stays until somebody resets it"""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was checked."""

    form: RuleForm
    type: RuleType
    parameters: Parameters
    """of the type's own structure"""

    @property
    def name(self) -> str:
        """Return its unique name."""
        return self.form.name

    @property
    def version(self) -> int:
        """Return the number of its version; conditions carry it."""
        return self.form.version

    @property
    def scope(self) -> Scope:
        """Return over what it holds."""
        return self.form.scope
