"""A new rule: its type and name are chosen first, since they can't change later; then it is edited like any other."""

from __future__ import annotations

import re
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html, no_update

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, button, choice, connect_choices, said, text_input
from ops_center.screens.refusals import refusal
from ops_center.screens.rule_editor import NOT_YOURS
from ops_center.screens.screen import Center, both, marked, spoken
from ops_center.services.rule_bench import RULES

_PATTERN = "^[a-z][a-z0-9_]{0,99}$"
_NAME = Label(
    "小写字母开头，其后为小写字母、数字或下划线，最长 100", "lower case, digits and underscores; a letter first"
)
_TAKEN = Label("已有同名规则。", "There is a rule of this name already.")


def dialog(center: Center) -> Any:
    """Return the dialog."""
    types = center.rules.desk.types if center.rules else {}
    offered = [(name, type_.label) for name, type_ in sorted(types.items())]
    fields = html.Div(
        [
            *choice(
                "rule-new-type", Label("类型", "type"), offered, offered[0][0] if offered else None, searchable=True
            ),
            text_input("rule-new-name", Label("代码（以后不能改）", "code (can't be changed later)"), said=_NAME),
        ],
        className="stack",
    )
    buttons = [
        button("rule-new-close", Label("取消", "Cancel")),
        button("rule-new-make", Label("开始编辑", "Start editing"), kind="main"),
    ]
    return dmc.Modal(
        [
            html.H2(spoken(Label("新建规则", "New rule"))),
            fields,
            answer("rule-new-answer"),
            html.Div(buttons, className="row end"),
        ],
        id="rule-new",
        opened=False,
        withCloseButton=False,
        size="34rem",
        keepMounted=True,
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "rule-new-type")
    callbacks.in_browser(
        "desk", "open", Output("rule-new", "opened"), Input("rules-new", "n_clicks"), prevent_initial_call=True
    )
    callbacks.in_browser(
        "desk",
        "close",
        Output("rule-new", "opened", allow_duplicate=True),
        Input("rule-new-close", "n_clicks"),
        prevent_initial_call=True,
    )

    @callbacks.add(
        Output("rule-new-answer", "children"),
        Output("rule-name", "data", allow_duplicate=True),
        Output("rule-new", "opened", allow_duplicate=True),
        Input("rule-new-make", "n_clicks"),
        State("rule-new-type", "value"),
        State("rule-new-name", "value"),
        rights=RULES,
        changes=True,
        prevent_initial_call=True,
    )
    def _make(clicks: int | None, type_: str | None, name: str | None) -> Any:
        if not clicks:
            return no_update, no_update, no_update
        if not asker().may_change_of(RULES, "", ""):
            return said(NOT_YOURS, "wrong"), no_update, no_update
        text = (name or "").strip()
        try:
            bench = center.bench()
            if type_ not in bench.desk.types or not _fits(text):
                return said(_NAME, "wrong"), no_update, no_update
            if any(row.name == text for row in bench.desk.list()):
                return said(_TAKEN, "wrong"), no_update, no_update
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), no_update, no_update
        return [], f"+{type_}/{text}", False

    @callbacks.add(
        Output("rules-drafts", "children"),
        Input("rule-drafts", "data"),
        Input("rule-name", "data"),
        rights=RULES,
    )
    def _drafts(drafts: object, _name: object) -> Any:
        mine = f"{asker().account}/"
        names = [key[len(mine) :] for key in drafts if str(key).startswith(mine)] if isinstance(drafts, dict) else []
        if not names:
            return []
        marks = [marked(data_act="rule-draft", data_draft=name) for name in names[:20]]
        buttons = [html.Button(mark["data-draft"].lstrip("+"), className="copy", **mark) for mark in marks]
        return [both(Label("未保存的草稿：", "Drafts not saved yet:"), className="quiet"), *buttons]


def _fits(name: str) -> bool:
    return re.fullmatch(_PATTERN, name) is not None
