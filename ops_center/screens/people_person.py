"""The account that is chosen in the list: how it is, what it may do, who is signed in as it, and what can be done."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, ctx, dcc, html, no_update

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.people import Account
from ops_center.domain.rights import Role
from ops_center.domain.role_words import shown_name
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, badge, button, empty, said, when
from ops_center.screens.grants_editor import connect_grants, grants_editor, parsed, written
from ops_center.screens.people_acts import account_of, act_button
from ops_center.screens.people_parts import ORIGINS, RIGHTS, counted, outcome_of, state_of
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, spoken
from ops_center.screens.session_lines import session_lines
from ops_center.services.accounts import Refused

_CHOOSE = Label("在左侧选择一个账号，查看并管理它。", "Choose an account on the left to see and manage it.")
_OTHERS = Label(
    "权限刚被他人修改，您的改动未保存。现在显示的是最新权限，请重新修改。",
    "Somebody else has just changed the grants, so yours were not saved. These are the present ones.",
)


def layout(center: Center) -> Any:
    """Return the panel; its fields are always there, so that nothing in them is lost when lists come anew."""
    saving = html.Div(
        [
            both(Label("有未保存的修改", "not saved yet"), className="grow"),
            button("person-undo", Label("还原", "Undo")),
            button("person-save", Label("保存权限", "Save grants"), kind="main"),
        ],
        id="person-saving",
        className="row end saving",
    )
    body = html.Div(
        [
            html.H3(spoken(Label("权限", "Grants"))),
            grants_editor("person", center.pack, Role),
            saving,
            answer("person-answer"),
            html.Div(id="person-rest"),
        ],
        id="person-body",
        hidden=True,
    )
    held = dcc.Store(id="person-held", data=[])
    return html.Section([html.Div(empty(_CHOOSE), id="person-head"), body, held], className="panel person")


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_grants(callbacks, "person", center.pack, RIGHTS)
    _connect_person(callbacks, center)
    _connect_saving(callbacks, center)


def _connect_person(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("person-head", "children"),
        Output("person-body", "hidden"),
        Output("person-rest", "children"),
        Output("person-held", "data", allow_duplicate=True),
        Output("person-draft", "data", allow_duplicate=True),
        Output("person-answer", "children", allow_duplicate=True),
        Input("person", "data"),
        Input("people-changed", "data"),
        State("person-held", "data"),
        State("person-draft", "data"),
        rights=RIGHTS,
        prevent_initial_call="initial_duplicate",
    )
    def _person(name: object, _changed: object, held: object, draft: object) -> Any:
        if not isinstance(name, str) or not name:
            return empty(_CHOOSE), True, [], [], [], []
        try:
            account = account_of(center.staffed().people.accounts, name)
            head, rest = _head(center, account), _rest(center, account)
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), True, [], no_update, no_update, no_update
        if ctx.triggered_id == "people-changed" and held != draft:  # half done: it stays, and saving finds out
            return head, False, rest, no_update, no_update, no_update
        present = written(account.grants)
        answered: Any = no_update if ctx.triggered_id == "people-changed" else []
        return head, False, rest, present, present, answered


def _connect_saving(callbacks: Callbacks, center: Center) -> None:
    callbacks.in_browser(
        "desk",
        "differs",
        Output("person-saving", "className"),
        Input("person-draft", "data"),
        Input("person-held", "data"),
    )
    callbacks.in_browser(
        "desk",
        "undo",
        Output("person-draft", "data", allow_duplicate=True),
        Input("person-undo", "n_clicks"),
        State("person-held", "data"),
        prevent_initial_call=True,
    )

    @callbacks.add(
        Output("person-held", "data", allow_duplicate=True),
        Output("person-draft", "data", allow_duplicate=True),
        Output("person-answer", "children", allow_duplicate=True),
        Output("people-changed", "data", allow_duplicate=True),
        Input("person-save", "n_clicks"),
        State("person", "data"),
        State("person-held", "data"),
        State("person-draft", "data"),
        State("people-changed", "data"),
        rights=RIGHTS,
        changes=True,
        prevent_initial_call=True,
    )
    def _save(_clicks: object, name: object, held: object, draft: object, changed: object) -> Any:
        accounts = center.staffed().people.accounts
        try:
            present = written(account_of(accounts, str(name)).grants)
        except OpsCenterError as error:
            return no_update, no_update, said(refusal(error), "wrong"), no_update
        if present != held:
            return present, present, said(_OTHERS, "wrong"), counted(changed)
        done: list[Any] = []

        def grant() -> Any:
            done.append(accounts.grant(account_of(accounts, str(name)), parsed(draft), asker()))
            return done[0]

        told = outcome_of(grant, "person-once")
        if not done or isinstance(done[0], Refused):
            return no_update, no_update, told, no_update
        saved = written(done[0].account.grants)
        return saved, saved, told, counted(changed)


def _head(center: Center, account: Account) -> Any:
    word, tone = state_of(account, center.staffed().clock.now_us())
    zone = center.pack.manifest.timezone
    codes = badge(Label("验证器已绑定", "one-time codes"), "good") if account.has_totp else None
    return [
        html.Div(
            [html.H1(both(shown_name(account.display_name))), html.Code(account.name, className="quiet")],
            className="spread",
        ),
        html.Div([badge(word, tone), codes, badge(ORIGINS[account.origin])], className="badges"),
        html.P([both(Label("建立于 ", "made ")), when(account.created_us, zone)], className="quiet"),
    ]


def _rest(center: Center, account: Account) -> Any:
    office, zone = center.staffed(), center.pack.manifest.timezone
    sessions = office.people.accounts.sessions(account)
    acts = ["enable"] if account.disabled_us is not None else ["disable"]
    if account.origin == "local" and {grant.role for grant in account.grants} != {Role.DISPLAY}:
        acts = ["password", *(["codes"] if account.has_totp else []), *acts]
    if sessions:
        acts.append("sign-out")
    return [
        html.H3(spoken(Label("在线会话", "Sessions"))),
        session_lines(sessions, zone, lambda session: act_button("end", session.id, label=Label("结束", "End"))),
        html.H3(spoken(Label("操作", "What can be done"))),
        html.Div([act_button(act, account.name, kind="copy") for act in acts], className="row"),
    ]
