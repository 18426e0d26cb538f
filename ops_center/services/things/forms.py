"""A thing as it is typed or imported: plain text by field, judged field by field before anything is changed.

Pure. ``x`` and ``y`` are longitude and latitude in the coordinate system that is named beside them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from feeds.contract import Feed
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.errors import CatalogError
from ops_center.domain.json_values import fault_of_json
from ops_center.domain.place import to_wgs84
from ops_center.domain.registrations import Registration, as_registration
from ops_center.domain.text import Label
from ops_center.domain.units import UNITS

FIELDS = (
    "producer", "thing_id", "kind", "feed", "name_zh", "name_en", "crs", "x", "y", "district", "department",
    "datastreams", "attributes",
)  # fmt: skip
CRS = {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490", "gcj02": "gcj02", "bd09": "bd09"}
"""coordinate systems that places may be typed in, as ``place.to_wgs84`` names them"""
AUTO = "@"
"""the district that the place lies in"""
LONGEST = 16_000
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ID = re.compile(r"[^\x00-\x1f\x7f/]{1,128}")
_SECONDS = 31 * 86_400
Form = Mapping[str, str]
Wrong = Callable[[str, str, str], None]
"""takes a field and what is wrong with it in both languages"""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field."""

    field: str
    what: Label


@dataclass(frozen=True, slots=True)
class Judged:
    """What a form says, or what is wrong with it."""

    registration: Registration | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What forms are judged by."""

    feeds: Mapping[str, Feed]
    districts: Mapping[str, Label]
    departments: Mapping[str, Label]
    district_at: Callable[[float, float], str]
    """longitude, latitude → code of the district; "" outside of all"""


def form_of(thing: Thing, streams: Iterable[Datastream]) -> dict[str, str]:
    """Return a thing as it is typed."""
    return {
        "producer": thing.producer,
        "thing_id": thing.thing_id,
        "kind": thing.kind,
        "feed": thing.feed,
        "name_zh": thing.name.zh,
        "name_en": thing.name.en,
        "crs": "wgs84",
        "x": repr(thing.longitude),
        "y": repr(thing.latitude),
        "district": thing.district,
        "department": thing.department,
        "datastreams": "\n".join(line_of(one) for one in streams if not one.retired),
        "attributes": "\n".join(
            f"{n} = {json.dumps(v, ensure_ascii=False)}" for n, v in sorted(thing.attributes.items())
        ),
    }


def line_of(stream: Datastream) -> str:
    """Return a datastream as it is typed: ``vehicle_speed km/h 10 instant``."""
    return f"{stream.observed_property} {stream.unit} {stream.interval_s:g} {stream.time_kind.value}"


def judged(form: Form, ground: Ground, held: Thing | None, known: Iterable[Datastream] = ()) -> Judged:
    """Return what ``form`` says; ``held``, ``known``: the thing as it is registered, None for a new one."""
    text = {name: str(form.get(name, "") or "").strip() for name in FIELDS}
    faults: list[Fault] = []

    def wrong(name: str, zh: str, en: str) -> None:
        faults.append(Fault(name, Label(zh, en)))

    _check_names(text, held, wrong)
    longitude, latitude = _place(text, wrong)
    streams = _streams(text["datastreams"], wrong)
    attributes = _attributes(text["attributes"], wrong)
    _check_feed(text, streams, ground, wrong)
    for name, codes in (("district", ground.districts), ("department", ground.departments)):
        allowed = {"", getattr(held, name, ""), *([AUTO] if name == "district" else [])}
        if text[name] not in codes and text[name] not in allowed:
            wrong(name, f"城市包中没有 {text[name]}", f"the city knows no {text[name]}")
    missing = {one.observed_property for one in known} - {str(one["observed_property"]) for one in streams}
    if missing:
        names = ", ".join(sorted(missing))
        wrong("datastreams", f"已登记的数据流不能删除：{names}", f"datastreams are never taken away: {names}")
    if faults:
        return Judged(None, tuple(faults))
    district = text["district"]
    given = {
        "producer": text["producer"],
        "thing_id": text["thing_id"],
        "kind": text["kind"],
        "feed": text["feed"],
        "name": {"zh": text["name_zh"], "en": text["name_en"]},
        "longitude": longitude,
        "latitude": latitude,
        "district": ground.district_at(longitude, latitude) if district == AUTO else district,
        "department": text["department"],
        "attributes": attributes,
        "datastreams": streams,
    }
    try:
        return Judged(as_registration(given), ())
    except CatalogError as error:
        return Judged(None, (Fault("thing_id", Label(f"目录拒绝：{error}", f"the catalog refuses it: {error}")),))


def differs(registration: Registration, held: Thing, known: Iterable[Datastream]) -> list[str]:
    """Return which fields of a thing a registration would change."""
    now = registration.thing()
    changed = [
        name
        for name in ("kind", "feed", "name", "longitude", "latitude", "district", "department")
        if getattr(now, name) != getattr(held, name)
    ]
    if dict(now.attributes) != dict(held.attributes):
        changed.append("attributes")
    before = {line_of(one) for one in known if not one.retired}
    if {line_of(one) for _, _, one in registration.streams()} - before:
        changed.append("datastreams")
    return changed


def held_streams(catalog: Catalog, thing: Thing | None) -> list[Datastream]:
    """Return the datastreams in service of a thing."""
    return [] if thing is None else [one for one in catalog.of_thing(thing.key) if not one.retired]


def _check_names(text: Form, held: Thing | None, wrong: Wrong) -> None:
    if held is not None and (text["producer"], text["thing_id"]) != (held.producer, held.thing_id):
        wrong(
            "thing_id",
            "编号登记后不可修改；请停用后以新编号登记",
            "an id can't be changed: retire it and register another",
        )
    for name in ("producer", "thing_id"):
        if not _ID.fullmatch(text[name]):
            wrong(name, "须填写，至多 128 字，不含“/”与控制字符", "1 to 128 characters, no slash and nothing invisible")
    for name in ("kind", "feed"):
        if not text[name]:
            wrong(name, "请选择", "choose one")
        elif not _CODE.fullmatch(text[name]):
            wrong(name, "只能用小写字母、数字与下划线", "small letters, digits and underscores are wanted")
    for name in ("name_zh", "name_en"):
        if not text[name] or len(text[name]) > 200:
            wrong(name, "须填写，至多 200 字", "1 to 200 characters are wanted")


def _place(text: Form, wrong: Wrong) -> tuple[float, float]:
    try:
        x, y = float(text["x"]), float(text["y"])
    except ValueError:
        for name in ("x", "y"):
            if not _is_number(text[name]):
                wrong(name, "须为数字（度）", "a number of degrees is wanted")
        return math.nan, math.nan
    crs = text["crs"]
    if crs not in CRS:
        wrong("crs", "未知坐标系", "no coordinate system that is known here")
        return math.nan, math.nan
    on_earth = abs(x) <= 180 and abs(y) <= 90
    longitude, latitude = _converted(x, y, CRS[crs]) if on_earth and crs != "wgs84" else (x, y)
    if not -180 <= longitude <= 180:
        wrong("x", "经度须在 -180 与 180 之间", "between -180 and 180 degrees are wanted")
    if not -90 <= latitude <= 90:
        wrong("y", "纬度须在 -90 与 90 之间", "between -90 and 90 degrees are wanted")
    return longitude, latitude


def _converted(x: float, y: float, crs: str) -> tuple[float, float]:
    """Return longitude and latitude in WGS 84, to a centimetre."""
    longitude, latitude = to_wgs84(x, y, crs)
    return round(float(longitude), 7), round(float(latitude), 7)


def _streams(text: str, wrong: Wrong) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, line in enumerate(re.split(r"[\n;]", text), start=1):
        if not (parts := line.split()):
            continue
        where = f"第 {number} 行：", f"line {number}: "
        if len(parts) not in {3, 4}:
            wrong("datastreams", f"{where[0]}须为“属性 单位 间隔秒”", f"{where[1]}“property unit seconds” is wanted")
            continue
        name, unit, seconds, kind = (*parts, "instant")[:4]
        if not _CODE.fullmatch(name):
            wrong("datastreams", f"{where[0]}{name} 不是属性代码", f"{where[1]}{name} is no code of a property")
        elif unit not in UNITS:
            wrong("datastreams", f"{where[0]}未知单位 {unit}（UCUM）", f"{where[1]}{unit} is no UCUM unit known here")
        elif not _is_number(seconds) or not 0 < float(seconds) <= _SECONDS:
            wrong("datastreams", f"{where[0]}间隔须为正的秒数", f"{where[1]}an interval in seconds above 0 is wanted")
        elif kind not in {"instant", "interval"}:
            wrong("datastreams", f"{where[0]}须为 instant 或 interval", f"{where[1]}instant or interval is wanted")
        else:
            found.append({"observed_property": name, "unit": unit, "interval_s": float(seconds), "time_kind": kind})
    return found


def _attributes(text: str, wrong: Wrong) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or not name or len(name) > 64:
            wrong("attributes", f"第 {number} 行：须为“名称 = 值”", f"line {number}: “name = value” is wanted")
            continue
        found[name] = value_of(value)
    if fault := fault_of_json(found, LONGEST):
        wrong("attributes", f"不能保存：{fault}", f"it can't be kept: {fault}")
    return found


def value_of(text: str) -> Any:
    """Return what a text says as JSON; the text itself where it is none."""
    try:
        value = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return text
    return value


def _check_feed(text: Form, streams: list[dict[str, Any]], ground: Ground, wrong: Wrong) -> None:
    feed = ground.feeds.get(text["feed"])
    if feed is None:
        if _CODE.fullmatch(text["feed"]):
            names = ", ".join(sorted(ground.feeds))
            wrong("feed", f"没有这个数据源；现有：{names}", f"there is no such feed; there are {names}")
        return
    if feed.thing_kinds and text["kind"] not in feed.thing_kinds and _CODE.fullmatch(text["kind"]):
        names = ", ".join(feed.thing_kinds)
        wrong("kind", f"该数据源没有这类设备；有：{names}", f"the feed knows no such kind; it knows {names}")
    known = {kind.observed_property for kind in feed.kinds}
    odd = sorted({str(one["observed_property"]) for one in streams} - known) if known else []
    if odd:
        names = ", ".join(sorted(known))
        wrong(
            "datastreams",
            f"该数据源不上报 {odd[0]}；它上报：{names}",
            f"the feed reports no {odd[0]}; it reports {names}",
        )


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
