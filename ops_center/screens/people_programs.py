"""Programs that ask the open interfaces: a token each, of an account that they stand for."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html, no_update

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Role
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, button, choice, connect_choices, panel, text_input
from ops_center.screens.people_acts import account_of
from ops_center.screens.people_parts import RIGHTS, counted, outcome_of
from ops_center.screens.screen import Center, both
from ops_center.screens.token_lines import connect_tokens
from ops_center.services.accounts import WithSecret

_LASTS = (
    ("30", Label("30 天", "30 days")),
    ("90", Label("90 天", "90 days")),
    ("365", Label("一年", "a year")),
    ("", Label("不过期", "for ever")),
)


def layout() -> Any:
    """Return the list of tokens of programs, and the form for another."""
    form = panel(
        Label("新建接口令牌", "New API token"),
        html.Div(
            [
                dmc.Select(
                    id="token-account", label=both(Label("账号", "account")), data=[], searchable=True, size="sm"
                ),
                text_input(
                    "token-label",
                    Label("用途", "what it is for"),
                    said=Label("例如：夜间数据导出", "for example: nightly export"),
                ),
                *choice("token-lasts", Label("有效期", "good for"), _LASTS, "90"),
                button("token-make", Label("发放令牌", "Make the token"), kind="main"),
            ],
            className="stack",
        ),
        answer("token-answer"),
    )
    return html.Div([html.Section(html.Div(id="programs-list"), className="panel"), form], className="tokens")


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "token-lasts")
    connect_tokens(callbacks, center, "programs-list", "api")
    _connect_program(callbacks, center)


def _connect_program(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("token-account", "data"),
        Input("people-changed", "data"),
        Input("people-tick", "n_intervals"),
        rights=RIGHTS,
    )
    def _accounts(_changed: object, _tick: object) -> Any:
        try:
            accounts = center.staffed().people.accounts.list()
        except OpsCenterError:
            return no_update
        fit = [one for one in accounts if one.disabled_us is None and Role.DISPLAY not in {g.role for g in one.grants}]
        return [{"value": one.name, "label": f"{one.name} · {one.display_name}"} for one in fit]

    @callbacks.add(
        Output("token-answer", "children"),
        Output("token-label", "value"),
        Output("people-changed", "data", allow_duplicate=True),
        Input("token-make", "n_clicks"),
        State("token-account", "value"),
        State("token-label", "value"),
        State("token-lasts", "value"),
        State("people-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _make(_clicks: object, name: object, label: object, lasts: object, changed: object) -> Any:
        office = center.staffed()
        days = int(lasts) if isinstance(lasts, str) and lasts.isdigit() else 0
        ends_us = office.clock.now_us() + min(days, 3650) * DAY_US if days else None
        made: list[Any] = []

        def add() -> Any:
            account = account_of(office.people.accounts, str(name or ""))
            made.append(office.people.accounts.add_token(account, "api", str(label or ""), ends_us, asker()))
            return made[0]

        answered = outcome_of(add, "token-once")
        done = bool(made) and isinstance(made[0], WithSecret)
        return answered, ("" if done else no_update), (counted(changed) if done else no_update)
