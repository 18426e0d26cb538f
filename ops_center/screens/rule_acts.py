"""Enabling and disabling a rule: asked about first, with a reason, done once, told in the same place."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, dcc, html, no_update

from ops_center.domain.errors import OpsCenterError, RuleChanged
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, button, connect_pressed, said, text_input
from ops_center.screens.refusals import refusal
from ops_center.screens.rule_editor import NOT_YOURS
from ops_center.screens.screen import Center, both, spoken
from ops_center.services.rule_bench import RULES
from ops_center.services.rules import Refused

_ACTS = {
    "on": (
        Label("启用规则", "Enable the rule"),
        Label("数秒内开始判断；已保留的记忆继续使用。", "It judges again within seconds."),
    ),
    "off": (
        Label("停用规则", "Disable the rule"),
        Label("数秒内停止判断，成立中的条件撤回。", "It stops within seconds; standing conditions are withdrawn."),
    ),
}
_MEANWHILE = Label("他人刚修改了这条规则，请看最新版本。", "Somebody has just changed the rule: look at it again.")


def dialog() -> Any:
    """Return the dialog."""
    buttons = [
        button("rule-act-no", Label("取消", "Cancel")),
        button("rule-act-yes", Label("确定", "Confirm"), kind="risky"),
    ]
    return dmc.Modal(
        [
            html.Div(id="rule-act-text"),
            text_input("rule-act-reason", Label("原因（记入审计）", "reason (it goes into the audit)")),
            answer("rule-act-answer"),
            html.Div(buttons, className="row end"),
            dcc.Store(id="rule-act"),
            dcc.Store(id="rule-act-asked"),
        ],
        id="rule-act-box",
        opened=False,
        withCloseButton=False,
        centered=True,
        size="34rem",
        keepMounted=True,
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    callbacks.in_browser(
        "desk",
        "close",
        Output("rule-act-box", "opened", allow_duplicate=True),
        Input("rule-act-no", "n_clicks"),
        prevent_initial_call=True,
    )

    connect_pressed(callbacks, "rule-act-asked", {"type": "rule-act", "act": ALL})

    @callbacks.add(
        Output("rule-act-box", "opened"),
        Output("rule-act-text", "children"),
        Output("rule-act", "data"),
        Output("rule-act-answer", "children", allow_duplicate=True),
        Input("rule-act-asked", "data"),
        rights=RULES,
        prevent_initial_call=True,
    )
    def _ask(pressed: object) -> Any:
        if not isinstance(pressed, dict) or pressed.get("act") not in _ACTS:
            return no_update
        title, consequence = _ACTS[str(pressed["act"])]
        return True, [html.H2(spoken(title)), html.P(both(consequence))], pressed["act"], []

    @callbacks.add(
        Output("rule-act-answer", "children"),
        Output("rule-act-box", "opened", allow_duplicate=True),
        Output("rule-act-reason", "value"),
        Output("rule-reload", "data", allow_duplicate=True),
        Output("rules-changed", "data", allow_duplicate=True),
        Input("rule-act-yes", "n_clicks"),
        State("rule-act", "data"),
        State("rule-name", "data"),
        State("rule-act-reason", "value"),
        State("rules-changed", "data"),
        rights=RULES,
        changes=True,
        prevent_initial_call=True,
    )
    def _do(clicks: object, act: str | None, name: str | None, reason: str | None, changed: object) -> Any:
        nothing = (no_update,) * 4
        if not clicks or act not in _ACTS or not name:
            return no_update, *nothing
        if not asker().may_change_of(RULES, "", ""):
            return said(NOT_YOURS, "wrong"), *nothing
        try:
            outcome = center.bench().desk.set_enabled(asker(), name, act == "on", reason or "")
        except RuleChanged:
            return said(_MEANWHILE, "wrong"), *nothing
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), *nothing
        if isinstance(outcome, Refused):
            return said(outcome.faults[0].what, "wrong"), *nothing
        count = changed + 1 if isinstance(changed, int) else 1
        return [], False, "", -count, count
