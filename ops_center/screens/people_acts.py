"""Acts that somebody feels: asked about first, done once, and told in the same place. One dialog for all of them.

Whoever wants one puts a button with the id ``{"type": "people-act", "act": …, "about": …}`` on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, dcc, html, no_update

from ops_center.domain.errors import AccountError
from ops_center.domain.people import Account
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import button, connect_pressed
from ops_center.screens.people_parts import RIGHTS, counted, outcome_of
from ops_center.screens.screen import Center, both, spoken
from ops_center.services.accounts import Accounts


@dataclass(frozen=True, slots=True)
class Act:
    """One act: how it is asked about, and what is done. ``about``: account, session or token."""

    question: Label
    consequence: Label
    do: Callable[[Accounts, str, Asker], Any]


def _to_account(do: Callable[[Accounts, Account, Asker], Any]) -> Callable[[Accounts, str, Asker], Any]:
    return lambda accounts, name, who: do(accounts, account_of(accounts, name), who)


ACTS: Mapping[str, Act] = {
    "disable": Act(
        Label("停用账号", "Disable the account"),
        Label("立即结束其全部会话，之后无法登录。", "All its sessions end now, and nobody can sign in with it."),
        _to_account(Accounts.disable),
    ),
    "enable": Act(
        Label("启用账号", "Enable the account"),
        Label("可以重新登录，权限不变。", "It can sign in again, with the grants it had."),
        _to_account(Accounts.enable),
    ),
    "password": Act(
        Label("发放一次性密码", "Make a one-time password"),
        Label("原密码失效，全部会话结束。", "The present password is worth nothing then, and all sessions end."),
        _to_account(Accounts.reset_password),
    ),
    "codes": Act(
        Label("重置验证器", "Reset one-time codes"),
        Label(
            "手机验证器与恢复码失效，全部会话结束。", "Telephone and recovery codes are forgotten; all sessions end."
        ),
        _to_account(Accounts.reset_totp),
    ),
    "sign-out": Act(
        Label("结束全部会话", "End all sessions"),
        Label("各处的页面会显示“已退出登录”。", "All its pages say that they are signed out."),
        _to_account(lambda accounts, account, who: accounts.sign_out(account, who) > 0),
    ),
    "end": Act(
        Label("结束会话", "End the session"),
        Label("该页面会显示“已退出登录”。", "Its pages say that they are signed out."),
        lambda accounts, session, who: accounts.end_session(session, who),
    ),
    "revoke": Act(
        Label("撤销令牌", "Revoke the token"),
        Label(
            "使用它的显示屏或程序立即失去访问，无法恢复。", "What uses it loses access at once; this can't be undone."
        ),
        lambda accounts, key, who: accounts.revoke_token(int(key), who),
    ),
}


def act_button(act: str, about: str, *, label: Label | None = None, kind: str = "link") -> Any:
    """Return a button that asks for an act."""
    words = both(label or ACTS[act].question)
    return html.Button(words, id={"type": "people-act", "act": act, "about": about}, className=kind)


def account_of(accounts: Accounts, name: str) -> Account:
    """Return the account that signs in as ``name``. Raises AccountError."""
    found = next((account for account in accounts.list() if account.name == name), None)
    if found is None:
        raise AccountError(f"there is no account {name!r}")
    return found


def dialog() -> Any:
    """Return the dialog."""
    buttons = [
        button("confirm-no", Label("取消", "Cancel")),
        button("confirm-yes", Label("确定", "Confirm"), kind="risky"),
        button("confirm-close", Label("关闭", "Close")),
    ]
    return dmc.Modal(
        html.Div(
            [
                html.Div(id="confirm-text", role="status"),
                html.Div(buttons, className="row end"),
                dcc.Store(id="confirm-act"),
                dcc.Store(id="confirm-asked"),
            ],
            id="confirm-box",
            className="confirm",
        ),
        id="confirm",
        opened=False,
        withCloseButton=False,
        centered=True,
        size="32rem",
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    callbacks.in_browser(
        "desk",
        "close",
        Output("confirm", "opened", allow_duplicate=True),
        Input("confirm-no", "n_clicks"),
        Input("confirm-close", "n_clicks"),
        prevent_initial_call=True,
    )

    connect_pressed(callbacks, "confirm-asked", {"type": "people-act", "act": ALL, "about": ALL})

    @callbacks.add(
        Output("confirm", "opened", allow_duplicate=True),
        Output("confirm-text", "children", allow_duplicate=True),
        Output("confirm-box", "className", allow_duplicate=True),
        Output("confirm-act", "data"),
        Input("confirm-asked", "data"),
        rights=RIGHTS,
        prevent_initial_call=True,
    )
    def _ask(pressed: object) -> Any:
        if not isinstance(pressed, dict) or pressed.get("act") not in ACTS:
            return no_update
        act, about = ACTS[pressed["act"]], str(pressed.get("about"))
        return True, _question(act, about), "confirm asks", {"act": pressed["act"], "about": about}

    @callbacks.add(
        Output("confirm-text", "children", allow_duplicate=True),
        Output("confirm-box", "className", allow_duplicate=True),
        Output("people-changed", "data", allow_duplicate=True),
        Input("confirm-yes", "n_clicks"),
        State("confirm-act", "data"),
        State("people-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _do(clicks: object, asked: object, changed: object) -> Any:
        act = ACTS.get(str(asked.get("act"))) if isinstance(asked, dict) else None
        if not clicks or act is None or not isinstance(asked, dict):
            return no_update
        about, accounts = str(asked.get("about")), center.staffed().people.accounts
        told = outcome_of(lambda: act.do(accounts, about, asker()), "confirm-once")
        return [_heading(act, about), told], "confirm told", counted(changed)


def _question(act: Act, about: str) -> Any:
    return [_heading(act, about), html.P(spoken(act.consequence))]


def _heading(act: Act, about: str) -> Any:
    named = [html.Code(about)] if not about.isdigit() else []
    return html.H2([both(act.question), " ", *named])
