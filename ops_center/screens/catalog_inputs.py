"""The fields of a thing's form: what each is called, what helps to fill it in. Called by ``catalog_form``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from ops_center.city.scope_names import scope_names
from ops_center.domain.text import Label
from ops_center.screens.desk_parts import Options
from ops_center.screens.screen import Center, both
from ops_center.services.things.forms import AUTO
from ops_center.services.things.imports import FIELD_NAMES

_CRS: Options = (
    ("wgs84", Label("WGS 84（GPS）", "WGS 84 (GPS)")),
    ("cgcs2000", Label("CGCS2000", "CGCS2000")),
    ("gcj02", Label("GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)")),
    ("bd09", Label("BD-09（百度）", "BD-09 (Baidu)")),
)
_HELP = {
    "producer": Label("消息中的来源；数据源自有设备即其名", "as messages name it; of a feed's own devices its name"),
    "thing_id": Label("登记后不可修改", "never changed once it is registered"),
    "datastreams": Label(
        "每行一个：属性 单位 间隔（秒），如 vehicle_speed km/h 10",
        "one a line: property, unit, seconds, e.g. vehicle_speed km/h 10",
    ),
    "attributes": Label('每行一个：名称 = 值（JSON），如 road_id = "R000010"',
                        'one a line: name = value (JSON), e.g. road_id = "R000010"'),
}  # fmt: skip
_LINES = ("datastreams", "attributes")
_PLACE = ("crs", "x", "y")
_FIXED = ("producer", "thing_id")


def fields_of(center: Center, shown: Mapping[str, str], *, new: bool) -> list[Any]:
    """Return the fields with what they hold; an id is only asked for while nothing is registered."""
    names, feeds = scope_names(center.pack), center.thing_room().feeds
    kinds = {kind: label for feed in feeds.values() for kind, label in feed.thing_kinds.items()}
    options: Mapping[str, Options] = {
        "kind": _listed(kinds, shown["kind"]),
        "feed": _listed({name: feed.label for name, feed in feeds.items()}, shown["feed"]),
        "crs": _CRS,
        "district": [
            (AUTO, Label("按坐标确定", "by its place")),
            ("", Label("无", "none")),
            *_listed(names.districts, shown["district"]),
        ],
        "department": [("", Label("无", "none")), *_listed(names.departments, shown["department"])],
    }
    order = (
        "name_zh", "name_en", "kind", "feed", "producer", "thing_id", "crs", "x", "y", "district", "department",
        "datastreams", "attributes",
    )  # fmt: skip
    return [part for name in order for part in _field(name, shown[name], options, fixed=not new and name in _FIXED)]


def _listed(known: Mapping[str, Label], held: str) -> list[tuple[str, Label]]:
    """Return the choices; what is registered is one of them, whoever knows it."""
    rest = {} if not held or held in known or held == AUTO else {held: Label(held, held)}
    return [*sorted(known.items()), *rest.items()]


def _field(name: str, value: str, options: Mapping[str, Options], *, fixed: bool) -> Sequence[Any]:
    label, help_ = both(FIELD_NAMES[name]), both(_HELP[name]) if name in _HELP else None
    third = "catalog-third" if name in _PLACE else ""
    common: dict[str, Any] = {"label": label, "description": help_, "size": "sm", "className": third}
    if name in options:
        shown = [{"value": code, "label": words.zh} for code, words in options[name]]
        words = [[code, one.zh, one.en] for code, one in options[name]]
        return [
            dmc.Select(
                id=_id("select", name), data=shown, value=value, searchable=name != "crs", allowDeselect=False, **common
            ),
            dcc.Store(id={"type": "catalog-words", "path": name}, data=words),
        ]
    if name in _LINES:
        area = dmc.Textarea(id=_id("lines", name), value=value, autosize=True, minRows=2, maxRows=8, **common)
        return [html.Div(area, className="catalog-wide")]
    return [dmc.TextInput(id=_id("text", name), value=value, disabled=fixed, **common)]


def _id(kind: str, path: str) -> dict[str, str]:
    return {"type": "catalog-field", "kind": kind, "path": path}
