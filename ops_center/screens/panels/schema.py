"""What the options of a kind are, for a form in the browser: read from its structure, so that a new kind has its form.

The only module that looks into ``msgspec``'s structures of panels. Whether a value keeps its bounds is judged when the
scene is checked. Called by the scenes' page; ``assets/scene_form.js`` makes the form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from msgspec import inspect

from ops_center.domain.text import Label
from ops_center.screens.panels.map import View

_NAMES: Mapping[str, Label] = {
    "of": Label("数据序列", "series"),
    "label": Label("名称", "name"),
    "decimals": Label("小数位", "decimals"),
    "longitude": Label("经度", "longitude"),
    "latitude": Label("纬度", "latitude"),
}
"""fields of structures inside options"""
_OFFERED: Mapping[str, str] = {
    "series": "references",
    "of": "references",
    "property": "properties",
    "layers": "layers",
    "layer": "layers",
    "look": "looks",
    "feeds": "feeds",
    "departments": "departments",
    "kinds": "event_kinds",
    "priorities": "priorities",
}
"""field → the list that its values are chosen from (``scene_offers``)"""


def fields_of(structure: type[msgspec.Struct]) -> list[dict[str, Any]]:
    """Return the fields of a structure in its order, each as JSON: path, label, kind, and what it may be."""
    found = cast("inspect.StructType", inspect.type_info(structure))
    return [_field(one) for one in found.fields]


def _field(given: inspect.Field) -> dict[str, Any]:
    default = None if given.default is msgspec.NODEFAULT else msgspec.to_builtins(given.default)
    made: dict[str, Any] = {"name": given.encode_name, "required": given.required, "default": default}
    kind, label = _labelled(given.type, given.encode_name)
    made |= {"zh": label.zh, "en": label.en, "nullable": False}
    if isinstance(kind, inspect.UnionType):
        made["nullable"] = True
        kind, _ = _labelled(next(one for one in kind.types if not isinstance(one, inspect.NoneType)), "")
    if offered := _OFFERED.get(given.encode_name):
        made["offers"] = offered
    return made | _shape(kind)


def _labelled(kind: inspect.Type, name: str) -> tuple[inspect.Type, Label]:
    label = _NAMES.get(name, Label(name or "—", name or "—"))
    if isinstance(kind, inspect.Metadata):
        extra = kind.extra or {}
        label = Label(extra["zh"], extra["en"]) if "zh" in extra else label
        kind = kind.type
    return kind, label


def _shape(kind: inspect.Type) -> dict[str, Any]:  # noqa: PLR0911 - a line for each kind of value
    match kind:
        case inspect.BoolType():
            return {"kind": "check"}
        case inspect.IntType() | inspect.FloatType():
            low = kind.ge if kind.ge is not None else kind.gt
            high = kind.le if kind.le is not None else kind.lt
            return {"kind": "number", "low": low, "high": high, "whole": isinstance(kind, inspect.IntType)}
        case inspect.LiteralType():
            return {"kind": "choice", "choices": list(kind.values)}
        case inspect.StrType():
            return {"kind": "text", "most": kind.max_length}
        case inspect.StructType() if kind.cls is View:
            return {"kind": "view"}
        case inspect.StructType() if {one.name for one in kind.fields} == {"zh", "en"}:
            inner, _ = _labelled(kind.fields[0].type, "")
            long = isinstance(inner, inspect.StrType) and (inner.max_length or 0) > 500
            return {"kind": "words", "long": long}
        case inspect.StructType():
            return {"kind": "group", "fields": [_field(one) for one in kind.fields]}
        case inspect.VarTupleType() | inspect.ListType():
            item, _ = _labelled(kind.item_type, "")
            return {"kind": "list", "item": _shape(item)}
    return {"kind": "json"}
