"""What is typed of a public warning: fields → draft, or what is wrong at which field. Called by ``warning_draft``.

The browser holds the fields as one mapping (assets/warnings.js). What the form has no field for (outlines, further
circles, responses) comes from the draft that it began with.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from math import isfinite
from typing import Any

import msgspec

from alerts.cap import MAX_HEADLINE, readable
from alerts.public_warning import Area, Draft, Round
from ops_center.domain.text import LANGUAGES, Label
from ops_center.domain.words import Words

Values = Mapping[str, Any]
Faults = dict[str, Label]
Options = tuple[tuple[str, Label], ...]

TEXTS: Mapping[str, tuple[Label, int]] = {
    "event": (Label("事件", "Event"), 100),
    "headline": (Label("标题", "Headline"), MAX_HEADLINE - 30),
    "description": (Label("说明", "Description"), 2000),
    "instruction": (Label("防护指引", "Instruction"), 2000),
    "place": (Label("区域（文字）", "Area in words"), 500),
}
"""name, and how many characters; a headline leaves room for the mark of what is not live"""
SEVERITY: Options = (
    ("Extreme", Label("特别严重", "extreme")),
    ("Severe", Label("严重", "severe")),
    ("Moderate", Label("较重", "moderate")),
    ("Minor", Label("一般", "minor")),
    ("Unknown", Label("未知", "unknown")),
)
URGENCY: Options = (
    ("Immediate", Label("立即", "immediate")),
    ("Expected", Label("一小时内", "expected")),
    ("Future", Label("将来", "future")),
    ("Past", Label("已过", "past")),
    ("Unknown", Label("未知", "unknown")),
)
CERTAINTY: Options = (
    ("Observed", Label("已观测到", "observed")),
    ("Likely", Label("很可能", "likely")),
    ("Possible", Label("可能", "possible")),
    ("Unlikely", Label("不太可能", "unlikely")),
    ("Unknown", Label("未知", "unknown")),
)
CATEGORY: Options = (
    ("Safety", Label("公共安全", "safety")),
    ("Geo", Label("地质", "geophysical")),
    ("Met", Label("气象", "weather")),
    ("Security", Label("治安", "security")),
    ("Rescue", Label("救援", "rescue")),
    ("Fire", Label("火灾", "fire")),
    ("Health", Label("卫生", "health")),
    ("Env", Label("环境", "environment")),
    ("Transport", Label("交通", "transport")),
    ("Infra", Label("市政设施", "utilities")),
    ("CBRNE", Label("危化与核生化", "hazardous substances")),
    ("Other", Label("其他", "other")),
)
CHOICES: Mapping[str, tuple[Label, Options]] = {
    "severity": (Label("严重程度", "Severity"), SEVERITY),
    "urgency": (Label("紧迫程度", "Urgency"), URGENCY),
    "certainty": (Label("确定程度", "Certainty"), CERTAINTY),
    "category": (Label("类别", "Category"), CATEGORY),
}
NUMBERS: Mapping[str, tuple[Label, float, float]] = {
    "expires_min": (Label("有效时间（分钟）", "Holds for (minutes)"), 5, 7 * 1440),
    "longitude": (Label("圆心经度", "Centre, longitude"), -180, 180),
    "latitude": (Label("圆心纬度", "Centre, latitude"), -90, 90),
    "radius_km": (Label("半径（公里）", "Radius (km)"), 0.05, 500),
}
CIRCLE = ("longitude", "latitude", "radius_km")
FIELDS = (*(f"{name}_{language}" for name in TEXTS for language in LANGUAGES), *CHOICES, *NUMBERS, "districts")

_MISSING = Label("请填写", "This is needed")
_CHOOSE = Label("请选择", "Choose one")
_NO_AREA = Label("请选择区县，或在地图上画圆", "Choose districts, or draw a circle on the map")
_WHOLE_CIRCLE = Label("圆需要经度、纬度与半径", "A circle needs longitude, latitude and radius")
_NO_DISTRICT = Label("没有这个区县", "There is no such district")


def values_of(draft: Draft) -> dict[str, Any]:
    """Return what the fields hold of a draft."""
    area = draft.area
    texts = {"event": draft.event, "headline": draft.headline, "description": draft.description}
    texts |= {"instruction": draft.instruction, "place": area.description}
    found: dict[str, Any] = {f"{name}_zh": words.zh for name, words in texts.items()}
    found |= {f"{name}_en": words.en for name, words in texts.items()}
    found |= {name: getattr(draft, name) for name in CHOICES}
    found |= {"expires_min": draft.expires_min, "districts": list(area.districts)}
    first = area.circles[0] if area.circles else None
    radius = round(first.radius_m / 1000, 3) if first else ""
    return found | {
        "longitude": first.longitude if first else "",
        "latitude": first.latitude if first else "",
        "radius_km": radius,
    }


def read(values: Values, base: Draft | None, districts: Container[str]) -> tuple[Draft | None, Faults]:
    """Return the draft that was typed, or None and what is wrong by field; ``base``: what it began with."""
    faults: Faults = {}
    texts = {name: _words(values, name, most, faults) for name, (_, most) in TEXTS.items()}
    chosen = {name: _chosen(values.get(name), name, options, faults) for name, (_, options) in CHOICES.items()}
    expires = _number(values, "expires_min", faults)
    area = _area(values, base, texts.pop("place"), districts, faults)
    if faults:
        return None, faults
    responses = list(base.responses) if base else []
    given = {**msgspec.to_builtins(texts), **chosen, "area": msgspec.to_builtins(area)}
    return msgspec.convert({**given, "expires_min": expires, "responses": responses}, Draft), {}


def _words(values: Values, name: str, most: int, faults: Faults) -> Words | None:
    said = {language: _text(values.get(f"{name}_{language}")) for language in LANGUAGES}
    for language, text in said.items():
        if not text:
            faults[f"{name}_{language}"] = _MISSING
        elif len(text) > most:
            faults[f"{name}_{language}"] = Label(f"最多 {most} 个字符", f"At most {most} characters")
    return Words(said["zh"], said["en"]) if all(said.values()) else None


def _text(value: object) -> str:
    return readable(value[:10_000]) if isinstance(value, str) else ""


def _chosen(value: object, name: str, options: Options, faults: Faults) -> object:
    if value not in [option for option, _ in options]:
        faults[name] = _CHOOSE
    return value


def _number(values: Values, name: str, faults: Faults) -> float | None:
    value, (_, low, high) = values.get(name), NUMBERS[name]
    if value is None or value == "":
        faults[name] = _MISSING
        return None
    number = float(value) if isinstance(value, int | float) and abs(value) < 2**53 else float("nan")
    if not (isfinite(number) and low <= number <= high):
        faults[name] = Label(f"应在 {low:g} 与 {high:g} 之间", f"Between {low:g} and {high:g}")
        return None
    return number


def _area(
    values: Values, base: Draft | None, words: Words | None, districts: Container[str], faults: Faults
) -> Area | None:
    given = values.get("districts")
    codes = [one for one in given if isinstance(one, str)] if isinstance(given, list) else []
    if any(code not in districts for code in codes):
        faults["districts"] = _NO_DISTRICT
    further = list(base.area.circles[1:]) if base else []
    outlines = list(base.area.polygons) if base else []
    circle: list[Round] = []
    typed = [name for name in CIRCLE if values.get(name) not in {None, ""}] if _plain(values) else list(CIRCLE)
    if len(typed) == len(CIRCLE):
        longitude, latitude, radius = (_number(values, name, faults) for name in CIRCLE)
        if longitude is not None and latitude is not None and radius is not None:
            circle = [Round(longitude, latitude, radius * 1000)]
    elif typed:
        faults |= dict.fromkeys((name for name in CIRCLE if name not in typed), _WHOLE_CIRCLE)
    elif not (codes or further or outlines):
        faults["districts"] = _NO_AREA
    return Area(words, outlines, [*circle, *further], codes) if words else None


def _plain(values: Values) -> bool:
    """Return whether the circle's fields hold what fields hold, no lists and mappings."""
    return all(isinstance(values.get(name), str | int | float | None) for name in CIRCLE)
