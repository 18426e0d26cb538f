"""The form of a notification route: who, of what, when, how often. Always there, shown while a route is open.

The browser fills it in and keeps what is typed (assets/routes.js); for who may not change routes it is dead.
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from ops_center.domain.text import Label
from ops_center.screens.desk_parts import answer, button, choice, panel
from ops_center.screens.route_words import CHOICES, HOURS, LISTS, NUMBERS, SAID, TEXTS
from ops_center.screens.screen import both, spoken

_ORDER = ["label", "input", "description", "error"]
_NO_LIMIT = frozenset({"rules", "departments", "districts"})


def field_id(name: str) -> str:
    """Return the id of a field."""
    return f"route-f-{name}"


def form(may_change: bool) -> Any:
    """Return the form with what may be done with it, and the versions beside it."""
    return html.Div([_fields(may_change), _beside(may_change)], className="route-open")


def _fields(may_change: bool) -> Any:
    who = [
        _text("label_zh"),
        _text("label_en"),
        html.Div(_text("name"), className="route-name"),
        _choice("channel"),
        _choice("language"),
        html.Div(_tags("targets"), className="route-wide"),
        _choice("state"),
        _choice("realms"),
    ]
    what = [html.Div(_many(name), className="route-wide") for name in ("acts", "priorities")]
    what += [_many(name) for name in ("rules", "departments", "districts")]
    when = [html.Div(_hours(), className="route-tall"), *(_number(name) for name in NUMBERS)]
    return html.Section(
        [
            html.Div([html.H1(id="route-title"), html.Div(id="route-state", className="badges")], className="row"),
            html.Div(id="route-restored", className="answer-place", role="status"),
            html.Fieldset(
                [
                    _group(Label("谁", "Who"), who),
                    _group(Label("什么", "What"), what),
                    _group(
                        Label("何时、多少（超出的汇总发送）", "When and how many (the rest goes out as a digest)"), when
                    ),
                ],
                id="route-fields",
                disabled=not may_change,
                className="route-fields",
            ),
            html.Div(
                [
                    html.Div(id="route-faults", className="grow", role="status"),
                    answer("route-answer"),
                    button("route-drop", Label("放弃改动", "Drop the changes")),
                    button("route-save", Label("保存", "Save"), kind="main"),
                ],
                className="row route-foot",
                hidden=not may_change,
            ),
        ],
        className="panel route-left",
    )


def _beside(may_change: bool) -> Any:
    test = [
        html.P(
            both(
                Label(
                    "按已保存的版本，告知每个对象这是测试。",
                    "By the version that is saved, every target is told that this is a test.",
                )
            ),
            className="quiet",
        ),
        html.Div([button("route-test", Label("试发…", "Send a test…"))], className="row", hidden=not may_change),
        html.Div(id="route-tested", role="status"),
    ]
    return html.Div(
        [
            panel(Label("试发", "Test"), *test),
            panel(Label("版本", "Versions"), html.Div(id="route-versions"), className="panel route-versions"),
        ],
        className="route-right",
    )


def _group(label: Label, fields: list[Any]) -> Any:
    return html.Div([html.H3(spoken(label)), html.Div(fields, className="route-grid")])


def _said(name: str) -> dict[str, Any]:
    return {"description": both(SAID[name])} if name in SAID else {}


def _text(name: str) -> Any:
    return dmc.TextInput(
        id=field_id(name),
        label=both(TEXTS[name]),
        value="",
        size="sm",
        autoComplete="off",
        inputWrapperOrder=_ORDER,
        **_said(name),
    )


def _choice(name: str) -> Any:
    label, options = CHOICES[name]
    return html.Div(choice(field_id(name), label, options, inputWrapperOrder=_ORDER))


def _tags(name: str) -> Any:
    return dmc.TagsInput(
        id=field_id(name),
        label=both(LISTS[name][0]),
        value=[],
        data=[],
        size="sm",
        splitChars=[",", "，", ";", "；", " "],
        inputWrapperOrder=_ORDER,
        **_said(name),
    )


def _many(name: str) -> Any:
    label, options = LISTS[name]
    shown = [{"value": code, "label": words.zh} for code, words in options]
    return html.Div(
        [
            dmc.MultiSelect(
                id=field_id(name),
                label=both(label),
                data=shown,
                value=[],
                searchable=name in _NO_LIMIT,
                clearable=True,
                size="sm",
                inputWrapperOrder=_ORDER,
                **_said(name),
            ),
            dcc.Store(id=f"{field_id(name)}-words", data=[[code, words.zh, words.en] for code, words in options]),
        ]
    )


def _hours() -> Any:
    return dmc.Textarea(
        id=field_id("hours"),
        label=both(HOURS),
        value="",
        autosize=True,
        minRows=2,
        maxRows=8,
        placeholder="1-5 18:00-08:00",
        inputWrapperOrder=_ORDER,
        **_said("hours"),
    )


def _number(name: str) -> Any:
    label, _, _, whole = NUMBERS[name]
    return dmc.NumberInput(
        id=field_id(name),
        label=both(label),
        value="",
        hideControls=True,
        allowDecimal=not whole,
        size="sm",
        inputWrapperOrder=_ORDER,
    )


def asks() -> Any:
    """Return what is asked before targets are told of a test."""
    return dmc.Modal(
        [
            html.H2(spoken(Label("试发通知", "Send a test"))),
            html.Div(id="route-ask-text"),
            html.Div(
                [
                    button("route-ask-no", Label("返回", "Back")),
                    button("route-ask-yes", Label("发送测试", "Send the test"), kind="risky"),
                ],
                className="row end",
            ),
        ],
        id="route-ask",
        opened=False,
        withCloseButton=False,
        centered=True,
        size="36rem",
        keepMounted=True,
    )
