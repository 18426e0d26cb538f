"""A new account: who it is for and what it may do; its one-time password is shown once, in the same place."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html, no_update

from ops_center.domain.rights import Role
from ops_center.domain.text import LANGUAGES, Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, button, text_input
from ops_center.screens.grants_editor import connect_grants, grants_editor, parsed
from ops_center.screens.people_parts import RIGHTS, counted, outcome_of
from ops_center.screens.screen import Center, both, spoken
from ops_center.services.accounts import Changed, WithPassword

_SPOKEN = (("zh", Label("中文", "Chinese")), ("en", Label("英文", "English")))
_OFFERED = [role for role in Role if role is not Role.DISPLAY]
"""displays are made on their own tab"""


def layout(center: Center) -> Any:
    """Return the dialog; what is typed stays in it until the account is made."""
    languages = [{"value": value, "label": both(label)} for value, label in _SPOKEN]
    fields = html.Div(
        [
            text_input(
                "new-name",
                Label("账号（用于登录）", "account (to sign in with)"),
                said=Label(
                    "小写字母、数字、点、下划线、连字符", "lower-case letters, digits, dots, underscores, hyphens"
                ),
                inputProps={"autoComplete": "off", "spellCheck": False},
            ),
            text_input("new-display", Label("姓名", "name of the person")),
            html.Div([html.Label(spoken(Label("语言", "language"))), _languages(languages)], className="field"),
            html.Div([html.H3(spoken(Label("权限", "Grants"))), grants_editor("new", center.pack, _OFFERED)]),
        ],
        className="stack",
    )
    buttons = html.Div(
        [button("new-close", Label("关闭", "Close")), button("new-make", Label("建立账号", "Make it"), kind="main")],
        className="row end",
    )
    return dmc.Modal(
        [html.H2(spoken(Label("新建账号", "New account"))), fields, answer("new-answer"), buttons],
        id="new",
        opened=False,
        withCloseButton=False,
        size="44rem",
        keepMounted=True,
    )


def _languages(languages: list[dict[str, Any]]) -> Any:
    return dmc.SegmentedControl(id="new-language", data=languages, value="zh")


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_grants(callbacks, "new", center.pack, RIGHTS)
    callbacks.in_browser(
        "desk",
        "open",
        Output("new", "opened", allow_duplicate=True),
        Input("people-new", "n_clicks"),
        prevent_initial_call=True,
    )
    callbacks.in_browser(
        "desk", "close", Output("new", "opened", allow_duplicate=True), Input("new-close", "n_clicks"),
        prevent_initial_call=True,
    )  # fmt: skip

    @callbacks.add(
        Output("new-answer", "children"),
        Output("new-name", "value"),
        Output("new-display", "value"),
        Output("new-draft", "data", allow_duplicate=True),
        Output("people-changed", "data", allow_duplicate=True),
        Input("new-make", "n_clicks"),
        State("new-name", "value"),
        State("new-display", "value"),
        State("new-language", "value"),
        State("new-draft", "data"),
        State("people-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _make(_clicks: object, name: object, display: object, language: object, draft: object, changed: object) -> Any:
        spoken_one = language if language in LANGUAGES else "zh"
        done: list[Any] = []

        def add() -> Any:
            accounts = center.staffed().people.accounts
            done.append(accounts.add(str(name or "").strip(), str(display or ""), parsed(draft), spoken_one, asker()))
            return done[0]

        told = outcome_of(add, "new-once")
        if not done or not isinstance(done[0], WithPassword | Changed):
            return told, no_update, no_update, no_update, no_update
        return told, "", "", [], counted(changed)
