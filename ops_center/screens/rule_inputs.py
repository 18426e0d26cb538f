"""One field of a rule's form as a control, in both languages. Called by ``rule_editor``.

Ids are ``{"type": "rule-field", "kind": …, "path": …}``, and every control's value is ``value``: the browser gathers
them by that alone (assets/rules.js), and puts what is wrong beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from ops_center.domain.text import Label
from ops_center.domain.units import UNITS
from ops_center.screens.desk_parts import Options
from ops_center.screens.rule_fields import Field
from ops_center.screens.rule_words import value_of
from ops_center.screens.screen import both, marked, spoken

_FEW = 5
"""choices that lie side by side; more are a list"""
_LONG = frozenset({"texts.cause", "texts.consequence", "texts.operator_action", "source"})
Offers = Callable[[Field], Options]
"""field → what it offers, by the catalog and the registry"""


def control(field: Field, value: Any, offers: Offers) -> Any:  # noqa: PLR0911 - a line for each kind of field
    """Return the control of a field that holds ``value``."""
    match field.kind:
        case "number":
            return _number(field, value)
        case "choice" if len(field.choices) <= _FEW:
            return _side_by_side(field, value)
        case "choice":
            return _select(field, value)
        case "several" | "legs" | "attributes":
            return _several(field, value, offers(field))
        case "words":
            return _tags(field, value)
        case "area":
            return _area(field, value)
        case "json":
            return dmc.Textarea(id=_id(field.path, "json"), value=value, autosize=True, **_told(field))
        case _:
            return dmc.TextInput(id=_id(field.path, "text"), value=value, size="sm", **_told(field))


def text_control(path: str, language: str, value: Any, label: Label) -> Any:
    """Return the control of a text in one language."""
    name = f"{path}.{language}"
    shown = Label(f"{label.zh}（{'中文' if language == 'zh' else '英文'}）", f"{label.en} ({_LANGUAGE[language]})")
    common: dict[str, Any] = {"id": _id(name, "text"), "value": value, "label": both(shown)}
    if path in _LONG:
        return dmc.Textarea(**common, autosize=True, minRows=2, maxRows=6)
    return dmc.TextInput(**common, size="sm")


_LANGUAGE: Mapping[str, str] = {"zh": "Chinese", "en": "English"}


def _id(path: str, kind: str) -> dict[str, str]:
    return {"type": "rule-field", "kind": kind, "path": path}


def _told(field: Field) -> dict[str, Any]:
    """Return label, hint and mark of a field."""
    hint = both(field.hint) if field.hint else None
    order = ["label", "input", "description", "error"]
    return {"label": both(field.label), "description": hint, "withAsterisk": field.required, "inputWrapperOrder": order}


def _number(field: Field, value: Any) -> Any:
    bounds = _bounds(field)
    told = _told(field)
    unit = html.Span(spoken(field.unit), className="unit") if field.unit else None
    told["label"] = html.Span([both(field.label), unit, bounds], className="measure")
    return dmc.NumberInput(
        id=_id(field.path, "number"),
        value="" if value is None else value,
        allowDecimal=not field.whole,
        hideControls=True,
        size="sm",
        **told,
    )


def _bounds(field: Field) -> Any:
    """Return the bounds in words: ``1 – 604800``."""
    if field.low is None and field.high is None:
        return None
    low, high = (None if bound is None else f"{bound:.10g}" for bound in (field.low, field.high))
    text = f"{low} – {high}" if low and high else f"≥ {low}" if low else f"≤ {high}"
    return html.Span(text, className="bounds")


def _side_by_side(field: Field, value: Any) -> Any:
    data = [{"value": one, "label": both(value_of(one))} for one in field.choices]
    segmented = dmc.SegmentedControl(id=_id(field.path, "side"), data=data, value=value or field.choices[0])
    label = html.Label([both(field.label), html.Span("*", className="must") if field.required else None])
    return html.Div([label, segmented], className="field")


def _select(field: Field, value: Any) -> Any:
    known = [(one, UNITS[one].label if one in UNITS else value_of(one)) for one in field.choices]
    named = [(one, Label(f"{one}（{label.zh}）", f"{one} ({label.en})")) for one, label in known]
    return _with_words(
        dmc.Select(
            id=_id(field.path, "select"),
            data=_plain(named),
            value=value,
            searchable=True,
            allowDeselect=False,
            size="sm",
            **_told(field),
        ),
        field,
        "select",
        named,
    )


def _several(field: Field, value: Any, offered: Options) -> Any:
    held = [str(one) for one in value or ()]
    known = {option for option, _ in offered}
    options = [*offered, *((one, Label(one, one)) for one in held if one not in known)]
    return _with_words(
        dmc.MultiSelect(
            id=_id(field.path, "several"),
            data=_plain(options),
            value=held,
            searchable=True,
            clearable=True,
            size="sm",
            maxDropdownHeight=320,
            limit=200,
            **_told(field),
        ),
        field,
        "several",
        options,
    )


def _tags(field: Field, value: Any) -> Any:
    return dmc.TagsInput(id=_id(field.path, "words"), value=list(value or ()), size="sm", **_told(field))


def _area(field: Field, value: Any) -> Any:
    """Return a field that the map fills in; its text is there for those who have coordinates."""
    draw = html.Button(
        both(Label("在地图上绘制", "Draw on the map")),
        className="copy",
        **marked(data_act="rule-draw", data_path=field.path),
    )
    text = dmc.Textarea(id=_id(field.path, "area"), value=value, minRows=1, maxRows=4, autosize=True, **_told(field))
    return html.Div([text, draw], className="area-field")


def _with_words(control_: Any, field: Field, kind: str, options: Options) -> Any:
    words = dcc.Store(
        id={"type": "rule-words", "kind": kind, "path": field.path},
        data=[[option, label.zh, label.en] for option, label in options],
    )
    return html.Div([control_, words])


def _plain(options: Sequence[tuple[str, Label]]) -> list[dict[str, str]]:
    return [{"value": option, "label": label.zh} for option, label in options]
