"""Displays and programs: what stands for an account without anybody signing in, until it is revoked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import dash_mantine_components as dmc
from dash import Input, Output, State, html, no_update

from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.people import Token, TokenKind
from ops_center.domain.rights import Role
from ops_center.domain.role_words import EVERY_DEPARTMENT, WHOLE_CITY
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import (
    answer,
    badge,
    button,
    choice,
    connect_choices,
    copied,
    panel,
    said,
    table,
    text_input,
    when,
)
from ops_center.screens.people_acts import account_of, act_button
from ops_center.screens.people_parts import RIGHTS, outcome_of
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, spoken
from ops_center.services.accounts import WithSecret
from ops_center.services.displays import add_display

_EVERY = "*"
_LASTS = (
    ("30", Label("30 天", "30 days")),
    ("90", Label("90 天", "90 days")),
    ("365", Label("一年", "a year")),
    ("", Label("不过期", "for ever")),
)
_HEADS = (
    Label("用于", "used for"),
    Label("账号", "account"),
    Label("发放", "made"),
    Label("最近使用", "last used"),
    Label("状态", "state"),
    Label("操作", "revoke it"),
)
_START = Label(
    "起始地址，仅显示这一次：在显示屏的浏览器里设为首页。打开即登记，之后自动恢复。",
    "The start address, shown this once: make it the home page of the display's browser. It enrols by itself.",
)


def displays_layout(center: Center) -> Any:
    """Return the list of displays, and the form for another."""
    names = scope_names(center.pack)
    form = panel(
        Label("新建显示屏", "New display"),
        html.Div(
            [
                text_input(
                    "display-label",
                    Label("位置", "where it hangs"),
                    said=Label("例如：指挥大厅第二排左", "for example: hall, second row, left"),
                ),
                *choice(
                    "display-department",
                    Label("部门", "department"),
                    [(_EVERY, EVERY_DEPARTMENT), *names.departments.items()],
                    _EVERY,
                    searchable=True,
                ),
                *choice(
                    "display-district",
                    Label("区域", "district"),
                    [(_EVERY, WHOLE_CITY), *names.districts.items()],
                    _EVERY,
                    searchable=True,
                ),
                button("display-make", Label("发放起始地址", "Make its start address"), kind="main"),
            ],
            className="stack",
        ),
        answer("display-answer"),
    )
    return html.Div([html.Section(html.Div(id="displays-list"), className="panel"), form], className="tokens")


def programs_layout() -> Any:
    """Return the list of tokens of programs, and the form for another."""
    form = panel(
        Label("新建接口令牌", "New API token"),
        html.Div(
            [
                dmc.Select(
                    id="token-account", label=spoken(Label("账号", "account")), data=[], searchable=True, size="sm"
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
    connect_choices(callbacks, "display-department", "display-district", "token-lasts")
    _connect_list(callbacks, center, "displays-list", "display")
    _connect_list(callbacks, center, "programs-list", "api")
    _connect_display(callbacks, center)
    _connect_program(callbacks, center)


def _connect_list(callbacks: Callbacks, center: Center, name: str, kind: TokenKind) -> None:
    @callbacks.add(
        Output(name, "children"),
        Input("people-changed", "data"),
        Input("people-tick", "n_intervals"),
        rights=RIGHTS,
    )
    def _list(_changed: object, _tick: object) -> Any:
        office = center.staffed()
        try:
            tokens = office.people.accounts.tokens(kind)
        except OpsCenterError as error:
            return said(refusal(error), "wrong")
        return _lines(tokens, center.pack.manifest.timezone, office.clock.now_us())


def _lines(tokens: Sequence[Token], zone: str, now_us: int) -> Any:
    rows = [
        [
            token.label,
            html.Code(token.account),
            html.Span(when(token.created_us, zone), title=token.created_by, className="num"),
            html.Span(when(token.used_us, zone), className="num"),
            _state(token, now_us),
            act_button("revoke", str(token.key), label=Label("撤销", "Revoke")) if token.revoked_us is None else "",
        ]
        for token in tokens
    ]
    return table(_HEADS, rows, Label("还没有。", "There is none yet."))


def _state(token: Token, now_us: int) -> Any:
    if token.revoked_us is not None:
        return badge(Label("已撤销", "revoked"), "severe")
    if token.expires_us is not None and token.expires_us <= now_us:
        return badge(Label("已过期", "expired"), "severe")
    return badge(Label("有效", "good"), "good") if token.used_us else badge(Label("未使用", "not used yet"), "notice")


def _connect_display(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("display-answer", "children"),
        Output("display-label", "value"),
        Output("people-changed", "data", allow_duplicate=True),
        Input("display-make", "n_clicks"),
        State("display-label", "value"),
        State("display-department", "value"),
        State("display-district", "value"),
        State("url", "href"),
        State("people-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _make(_n: object, label: object, department: object, district: object, href: object, changed: object) -> Any:
        made: list[Any] = []

        def add() -> Any:
            accounts, scope = center.staffed().people.accounts, (_scope(department), _scope(district))
            made.append(add_display(accounts, str(label or ""), *scope, "zh", asker()))
            return made[0]

        answered = outcome_of(add, "display-once")
        if not made or not isinstance(made[0], WithSecret):
            return answered, no_update, no_update
        address = f"{_origin(href)}/display#{made[0].secret}"
        return [said(_START, "good"), copied("display-once", address)], "", _next(changed)


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
        return answered, ("" if done else no_update), (_next(changed) if done else no_update)


def _scope(value: object) -> str | None:
    return value if isinstance(value, str) and value and value != _EVERY else None


def _next(changed: object) -> int:
    return (changed if isinstance(changed, int) else 0) + 1


def _origin(href: object) -> str:
    """Return where the browser reaches us: it says so itself, and is the only one that is shown it."""
    parts = urlsplit(href) if isinstance(href, str) else None
    return f"{parts.scheme}://{parts.netloc}" if parts and parts.scheme in {"http", "https"} else ""
