"""What is wrong with a rule, by field and in both languages. Called by ``services.rules``.

The checks are those of ``alerts.loading``, which names the field and says in English what was expected there; here it
becomes a :class:`Fault` that a form can show beside its field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from alerts.contract import RuleType, StageTwoType
from alerts.loading import read_rule
from alerts.rule import Rule
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.faults import Fault, fault_of
from ops_center.domain.text import Label

__all__ = ["Fault", "checked", "fault_of_legs"]

_WHERE = "rule"


def checked(form: Any, types: Mapping[str, RuleType]) -> Rule | Fault:
    """Return the rule of a form as JSON, or the first thing that is wrong with it."""
    try:
        return read_rule(form, _WHERE, types)
    except ConfigurationError as error:
        return fault_of(str(error).removeprefix(f"{_WHERE}: "))


def fault_of_legs(rule: Rule, others: Mapping[str, Rule]) -> Fault | None:
    """Return what is wrong with a rule over conditions beside ``others``, all rules by name: whom it listens to."""
    if rule.type.source != "conditions":
        return _fault_of_listeners(rule, others)
    for leg in cast("StageTwoType", rule.type).legs(rule.parameters):
        found = others.get(leg.rule)
        if found is None or found.type.source == "conditions":
            zh, en = f"没有名为 {leg.rule} 的一级规则", f"no rule of the first stage is named {leg.rule!r}"
            return Fault("parameters", Label(zh, en))
    return _fault_of_listeners(rule, others)


def _fault_of_listeners(rule: Rule, others: Mapping[str, Rule]) -> Fault | None:
    """Rules that listen to conditions of ``rule`` need it to stay one of the first stage."""
    if rule.type.source != "conditions":
        return None
    for other in others.values():
        legs = cast("StageTwoType", other.type).legs(other.parameters) if other.type.source == "conditions" else ()
        if other.name != rule.name and any(leg.rule == rule.name for leg in legs):
            zh, en = f"规则 {other.name} 依赖它的条件", f"rule {other.name} listens to its conditions"
            return Fault("type", Label(zh, en))
    return None
