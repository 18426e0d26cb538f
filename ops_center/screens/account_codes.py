"""One-time codes of one's own account: set up on a telephone, moved to another, recovery codes made anew, removed."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any

import segno
from dash import Input, Output, State, ctx, dcc, html, no_update

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.screens.account_parts import RIGHTS, own_account, own_session, told
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, badge, button, copied, panel, password_input, said, text_input
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, spoken
from ops_center.services.own_account import Done
from ops_center.services.sign_in_outcomes import NeedsEnrolment

_TITLE = Label("一次性验证码", "One-time codes")
_WRONG_PASSWORD = Label("密码不对。", "The password is wrong.")
_WRONG_CODE = Label("验证码不对或已用过。", "The code is wrong, or it was used.")
_ENROLLED = Label("验证器已绑定。", "One-time codes are set up.")
_REMOVED = Label("已解除绑定，登录时不再需要验证码。", "Removed: signing in asks for no code any more.")
_SCAN = Label(
    "用手机验证器扫描，或手动输入密钥；再输入它显示的 6 位数字。",
    "Scan this with an authenticator or type the key, then enter the six digits it shows.",
)


def layout() -> Any:
    """Return the panel: what is there now, and the steps to something else."""
    begin = html.Div(
        [
            password_input("codes-password", Label("密码", "password"), complete="current-password", w="13rem"),
            button("codes-begin", Label("绑定验证器", "Set up a telephone")),
        ],
        className="row",
    )
    finish = html.Div(
        [
            html.Div(id="codes-shown"),
            html.Div(
                [
                    _code("codes-first", Label("验证器上的 6 位数字", "six digits on the telephone")),
                    button("codes-finish", Label("完成绑定", "Finish"), kind="main"),
                ],
                className="row",
            ),
        ],
        id="codes-enrolment",
        hidden=True,
    )
    held = html.Div(
        [
            _code("codes-code", Label("当前验证码", "a code")),
            button("codes-renew", Label("生成新恢复码", "New recovery codes")),
            button("codes-remove", Label("解除绑定", "Remove"), kind="risky"),
        ],
        className="row",
        id="codes-held",
        hidden=True,
    )
    state = html.Div(id="codes-state")
    ticket = dcc.Store(id="codes-ticket")
    return panel(_TITLE, html.Div([state, begin, finish, held], className="stack"), answer("codes-answer"), ticket)


def _code(name: str, label: Label) -> Any:
    return text_input(name, label, autoComplete="one-time-code", w="13rem")


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    _connect_state(callbacks, center)
    _connect_enrolment(callbacks, center)
    _connect_held(callbacks, center)


def _connect_state(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("codes-state", "children"),
        Output("codes-held", "hidden"),
        Output("own-proofs", "hidden"),
        Output("own-elsewhere", "hidden"),
        Input("own-changed", "data"),
        rights=RIGHTS,
    )
    def _state(_changed: object) -> Any:
        try:
            account = own_account(center)
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), True, False, True
        enrolled, is_local = account.has_totp, account.origin == "local"
        word = Label("已绑定", "set up") if enrolled else Label("未绑定", "not set up")
        return badge(word, "good" if enrolled else "quiet"), not enrolled, not is_local, is_local


def _connect_enrolment(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("codes-enrolment", "hidden", allow_duplicate=True),
        Output("codes-shown", "children"),
        Output("codes-ticket", "data", allow_duplicate=True),
        Output("codes-password", "value"),
        Output("codes-answer", "children", allow_duplicate=True),
        Input("codes-begin", "n_clicks"),
        State("codes-password", "value"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _begin(_clicks: object, password: object) -> Any:
        try:
            outcome = center.staffed().people.own.begin_enrolment(own_session(center), _text(password))
        except OpsCenterError as error:
            return no_update, no_update, no_update, no_update, said(refusal(error), "wrong")
        if not isinstance(outcome, NeedsEnrolment):
            return True, [], None, no_update, told(outcome, _ENROLLED, _WRONG_PASSWORD)
        return False, _shown(outcome), outcome.ticket, "", []

    @callbacks.add(
        Output("codes-enrolment", "hidden", allow_duplicate=True),
        Output("codes-ticket", "data", allow_duplicate=True),
        Output("codes-first", "value"),
        Output("codes-answer", "children", allow_duplicate=True),
        Output("own-changed", "data", allow_duplicate=True),
        Input("codes-finish", "n_clicks"),
        State("codes-ticket", "data"),
        State("codes-first", "value"),
        State("own-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _finish(_clicks: object, ticket: object, code: object, changed: object) -> Any:
        try:
            own = center.staffed().people.own
            outcome = own.finish_enrolment(own_session(center), _text(ticket, 2048), _text(code))
        except OpsCenterError as error:
            return no_update, no_update, no_update, said(refusal(error), "wrong"), no_update
        answered = told(outcome, _ENROLLED, _WRONG_CODE)
        if not isinstance(outcome, Done):
            return no_update, no_update, no_update, answered, no_update
        return True, None, "", answered, (changed if isinstance(changed, int) else 0) + 1


def _connect_held(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("codes-code", "value"),
        Output("codes-answer", "children", allow_duplicate=True),
        Output("own-changed", "data", allow_duplicate=True),
        Input("codes-renew", "n_clicks"),
        Input("codes-remove", "n_clicks"),
        State("codes-code", "value"),
        State("own-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _held(_renew: object, _remove: object, code: object, changed: object) -> Any:
        own = center.staffed().people.own
        act = own.remove_totp if ctx.triggered_id == "codes-remove" else own.new_recovery_codes
        try:
            outcome = act(own_session(center), _text(code))
        except OpsCenterError as error:
            return no_update, said(refusal(error), "wrong"), no_update
        answered = told(outcome, _REMOVED, _WRONG_CODE)
        if not isinstance(outcome, Done):
            return no_update, answered, no_update
        return "", answered, (changed if isinstance(changed, int) else 0) + 1


def _shown(enrolment: NeedsEnrolment) -> Any:
    grouped = " ".join(enrolment.secret[start : start + 4] for start in range(0, len(enrolment.secret), 4))
    return html.Div(
        [
            html.Img(src=_picture(enrolment.uri), alt="", className="qr"),
            html.Div([html.P(spoken(_SCAN)), copied("codes-secret", grouped)]),
        ],
        className="enrol",
    )


def _picture(text: str) -> str:
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=2, omitsize=True, light="#fff")
    return f"data:image/svg+xml;base64,{b64encode(drawn.getvalue()).decode()}"


def _text(value: object, longest: int = 512) -> str:
    return value[:longest] if isinstance(value, str) else ""
