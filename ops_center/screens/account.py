"""One's own account (``/account``): password, one-time codes, language, where one is signed in, what one did.

What weakens an account asks for the password or a code once more (``services/own_account.py``): a workstation that was
left open gives nothing away.
"""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.role_words import ROLE_NAMES, ROLE_SENTENCES, scope_in_words, shown_name
from ops_center.domain.text import LANGUAGES, Label
from ops_center.people.asking import asker
from ops_center.screens import account_codes, account_password
from ops_center.screens.account_parts import RIGHTS, own_session
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import button, panel, said
from ops_center.screens.own_trail import trail_of
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both, spoken
from ops_center.screens.session_lines import session_lines

_TITLE = Label("我的账号", "My account")
_ELSEWHERE = Label(
    "此账号不用本系统的密码登录，密码与验证码由单点登录或演示模式管理。",
    "This account does not sign in with a password of this center: single sign-on, or the demo, looks after it.",
)
_SPOKEN = (("zh", Label("中文", "中文")), ("en", Label("English", "English")))


def layout(center: Center) -> Any:
    """Return the page."""
    proofs = html.Div([account_password.layout(), account_codes.layout()], id="own-proofs", className="stack")
    elsewhere = html.Section(html.P(spoken(_ELSEWHERE)), id="own-elsewhere", className="panel", hidden=True)
    left = [_who(center), proofs, elsewhere]
    right = [
        panel(
            Label("在线会话", "Where I am signed in"),
            html.Div(id="own-sessions"),
            html.Div(
                button("own-end-others", Label("结束其他会话", "End all others")),
                className="row end",
            ),
        ),
        panel(Label("最近 7 天的操作", "What I did in the last 7 days"), html.Div(id="own-trail")),
    ]
    return framed(
        center,
        "/account",
        _TITLE,
        html.Div([html.Div(left, className="stack"), html.Div(right, className="stack")], className="account"),
        dcc.Store(id="own-changed", data=0),
        dcc.Interval(id="own-tick", interval=15_000),
    )


def _who(center: Center) -> Any:
    """Return who one is to the center, and over what."""
    who, names = asker(), scope_names(center.pack)
    grants = [
        html.Li(
            [
                html.B(both(ROLE_NAMES[grant.role])),
                both(scope_in_words(grant, names), className="quiet"),
                html.Div(both(ROLE_SENTENCES[grant.role]), className="sentence"),
            ]
        )
        for grant in who.grants
    ]
    languages = [{"value": value, "label": words.zh} for value, words in _SPOKEN]
    return html.Section(
        [
            html.Div(
                [
                    html.H1(both(shown_name(who.display_name or who.account or "—"))),
                    html.Code(who.account, className="quiet"),
                ],
                className="spread",
            ),
            html.Ul(grants, className="roles"),
            html.Div(
                [
                    html.Label(spoken(Label("语言", "language"))),
                    dmc.SegmentedControl(id="own-language", data=languages, value="zh"),
                ],
                className="field",
            ),
        ],
        className="panel",
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    account_password.connect(callbacks, center)
    account_codes.connect(callbacks, center)
    _connect_language(callbacks, center)
    _connect_lists(callbacks, center)


def _connect_language(callbacks: Callbacks, center: Center) -> None:
    """The page's switch shows what is spoken; choosing there makes it the account's language as well."""
    callbacks.in_browser(
        "desk", "same", Output("own-language", "value", allow_duplicate=True), Input("language", "data"),
        prevent_initial_call="initial_duplicate",
    )  # fmt: skip
    callbacks.in_browser(
        "desk", "speak", Output("desk-ready", "data", allow_duplicate=True), Input("own-language", "value"),
        prevent_initial_call=True,
    )  # fmt: skip

    @callbacks.add(
        Output("own-language", "disabled"),
        Input("own-language", "value"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _keep(language: object) -> Any:
        try:
            session = own_session(center)
            if language in LANGUAGES:  # what the session knows may be a second old: the store says whether it differs
                center.staffed().people.own.set_language(session, language)
        except OpsCenterError:
            return no_update  # the page speaks it all the same; the account keeps the one it had
        return False


def _connect_lists(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("own-sessions", "children"),
        Output("own-trail", "children"),
        Input("own-tick", "n_intervals"),
        Input("own-changed", "data"),
        rights=RIGHTS,
    )
    def _lists(_tick: object, _changed: object) -> Any:
        zone = center.pack.manifest.timezone
        try:
            session = own_session(center)
            sessions = center.staffed().people.own.sessions(session)
            trail = trail_of(center, session.account.name)
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), said(refusal(error), "wrong")
        return session_lines(sessions, zone, _end_button, own=session.id), trail

    @callbacks.add(
        Output("own-changed", "data", allow_duplicate=True),
        Input({"type": "own-end", "index": ALL}, "n_clicks"),
        Input("own-end-others", "n_clicks"),
        State("own-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _end(_clicks: object, _others: object, changed: object) -> Any:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update
        own, session = center.staffed().people.own, own_session(center)
        if isinstance(ctx.triggered_id, dict):
            own.end_session(session, str(ctx.triggered_id.get("index")))
        else:
            own.end_others(session)
        return (changed if isinstance(changed, int) else 0) + 1


def _end_button(session: Any) -> Any:
    return html.Button(both(Label("结束", "End")), id={"type": "own-end", "index": session.id}, className="link")


SCREEN = Screen("account", "/account", _TITLE, RIGHTS, layout, connect, order=90)
