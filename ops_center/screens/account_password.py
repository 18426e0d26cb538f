"""A new password for one's own account. All other sessions of the account end."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, html, no_update

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.people.passwords import LONGEST, SHORTEST
from ops_center.screens.account_parts import RIGHTS, own_session, told
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, button, panel, password_input, said
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both
from ops_center.services.own_account import Done

_RULE = Label(
    f"至少 {SHORTEST} 个字符；不含账号名；不是常见或泄露过的密码。",
    f"At least {SHORTEST} characters, without your account's name, no common or leaked password.",
)
_DIFFERS = Label("两次输入的新密码不一样。", "The two new passwords are not the same.")
_DONE = Label("密码已修改，其他会话已结束。", "The password was changed; your other sessions have ended.")
_WRONG = Label("当前密码不对。", "The present password is wrong.")


def layout() -> Any:
    """Return the panel."""
    fields = [
        password_input("own-current", Label("当前密码", "present password"), complete="current-password"),
        password_input("own-new", Label("新密码", "new password"), complete="new-password"),
        password_input("own-again", Label("再输入一次", "once more"), complete="new-password"),
        html.P(both(_RULE), className="quiet"),
        html.Div(button("own-change", Label("修改密码", "Change it"), kind="main")),
    ]
    return panel(Label("密码", "Password"), html.Div(fields, className="stack"), answer("own-password-answer"))


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callback."""

    @callbacks.add(
        Output("own-password-answer", "children"),
        Output("own-current", "value"),
        Output("own-new", "value"),
        Output("own-again", "value"),
        Output("own-changed", "data", allow_duplicate=True),
        Input("own-change", "n_clicks"),
        State("own-current", "value"),
        State("own-new", "value"),
        State("own-again", "value"),
        State("own-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _change(_clicks: object, current: object, new: object, again: object, changed: object) -> Any:
        stays = (no_update, no_update, no_update, no_update)
        if new != again:
            return said(_DIFFERS, "wrong"), *stays
        try:
            own, session = center.staffed().people.own, own_session(center)
            outcome = own.change_password(session, _text(current), _text(new))
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), *stays
        if not isinstance(outcome, Done):
            return told(outcome, _DONE, _WRONG), *stays
        return told(outcome, _DONE, _WRONG), "", "", "", (changed if isinstance(changed, int) else 0) + 1


def _text(value: object) -> str:
    return value[: 4 * LONGEST] if isinstance(value, str) else ""
