"""The list of accounts: who there is, what they may do, and how each account is. Found by text, role and state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html

from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.people import Account
from ops_center.domain.rights import Role
from ops_center.domain.role_words import ROLE_NAMES, Names, roles_in_words, scope_in_words, shown_name
from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import button, choice, connect_choices, said, text_input
from ops_center.screens.grid import column, connect_columns, grid
from ops_center.screens.people_parts import ORIGINS, RIGHTS, state_of
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both

_ALL = Label("全部", "all")
_STATES = (("", _ALL), ("enabled", Label("可登录", "enabled")), ("disabled", Label("已停用", "disabled")))
_NOTHING_FITS = Label(
    "没有符合条件的账号。清空条件，或新建账号。", "No account fits. Clear the conditions, or make a new account."
)
_COLUMNS = (
    column("name", Label("账号", "account"), width=130, grows=2),
    column("display", Label("姓名", "name"), width=110, grows=2, words=True),
    column("roles", Label("角色", "roles"), width=130, grows=2, words=True),
    column("scope", Label("范围", "over"), width=150, grows=3, words=True),
    column("state", Label("状态", "state"), width=140, words=True),
    column("codes", Label("验证器", "codes"), width=90, words=True),
    column("origin", Label("来源", "from"), width=105, words=True),
    column("online", Label("在线", "online"), width=80, type="rightAligned"),
)


def layout() -> Any:
    """Return search, list and the button that makes a new account."""
    roles = [("", _ALL), *((role.value, ROLE_NAMES[role]) for role in Role)]
    states = [{"value": value, "label": both(label)} for value, label in _STATES]
    return html.Div(
        [
            html.Div(
                [
                    text_input(
                        "people-search", Label("查找账号或姓名", "find account or name"), debounce=250, w="14rem"
                    ),
                    *choice("people-role", Label("角色", "role"), roles, "", w="10rem"),
                    dmc.SegmentedControl(id="people-state", data=states, value=""),
                    html.Div(className="grow"),
                    button("people-new", Label("新建账号", "New account"), kind="main"),
                ],
                className="row",
            ),
            html.Div(id="people-fault", className="answer-place", role="status"),
            grid("people-rows", _COLUMNS, "name", nothing=_NOTHING_FITS),
            html.Span(id="people-count", className="quiet"),
        ],
        className="people-list",
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "people-role")
    connect_columns(callbacks, "people-rows")
    callbacks.in_browser(
        "desk", "chosen", Output("person", "data"), Input("people-rows", "selectedRows"), State("person", "data")
    )

    @callbacks.add(
        Output("people-rows", "rowData"),
        Output("people-fault", "children"),
        Output("people-count", "children"),
        Input("people-search", "value"),
        Input("people-role", "value"),
        Input("people-state", "value"),
        Input("people-changed", "data"),
        Input("people-tick", "n_intervals"),
        rights=RIGHTS,
    )
    def _list(search: object, role: object, state: object, _changed: object, _tick: object) -> Any:
        office = center.staffed()
        try:
            accounts = office.people.accounts.list()
            online = Counter(session.account.name for session in office.people.accounts.sessions())
        except OpsCenterError as error:
            return [], said(refusal(error), "wrong"), []
        found = [one for one in accounts if _fits(one, str(search or ""), str(role or ""), str(state or ""))]
        names, now_us = scope_names(center.pack), office.clock.now_us()
        rows = [_row(one, names, online[one.name], now_us) for one in found]
        return rows, [], _count(len(found), len(accounts))


def _count(found: int, of_all: int) -> Any:
    if found == of_all:
        return both(Label(f"共 {of_all} 个账号", f"{of_all} accounts"))
    return both(Label(f"{of_all} 个账号中的 {found} 个", f"{found} of {of_all} accounts"))


def _fits(account: Account, search: str, role: str, state: str) -> bool:
    text = search.strip().lower()
    return (
        (not text or text in account.name or text in account.display_name.lower())
        and (not role or any(grant.role.value == role for grant in account.grants))
        and (not state or (account.disabled_us is not None) == (state == "disabled"))
    )


def _row(account: Account, names: Names, online: int, now_us: int) -> dict[str, Any]:
    word, tone = state_of(account, now_us)
    codes = Label("已绑定", "set up") if account.has_totp else Label("—", "—")
    return {
        "name": account.name,
        "display": _words(shown_name(account.display_name)),
        "roles": _words(roles_in_words(account.grants) or Label("—", "—")),
        "scope": _words(_scopes(account, names)),
        "state": _words(word, tone),
        "codes": _words(codes),
        "origin": _words(ORIGINS[account.origin]),
        "online": online or "",
    }


def _scopes(account: Account, names: Names) -> Label:
    """Return over what the grants hold, each scope once."""
    scopes: Sequence[Label] = list(dict.fromkeys(scope_in_words(grant, names) for grant in account.grants))
    if not scopes:
        return Label("—", "—")
    return Label("；".join(scope.zh for scope in scopes), "; ".join(scope.en for scope in scopes))


def _words(label: Label, tone: str | None = None) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en, **({"tone": tone} if tone else {})}
