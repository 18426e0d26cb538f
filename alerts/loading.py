"""Rules from text: TOML files that ship or that a city writes, and the forms of the editor. Strict, and precise.

An error names file, rule and field. Called by the tests, by imports into the database, by the editor's screen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

import msgspec

from alerts.contract import RuleType
from alerts.rule import Rule, RuleForm
from ops_center.domain.errors import ConfigurationError


def load_rules(text: str, origin: str, types: Mapping[str, RuleType]) -> tuple[Rule, ...]:
    """Return the rules of one TOML file (``[[rule]]`` …). Raises ConfigurationError that names file, rule and field."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{origin}: {error}") from error
    entries = document.get("rule", [])
    if set(document) - {"rule"} or not isinstance(entries, list):
        raise ConfigurationError(f"{origin}: a file of rules holds [[rule]] and nothing else")
    rules = [
        read_rule(entry, f"{origin}, rule {_called(entry, place)}", types) for place, entry in enumerate(entries, 1)
    ]
    return unique(rules, origin)


def read_rule(entry: Any, where: str, types: Mapping[str, RuleType]) -> Rule:
    """Return the rule of decoded JSON or TOML. Raises ConfigurationError that begins with ``where``."""
    form = _converted(entry, RuleForm, where)
    found = types.get(form.type)
    if found is None:
        raise ConfigurationError(f"{where}: type: {form.type!r} is none of {', '.join(sorted(types))}")
    if form.scope.subject not in found.subjects:
        allowed = ", ".join(sorted(found.subjects))
        raise ConfigurationError(f"{where}: scope.subject: {form.scope.subject!r} is none of {allowed}")
    return Rule(form, found, _converted(form.parameters, found.parameters, where, "parameters."))


def unique(rules: Iterable[Rule], origin: str) -> tuple[Rule, ...]:
    """Return rules whose names differ. Raises ConfigurationError."""
    found: dict[str, Rule] = {}
    for rule in rules:
        if found.setdefault(rule.name, rule) is not rule:
            raise ConfigurationError(f"{origin}: rule {rule.name}: name: there are two rules of this name")
    return tuple(found.values())


def shipped_files() -> Sequence[tuple[str, str]]:
    """Return (name, text) of the files of rules that ship, by name."""
    folder = files("alerts") / "rules"
    found = [(entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return sorted(found)


def shipped_rules(types: Mapping[str, RuleType]) -> tuple[Rule, ...]:
    """Return the rules that ship. Raises ConfigurationError, which a test rules out."""
    return unique((rule for name, text in shipped_files() for rule in load_rules(text, name, types)), "shipped rules")


def _called(entry: Any, place: int) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return str(name)[:100] if isinstance(name, str) and name else f"number {place}"


def _converted(value: Any, into: type[Any], where: str, prefix: str = "") -> Any:
    try:
        return msgspec.convert(value, into)
    except (msgspec.ValidationError, RecursionError, OverflowError, UnicodeError) as error:
        message, _, path = str(error).partition(" - at `$")
        field = f"{prefix}{path.rstrip('`').lstrip('.')}".rstrip(".")
        raise ConfigurationError(f"{where}: {field}: {message}" if field else f"{where}: {message}") from error
