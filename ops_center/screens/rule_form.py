"""A rule as fields hold it, and back: path → what is in the field. Whether it is right is judged elsewhere.

What can't be a value of its field (letters where a number is wanted) goes back as it was typed, so that whoever judges
the form names the field. Called by the rules page; the browser keeps the same mapping as its draft.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from alerts.contract import RuleType
from ops_center.screens.rule_fields import Field, fields_of

Flat = Mapping[str, Any]
TEXTS = ("label", "source", "texts.cause", "texts.consequence", "texts.operator_action", "texts.department")
"""what is said in both languages; each is two fields, ``label.zh`` and ``label.en``"""


def flat_of(form: Mapping[str, Any], type_: RuleType) -> dict[str, Any]:
    """Return what the fields show of a rule as JSON."""
    flat = {field.path: _shown(field, _at(form, field.path)) for field in fields_of(type_)}
    flat |= {f"{text}.{language}": _at(form, f"{text}.{language}") or "" for text in TEXTS for language in ("zh", "en")}
    return flat


def form_of(flat: Flat, name: str, type_: RuleType, *, enabled: bool = True, version: int = 1) -> dict[str, Any]:
    """Return the rule that fields say, as JSON. What is empty is left out, so that its default holds."""
    form: dict[str, Any] = {"name": name, "type": type_.name, "enabled": enabled, "version": max(version, 1)}
    form |= {"scope": {}, "parameters": {}, "priority": {}, "texts": {}}
    for field in fields_of(type_):
        value = _meant(field, flat.get(field.path))
        if value is not None:
            _put(form, field.path, value)
    for text in TEXTS:
        for language in ("zh", "en"):
            given = flat.get(f"{text}.{language}")
            _put(form, f"{text}.{language}", given.strip() if isinstance(given, str) else "")
    return form


def paths_of(type_: RuleType) -> tuple[str, ...]:
    """Return the paths of all fields."""
    return (
        *(field.path for field in fields_of(type_)),
        *(f"{t}.{language}" for t in TEXTS for language in ("zh", "en")),
    )


def nearest(fault: str, paths: Sequence[str]) -> str:
    """Return the field that a fault belongs to; "" where it belongs to none."""
    part = fault.split("[", 1)[0]
    while part:
        if part in paths:
            return part
        if inner := next((path for path in paths if path.startswith(f"{part}.") and part not in _WHOLE), None):
            return inner
        part = part.rpartition(".")[0]
    return ""


_WHOLE = frozenset({"parameters", "scope", "texts", "priority"})
"""parts whose faults are about several fields at once"""


def _at(form: Any, path: str) -> Any:
    for part in path.split("."):
        form = form.get(part) if isinstance(form, Mapping) else None
    return form


def _put(form: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        form = form.setdefault(part, {})
    form[last] = value


def _shown(field: Field, value: Any) -> Any:  # noqa: PLR0911 - a line for each kind of field
    """Return what a field holds for a value of the rule."""
    if value is None:
        value = field.default
    match field.kind:
        case "number":
            return "" if value is None else _plain(value)
        case "choice":
            plain = str(value).lower() if isinstance(value, bool) else value
            return plain if plain in field.choices else (field.choices[0] if field.choices else "")
        case "several" | "words":
            listed = value if isinstance(value, list | tuple) else [] if value is None else [value]
            return [str(_plain(one)) for one in listed]
        case "legs":
            return [_leg_shown(leg) for leg in value or () if isinstance(leg, Mapping)]
        case "attributes":
            return [_attribute_shown(name, one) for name, given in (value or {}).items() for one in _as_list(given)]
        case "area" | "json":
            return json.dumps(value, ensure_ascii=False) if value is not None else ""
        case _:
            return "" if value is None else str(value)


def _meant(field: Field, held: Any) -> Any:  # noqa: PLR0911 - a line for each kind of field
    """Return the value that a field's content means; None where it is empty."""
    if held is None or held in ("", []):
        return None
    match field.kind:
        case "choice" if set(field.choices) == {"true", "false"}:
            return held == "true"
        case "several" | "words":
            values = [_number(one) for one in held] if field.numbers and isinstance(held, list) else held
            is_code = field.path.startswith("scope.") and isinstance(values, list) and len(values) == 1
            return values[0] if is_code else values
        case "legs":
            return [_leg_meant(one) for one in held] if isinstance(held, list) else held
        case "attributes":
            return _attributes_meant(held) if isinstance(held, list) else held
        case "area" | "json":
            return _read(held)
        case _:
            return held


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _number(text: Any) -> Any:
    try:
        return _plain(float(text))
    except (TypeError, ValueError):
        return text


def _leg_shown(leg: Mapping[str, Any]) -> str:
    level = leg.get("level", 1)
    return str(leg.get("rule", "")) if level == 1 else f"{leg.get('rule', '')}@{level}"


def _leg_meant(text: Any) -> Any:
    rule, at, level = str(text).partition("@")
    return {"rule": rule, "level": int(level)} if at and level.isdigit() else {"rule": str(text)}


def _attribute_shown(name: str, value: Any) -> str:
    """Return ``road_class=arterial``; a text that reads like a number is quoted."""
    text = value if isinstance(value, str) and _read(value) is value else json.dumps(value, ensure_ascii=False)
    return f"{name}={text}"


def _attributes_meant(held: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for text in held:
        name, _, value = str(text).partition("=")
        found.setdefault(name.strip(), []).append(_read(value.strip()))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _read(text: Any) -> Any:
    """Return the JSON of a text; the text itself where it is none."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return text
