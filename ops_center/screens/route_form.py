"""What is typed of a notification route: fields → what is saved, or what is wrong at which field. Called by ``routes``.

The browser holds the fields as one mapping (assets/routes.js). Hours are typed as lines: ``1-5 18:00-08:00``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from itertools import groupby
from math import isfinite
from typing import Any

import msgspec

from alerts.cap import readable
from alerts.route import Hours, Route, is_mail_address, read_route
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.text import Label
from ops_center.screens.route_words import CHOICES, LISTS, NUMBERS, TEXTS

Values = Mapping[str, Any]
Faults = dict[str, Label]

FIELDS = (*TEXTS, *CHOICES, *LISTS, "hours", *NUMBERS)
WHOLE = ""
"""where a fault stands that belongs to no field"""
NEW: Values = {
    **{"channel": "mail", "language": "zh", "realms": "live", "state": "on"},
    **{"targets": [], "acts": ["raised", "escalated"], "priorities": ["1", "2"]},
    **{"rules": [], "departments": [], "districts": [], "hours": ""},
    **{"delay_min": 0, "repeat_min": 0, "repeat_most": 10, "most": 20, "per_min": 60},
}
"""what a new route begins with"""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}", re.ASCII)
_TARGET = re.compile(r"[A-Za-z0-9._%+*-]{1,200}", re.ASCII)
_LINE = re.compile(r"([1-7](?:[-,][1-7])*)\s+([0-2]?\d:[0-5]\d)\s*[-–~至]\s*([0-2]?\d:[0-5]\d)", re.ASCII)
_MOST_TARGETS, _MOST_LINES, _MOST_CODES = 50, 20, 1000
_LONGEST = 2000

_MISSING = Label("请填写", "This is needed")
_CHOOSE = Label("请选择", "Choose one")
_SOME_ACT = Label("请至少选择一项", "Choose at least one")
_NO_NAME = Label("小写字母开头，只含小写字母、数字、下划线", "Lower case letters, digits and _; begins with a letter")
_TAKEN = Label("已有同名路由", "There is a route of this name")
_ONLY_WARNINGS = Label("投放文件夹只接收公众预警", "The drop folder takes public warnings alone")
_TOO_MANY = Label(f"最多 {_MOST_TARGETS} 个对象", f"At most {_MOST_TARGETS} targets")
_TOO_MANY_LINES = Label(f"最多 {_MOST_LINES} 行", f"At most {_MOST_LINES} lines")


def values_of(route: Route) -> dict[str, Any]:
    """Return what the fields hold of a route."""
    return {
        **msgspec.to_builtins(route),
        "label_zh": route.label.zh,
        "label_en": route.label.en,
        "priorities": [str(one) for one in route.priorities],
        "hours": "\n".join(_line_of(one) for one in route.hours),
        "realms": "test" if route.test_target else "live",
        "state": "on" if route.enabled else "off",
    }


def read(values: Values, name: str, taken: Container[str]) -> tuple[dict[str, Any] | None, Faults]:
    """Return the form that was typed, or None and what is wrong by field; ``name``: of the route, "" for a new one."""
    faults: Faults = {}
    form: dict[str, Any] = {"name": name or _new_name(values, taken, faults)}
    form["label"] = {language: _text(values, f"label_{language}", faults) for language in ("zh", "en")}
    form |= {field: _chosen(values, field, faults) for field in ("channel", "language")}
    form["enabled"] = _chosen(values, "state", faults) == "on"
    form["test_target"] = _chosen(values, "realms", faults) == "test"
    form["targets"] = _targets(values, form["channel"], faults)
    form |= {field: _strings(values.get(field))[:_MOST_CODES] for field in ("rules", "departments", "districts")}
    form["acts"] = _acts(values, form["channel"], faults)
    form["priorities"] = [int(one) for one in _strings(values.get("priorities")) if one in {"1", "2", "3", "4"}]
    form["hours"] = _hours(values.get("hours"), faults)
    form |= {field: _number(values, field, faults) for field in NUMBERS}
    if faults:
        return None, faults
    try:
        read_route(form)
    except ConfigurationError as error:
        return None, {WHOLE: Label(str(error), str(error))}
    return form, {}


def _new_name(values: Values, taken: Container[str], faults: Faults) -> str:
    name = values.get("name")
    if not isinstance(name, str) or not name.strip():
        faults["name"] = _MISSING
    elif not _NAME.fullmatch(name.strip()):
        faults["name"] = _NO_NAME
    elif name.strip() in taken:
        faults["name"] = _TAKEN
    return name.strip() if isinstance(name, str) else ""


def _text(values: Values, field: str, faults: Faults) -> str:
    value = values.get(field)
    text = readable(value[:_LONGEST]) if isinstance(value, str) else ""
    if not text:
        faults[field] = _MISSING
    return text


def _chosen(values: Values, field: str, faults: Faults) -> Any:
    value = values.get(field)
    if value not in [option for option, _ in CHOICES[field][1]]:
        faults[field] = _CHOOSE
    return value


def _targets(values: Values, channel: object, faults: Faults) -> list[str]:
    targets = [one.strip() for one in _strings(values.get("targets")) if one.strip()]
    is_right: Callable[[str], object] = is_mail_address if channel == "mail" else _TARGET.fullmatch
    wrong = [one for one in targets if not is_right(one)] if "channel" not in faults else []
    if not targets:
        faults["targets"] = _MISSING
    elif len(targets) > _MOST_TARGETS:
        faults["targets"] = _TOO_MANY
    elif wrong and channel == "mail":
        faults["targets"] = Label(f"不是邮件地址：{wrong[0]}", f"No address for mail: {wrong[0]}")
    elif wrong:
        faults["targets"] = Label(f"不是名称：{wrong[0]}", f"No name: {wrong[0]}")
    return list(dict.fromkeys(targets))


def _acts(values: Values, channel: object, faults: Faults) -> list[str]:
    known = [option for option, _ in LISTS["acts"][1]]
    acts = [one for one in _strings(values.get("acts")) if one in known]
    if not acts:
        faults["acts"] = _SOME_ACT
    elif channel == "folder" and acts != ["warning"]:
        faults["acts"] = _ONLY_WARNINGS
    return acts


def _number(values: Values, field: str, faults: Faults) -> float | None:
    value, (_, low, high, whole) = values.get(field), NUMBERS[field]
    if value is None or value == "":
        faults[field] = _MISSING
        return None
    number = float(value) if isinstance(value, int | float) and abs(value) < 2**53 else float("nan")
    if not (isfinite(number) and low <= number <= high):
        faults[field] = Label(f"应在 {low:g} 与 {high:g} 之间", f"Between {low:g} and {high:g}")
        return None
    if whole and number != int(number):
        faults[field] = Label("应为整数", "A whole number")
        return None
    return int(number) if whole else number


def _hours(value: object, faults: Faults) -> list[dict[str, Any]]:
    text = value[:_LONGEST] if isinstance(value, str) else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > _MOST_LINES:
        faults["hours"] = _TOO_MANY_LINES
    read_lines = [_hours_of(line) for line in lines]
    for number, hours in enumerate(read_lines, 1):
        if hours is None:
            faults.setdefault(
                "hours", Label(f"第 {number} 行应如：1-5 18:00-08:00", f"Line {number} should be like: 1-5 18:00-08:00")
            )
    return [hours for hours in read_lines if hours is not None]


def _hours_of(line: str) -> dict[str, Any] | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    days: set[int] = set()
    for part in found[1].split(","):
        first, _, last = part.partition("-")
        if "-" in last or int(first) > int(last or first):
            return None
        days |= set(range(int(first), int(last or first) + 1))
    hours = {"days": sorted(days), "begin": found[2].zfill(5), "end": found[3].zfill(5)}
    try:
        msgspec.convert(hours, Hours)
    except msgspec.ValidationError:
        return None
    return hours


def _line_of(hours: Hours) -> str:
    return f"{_days(sorted(set(hours.days)))} {hours.begin}-{hours.end}"


def _days(days: Sequence[int]) -> str:
    """Return days as people write them: ``1-5,7``."""
    runs = [[day for _, day in run] for _, run in groupby(enumerate(days), lambda pair: pair[1] - pair[0])]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _strings(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
