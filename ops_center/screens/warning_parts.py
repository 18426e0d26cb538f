"""The form of a public warning: texts in both languages, CAP's words, the area with a map, the message as it would be.

Always there, and shown while something is drafted: the browser fills it in and keeps what is typed (warnings.js).
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from ops_center.domain.text import LANGUAGES, Label
from ops_center.screens.desk_parts import answer, button, choice, panel, text_input
from ops_center.screens.screen import both, marked, spoken
from ops_center.screens.warning_form import CHOICES, CIRCLE, NUMBERS, TEXTS

_ORDER = ["label", "input", "description", "error"]
_LONG = frozenset({"description", "instruction"})
_IN = {"zh": Label("中文", "Chinese"), "en": Label("英文", "English")}


def field_id(name: str) -> str:
    """Return the id of a field."""
    return f"warn-f-{name}"


def form() -> Any:
    """Return the form; what is beside it follows what is typed."""
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [
                            html.H1(id="warn-title"),
                            html.Div(className="grow"),
                            html.A(both(Label("返回列表", "Back to the list")), href="/warnings", className="copy"),
                        ],
                        className="row",
                    ),
                    html.Div(id="warn-restored", className="answer-place", role="status"),
                    html.Div([_texts(), _judged()], className="warn-fields"),
                    html.Div(
                        [
                            html.Div(id="warn-faults", className="grow", role="status"),
                            button("warn-drop", Label("丢弃草稿", "Drop the draft")),
                            button("warn-issue", Label("发布…", "Issue…"), kind="risky"),
                        ],
                        className="row warn-foot",
                    ),
                ],
                className="warn-left panel",
            ),
            html.Div([_area(), _preview()], className="warn-right"),
        ],
        className="warn-open",
    )


def _texts() -> Any:
    return html.Div(
        [_text(name, language) for name in TEXTS for language in LANGUAGES],
        className="warn-texts",
    )


def _text(name: str, language: str) -> Any:
    label, _ = TEXTS[name]
    of = _IN[language]
    told = both(Label(f"{label.zh} · {of.zh}", f"{label.en} · {of.en}"))
    common: dict[str, Any] = {"id": field_id(f"{name}_{language}"), "label": told, "value": ""}
    if name in _LONG:
        return dmc.Textarea(**common, autosize=True, minRows=3, maxRows=8)
    return dmc.TextInput(**common, size="sm")


def _judged() -> Any:
    choices = [
        html.Div(choice(field_id(name), label, options, inputWrapperOrder=_ORDER))
        for name, (label, options) in CHOICES.items()
    ]
    return html.Div([*choices, _number("expires_min", allowDecimal=False)], className="warn-judged")


def _number(name: str, **more: Any) -> Any:
    return dmc.NumberInput(
        id=field_id(name),
        label=both(NUMBERS[name][0]),
        value="",
        hideControls=True,
        size="sm",
        inputWrapperOrder=_ORDER,
        **more,
    )


def _area() -> Any:
    districts = [
        dmc.MultiSelect(
            id=field_id("districts"),
            label=both(Label("区县", "Districts")),
            data=[],
            value=[],
            searchable=True,
            clearable=True,
            size="sm",
            inputWrapperOrder=_ORDER,
        ),
        dcc.Store(id=f"{field_id('districts')}-words", data=[]),
    ]
    hint = Label(
        "单击区县选中或取消；按住拖动画圆。", "Click a district to choose it or not; press and drag to draw a circle."
    )
    clear = html.Button(both(Label("去掉圆", "No circle")), className="copy", **marked(data_act="warn-no-circle"))
    return panel(
        Label("发布区域", "Area"),
        html.Div(districts),
        html.Div([*(_number(name) for name in CIRCLE), clear], className="warn-circle"),
        html.Canvas(id="warn-map", **marked(aria_hidden="true")),
        html.P(both(hint), className="quiet"),
        className="panel warn-area",
    )


def _preview() -> Any:
    return panel(
        Label("将发出的 CAP 1.2 消息", "The CAP 1.2 message that would leave"),
        html.Pre(id="warn-preview"),
        className="panel warn-preview",
    )


def dialogs() -> list[Any]:
    """Return what is asked before a warning leaves or is taken back: typed, not clicked."""
    word = Label("输入区域名称以确认", "type the area's name to confirm")
    return [
        _dialog(
            "warn-ask",
            html.Div(id="warn-ask-text"),
            text_input("warn-ask-word", word, autoComplete="off"),
            button("warn-ask-yes", Label("发布预警", "Issue the warning"), kind="risky"),
        ),
        _dialog(
            "warn-end",
            html.Div(id="warn-end-text"),
            html.Div(
                [
                    text_input("warn-end-note", Label("解除原因（随消息发出）", "why (it is part of the message)")),
                    text_input("warn-end-word", word, autoComplete="off"),
                ],
                className="stack",
            ),
            button("warn-end-yes", Label("解除预警", "Take the warning back"), kind="risky"),
        ),
    ]


def _dialog(name: str, told: Any, fields: Any, done: Any) -> Any:
    return dmc.Modal(
        [
            told,
            fields,
            answer(f"{name}-answer"),
            html.Div([button(f"{name}-no", Label("返回", "Back")), done], className="row end"),
        ],
        id=name,
        opened=False,
        withCloseButton=False,
        centered=True,
        size="40rem",
        keepMounted=True,
    )


def heading(label: Label) -> Any:
    """Return a dialog's heading."""
    return html.H2(spoken(label))
