"""What is wrong with a rule, by field and in both languages. Called by ``services.rules``.

The checks are those of ``alerts.loading``, which names the field and says in English what was expected there; here it
becomes a :class:`Fault` that a form can show beside its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from alerts.contract import RuleType, StageTwoType
from alerts.loading import read_rule
from alerts.rule import Rule
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.text import Label

_WHERE = "rule"
_FIELD = re.compile(r"[a-z_]+(?:\.\w+|\[[^\]]*\])*")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Object missing required field `(?P<field>[^`]+)`"), "缺少必填项"),
    (re.compile(r"Object contains unknown field `(?P<field>[^`]+)`"), "没有这一项"),
    (re.compile(r"Expected `(?P<a>[^`]+)` of length (?P<op>[<>]=?) (?P<n>\S+)"), "长度须 {op} {n}"),
    (re.compile(r"Expected `(?P<a>[^`]+)` (?P<op>[<>]=?) (?P<n>\S+)"), "须为 {op} {n} 的数"),
    (re.compile(r"Expected `(?P<a>[^`]+)` matching regex .*"), "格式不符：小写字母开头，其后为小写字母、数字或下划线"),
    (re.compile(r"Expected `(?P<a>[^`]+)`, got `(?P<b>[^`]+)`"), "须为 {a}，却是 {b}"),
    (re.compile(r"Invalid enum value (?P<a>.+)"), "没有 {a} 这个取值"),
    (re.compile(r"(?P<a>'[^']*') is none of (?P<b>.+)"), "{a} 不在以下取值之中：{b}"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one field of a rule."""

    field: str
    """``parameters.above``, ``texts.cause.zh``; "" where it is the rule as a whole"""
    what: Label


def checked(form: Any, types: Mapping[str, RuleType]) -> Rule | Fault:
    """Return the rule of a form as JSON, or the first thing that is wrong with it."""
    try:
        return read_rule(form, _WHERE, types)
    except ConfigurationError as error:
        return _fault(str(error).removeprefix(f"{_WHERE}: "))


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


def _fault(text: str) -> Fault:
    head, colon, rest = text.partition(": ")
    field, message = (head, rest) if colon and _FIELD.fullmatch(head) else ("", text)
    for pattern, words in _WORDS:
        found = pattern.fullmatch(message)
        if found is None:
            continue
        named = found.groupdict()
        if inner := named.get("field"):
            field = f"{field}.{inner}" if field else inner
        return Fault(field, Label(words.format(**named), message))
    return Fault(field, Label(f"不符合要求：{message}", message))
