"""A rule's form is made from its type: every rule that ships is the same again after it was in the fields."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest

import alerts
from alerts.bounds import Parameters
from alerts.declared import Declared
from alerts.loading import read_rule, shipped_rules
from alerts.rule import Rule
from ops_center.domain.text import Label
from ops_center.screens.rule_fields import parameter_fields
from ops_center.screens.rule_form import flat_of, form_of, nearest, paths_of
from ops_center.screens.rule_versions import differences

TYPES = alerts.registry()
RULES = {rule.name: rule for rule in shipped_rules(TYPES)}


def again(rule: Rule, **typed: Any) -> Rule:
    flat = {**flat_of(msgspec.to_builtins(rule.form), rule.type), **typed}
    form = form_of(flat, rule.name, rule.type, enabled=rule.form.enabled, version=rule.version)
    return read_rule(form, "the form", TYPES)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_the_same_after_it_was_in_the_fields(name: str) -> None:
    rule = RULES[name]
    read = again(rule)
    assert (read.form.scope, read.parameters) == (rule.form.scope, rule.parameters)
    for part in ("label", "source", "texts", "priority", "recovery", "enabled", "version"):
        assert getattr(read.form, part) == getattr(rule.form, part)


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_a_form_that_its_example_fills(name: str) -> None:
    type_ = TYPES[name]
    assert not [field.path for field in parameter_fields(type_) if field.kind == "json"]
    held = form_of(flat_of({"parameters": dict(type_.example)}, type_), "new", type_)
    example = msgspec.convert(type_.example, type_.parameters)
    assert msgspec.convert(held["parameters"], type_.parameters) == example


def test_what_is_typed_is_meant() -> None:
    rule = RULES["traffic_slow"]
    edited = again(
        rule,
        **{
            "parameters.below": 12.5,
            "parameters.max_gap_s": "",
            "scope.attributes": ["road_class=arterial", "road_class=expressway", "lanes=3", 'code="7"'],
            "scope.area": "[[118.7, 32.0], [118.8, 32.0], [118.8, 32.1]]",
        },
    )
    assert edited.parameters.below == 12.5 and edited.parameters.max_gap_s is None  # type: ignore[attr-defined]
    assert edited.scope.attributes == {"road_class": ["arterial", "expressway"], "lanes": 3, "code": "7"}
    assert edited.scope.area == [(118.7, 32.0), (118.8, 32.0), (118.8, 32.1)]


class OddParameters(Parameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    most: Annotated[float, msgspec.Meta(gt=0, le=9, extra={"zh": "最多", "en": "at most"})]
    table: dict[str, int] = msgspec.field(default_factory=dict)


def test_a_type_of_an_outsider_brings_the_names_of_its_fields() -> None:
    odd = Declared("odd", Label("怪", "odd"), OddParameters, {"most": 2})
    most, table = parameter_fields(odd)[:2]  # type: ignore[arg-type]
    assert (most.label, most.kind, most.low, most.high, most.required) == (
        Label("最多", "at most"),
        "number",
        0,
        9,
        True,
    )
    assert table.kind == "json"
    held = form_of({"parameters.most": 3, "parameters.table": '{"a": 1}'}, "odd", odd)  # type: ignore[arg-type]
    assert held["parameters"] == {"most": 3, "table": {"a": 1}}


def test_a_fault_finds_its_field() -> None:
    paths = paths_of(TYPES["several"])
    assert nearest("parameters.of[0].rule", paths) == "parameters.of"
    assert nearest("texts.cause", paths) == "texts.cause.zh"
    assert nearest("parameters", paths) == "" and nearest("elsewhere", paths) == ""


def test_versions_differ_by_what_they_say() -> None:
    old = {"version": 1, "scope": {"feed": "water", "area": None}, "parameters": {"low": 1}, "enabled": True}
    new = {"version": 2, "scope": {"feed": "water", "attributes": {}}, "parameters": {"high": 2}, "enabled": False}
    assert list(differences(old, new)) == [
        ("parameters.low", 1, None),
        ("parameters.high", None, 2),
        ("enabled", True, False),
    ]
