"""The fields of a rule's form, found in the structures that judge it: a type of a new file has its form by itself.

The only module that looks into ``msgspec``'s structures. Bounds are shown as they are declared; whether a value keeps
them is judged by ``alerts.loading`` alone, when the form is checked. Called by the rules page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, cast

import msgspec
from msgspec import inspect

from alerts.bounds import Parameters
from alerts.contract import RuleType
from alerts.rule import Priority, Scope
from alerts.stages import LegForm
from ops_center.domain.text import Label
from ops_center.domain.units import UNITS
from ops_center.screens.rule_words import HINTS, UNIT_OF_RULE, in_order, name_of, unit_of

Kind = Literal["number", "text", "choice", "several", "words", "legs", "area", "attributes", "json"]
_IN_UNIT = frozenset({"above", "below", "deadband", "low_low", "low", "high", "high_high", "change", "tolerance"})
_FREE_WORDS = frozenset({"scope.thing", "scope.producer"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form."""

    path: str
    """``parameters.above``: where its value is in the rule, and how a fault names it"""
    label: Label
    kind: Kind
    """several: of some codes; words: of any; legs: of conditions of other rules; json: whatever has no form here"""
    required: bool = False
    whole: bool = False
    """a number without fraction"""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    """of ``choice`` and ``several``; () where the catalog or the registry gives them"""
    default: Any = None
    unit: Label | None = None
    hint: Label | None = None
    numbers: bool = False
    """of ``words``: they are numbers"""

    @property
    def name(self) -> str:
        """Return its last name."""
        return self.path.rsplit(".", 1)[-1]


RECOVERY = Field("recovery", name_of("recovery"), "choice", choices=("clear", "lower", "latch"), default="clear")
"""what becomes of the alarm when the condition is over"""


def parameter_fields(type_: RuleType) -> tuple[Field, ...]:
    """Return the fields of a type's parameters: its own first, then those of all types."""
    found = _fields("parameters", type_.parameters)
    has_unit = any(field.name == "unit" for field in found)
    fields = [replace(one, unit=UNIT_OF_RULE) if has_unit and one.name in _IN_UNIT else one for one in found]
    common = {field.path for field in _fields("parameters", Parameters)}
    return tuple(sorted(fields, key=lambda field: field.path in common))


def scope_fields(type_: RuleType) -> tuple[Field, ...]:
    """Return the fields of a scope; its subject is one of those that the type knows."""
    subjects, found = in_order(type_.subjects), _fields("scope", Scope)
    return tuple(replace(one, choices=subjects) if one.name == "subject" else one for one in found)


def priority_fields() -> tuple[Field, ...]:
    """Return the fields that the priority is made from."""
    return _fields("priority", Priority)


def fields_of(type_: RuleType) -> tuple[Field, ...]:
    """Return all fields but the texts, which are the same for every rule."""
    return (*parameter_fields(type_), *scope_fields(type_), *priority_fields(), RECOVERY)


@cache
def _fields(where: str, structure: type[msgspec.Struct]) -> tuple[Field, ...]:
    found = cast("inspect.StructType", inspect.type_info(structure))
    return tuple(_field(where, one) for one in found.fields)


def _field(where: str, given: inspect.Field) -> Field:
    path, kind = f"{where}.{given.encode_name}", given.type
    label, kind = _labelled(given.encode_name, kind)
    optional = isinstance(kind, inspect.UnionType) and any(isinstance(one, inspect.NoneType) for one in kind.types)
    default = None if given.default is msgspec.NODEFAULT else given.default
    made = Field(path, label, "json", given.required, hint=HINTS.get(given.encode_name), default=default)
    for one in _members(kind):
        if (shaped := _shaped(made, one)) is not None:
            return replace(shaped, required=given.required and not optional)
    return made


def _labelled(name: str, kind: inspect.Type) -> tuple[Label, inspect.Type]:
    """Return what a field is called, by its bounds or by its name, and its type without that."""
    label = name_of(name)
    if isinstance(kind, inspect.Metadata):
        extra = kind.extra or {}
        if isinstance(extra.get("zh"), str) and isinstance(extra.get("en"), str):
            label = Label(extra["zh"], extra["en"])
        kind = kind.type
    return label, kind


def _members(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    """Return the types that a value may be of, lists first: one of ``one | list[one]`` is a list of one."""
    found = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    lists = (inspect.ListType, inspect.VarTupleType, inspect.CollectionType)
    return tuple(sorted(found, key=lambda one: not isinstance(one, lists)))


def _shaped(field: Field, kind: inspect.Type) -> Field | None:  # noqa: PLR0911 - a line for each kind of value
    """Return the field as values of this type want it; None where that isn't known."""
    if field.path == "scope.attributes":
        return replace(field, kind="attributes", default=None)
    match kind:
        case inspect.FloatType() | inspect.IntType():
            low, high = (kind.ge if kind.ge is not None else kind.gt), (kind.le if kind.le is not None else kind.lt)
            bounds = {"low": low, "high": high} if high is None or high < 1e15 else {"low": _near(low), "high": None}
            unit = unit_of(field.name)
            return replace(field, kind="number", whole=isinstance(kind, inspect.IntType), unit=unit, **bounds)
        case inspect.BoolType():
            return replace(field, kind="choice", choices=("true", "false"), default=str(bool(field.default)).lower())
        case inspect.LiteralType():
            return replace(field, kind="choice", choices=in_order(map(str, kind.values)))
        case inspect.StrType() if field.name == "unit":
            return replace(field, kind="choice", choices=tuple(UNITS))
        case inspect.StrType():
            return replace(field, kind="text")
        case inspect.ListType() | inspect.VarTupleType():
            return _listed(field, kind.item_type)
    return None


def _listed(field: Field, item: inspect.Type) -> Field | None:
    if isinstance(item, inspect.Metadata):
        item = item.type
    match item:
        case inspect.StructType() if item.cls is LegForm:
            return replace(field, kind="legs", default=None)
        case inspect.TupleType() if len(item.item_types) == 2:
            return replace(field, kind="area", default=None)
        case inspect.LiteralType():
            return replace(field, kind="several", choices=in_order(map(str, item.values)), default=None)
        case inspect.IntType() | inspect.FloatType():
            return replace(field, kind="words", numbers=True, default=None)
        case inspect.StrType():
            is_code = field.path.startswith("scope.") and field.path not in _FREE_WORDS
            return replace(field, kind="several" if is_code or field.name == "kinds" else "words", default=None)
    return None


def _near(bound: float | None) -> float | None:
    """Return a bound that says something; none where any number that can be will do."""
    return None if bound is None or bound <= -1e15 else bound
