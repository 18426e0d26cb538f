"""Handing a shift over: to whom, with which remark, asked about first. Who may not do it has no form for it.

The question says what is handed over and who did so last; where somebody else hands the same scope over before the
answer, nothing is done and it is said.
"""

from __future__ import annotations

from typing import Annotated, Any

import dash_mantine_components as dmc
import msgspec
from dash import Input, Output, State, dcc, html, no_update

from alerts.alarm import Refusal
from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Asker
from ops_center.domain.role_words import shown_name
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import answer, button, choice, connect_choices, panel, said, when
from ops_center.screens.hand_over_words import HAND_OVERS, scope_label, scope_of, since_us
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, spoken
from ops_center.services.hand_over import HandOvers, Successor

_TO_WHOM = Label("请先选择接班人。", "Choose first who takes over.")
_CONSEQUENCE = Label(
    "摘要将按此刻的数据冻结，以后不能修改；您名下的报警转给接班人。",
    "The summary is frozen as it is at that moment and can't be changed; what is assigned to you goes to them.",
)

Name = Annotated[str, msgspec.Meta(max_length=200)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Asked(msgspec.Struct, frozen=True):
    """What somebody was asked about."""

    to: Name
    since_us: Number
    department: Name
    district: Name
    seen: Number
    """id of the last hand-over of the scope, 0 without any"""


def form(who: Asker) -> list[Any]:
    """Return the form; nothing for those who hand over no shift."""
    if not who.may_change(HAND_OVERS):
        return []
    return [
        panel(
            Label("交班", "Hand over"),
            html.Div(
                [
                    *choice("handover-to", Label("接班人", "who takes over"), [], searchable=True),
                    dmc.Textarea(
                        id="handover-remark",
                        label=both(Label("备注（可选）", "remark (optional)")),
                        minRows=5,
                        autosize=True,
                        maxRows=14,
                        size="sm",
                    ),
                    button("handover-ask", Label("交班…", "Hand over …"), kind="main"),
                ],
                className="stack",
            ),
            answer("handover-answer"),
        )
    ]


def dialog() -> Any:
    """Return the question."""
    buttons = [
        button("handover-no", Label("取消", "Cancel")),
        button("handover-yes", Label("确认交班", "Hand over"), kind="main"),
    ]
    return dmc.Modal(
        html.Div(
            [
                html.Div(id="handover-question", role="status"),
                html.Div(buttons, className="row end"),
                dcc.Store(id="handover-asked"),
                dcc.Store(id="handover-done"),
            ]
        ),
        id="handover-confirm",
        opened=False,
        withCloseButton=False,
        centered=True,
        size="34rem",
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    connect_choices(callbacks, "handover-to")
    callbacks.in_browser("handover", "gone", Output("handover-told", "data", allow_duplicate=True),
                         Input("handover-done", "data"), prevent_initial_call=True)  # fmt: skip
    callbacks.in_browser("desk", "close", Output("handover-confirm", "opened", allow_duplicate=True),
                         Input("handover-no", "n_clicks"), prevent_initial_call=True)  # fmt: skip

    @callbacks.add(
        Output("handover-to", "data", allow_duplicate=True),
        Output("handover-to-words", "data"),
        Input("handover-scope", "value"),
        Input("handover-tick", "n_intervals"),
        State("handover-to-words", "data"),
        State("language", "data"),
        rights=HAND_OVERS,
        prevent_initial_call="initial_duplicate",
    )
    def _successors(scope: object, _tick: object, shown: object, language: object) -> Any:
        try:
            found = center.alarm_room().hand_overs.successors(asker(), *scope_of(scope))
        except OpsCenterError:
            return no_update, no_update
        words = [_offered(one) for one in found]
        if words == shown:  # an open list is left alone
            return no_update, no_update
        return [{"value": value, "label": en if language == "en" else zh} for value, zh, en in words], words

    @callbacks.add(
        Output("handover-confirm", "opened", allow_duplicate=True),
        Output("handover-question", "children"),
        Output("handover-asked", "data"),
        Output("handover-answer", "children", allow_duplicate=True),
        Input("handover-ask", "n_clicks"),
        State("handover-to", "value"),
        State("handover-span", "value"),
        State("handover-scope", "value"),
        rights=HAND_OVERS,
        changes=True,
        prevent_initial_call=True,
    )
    def _ask(clicks: object, to: Name | None, span: object, scope: object) -> Any:
        if not clicks:
            return no_update, no_update, no_update, no_update
        if not to:
            return False, no_update, None, said(_TO_WHOM, "wrong")
        department, district = scope_of(scope)
        try:
            desk = center.alarm_room().hand_overs
            began_us = since_us(desk, asker(), span, center.staffed().clock.now_us())
            last = desk.newest(asker(), department, district)
        except OpsCenterError as error:
            return False, no_update, None, said(refusal(error), "wrong")
        asked = Asked(to, began_us, department, district, last.id if last else 0)
        return True, _question(center, asked, last), msgspec.to_builtins(asked), []

    @callbacks.add(
        Output("handover-confirm", "opened", allow_duplicate=True),
        Output("handover-answer", "children", allow_duplicate=True),
        Output("handover-done", "data"),
        Input("handover-yes", "n_clicks"),
        State("handover-asked", "data"),
        State("handover-remark", "value"),
        rights=HAND_OVERS,
        changes=True,
        prevent_initial_call=True,
    )
    def _do(clicks: object, asked: Asked | None, remark: str | None) -> Any:
        if not clicks or asked is None:
            return no_update, no_update, no_update
        try:
            done = _handed_over(center.alarm_room().hand_overs, asked, remark or "")
        except OpsCenterError as error:
            return False, said(refusal(error), "wrong"), no_update
        if isinstance(done, Refusal):
            return False, said(Label(f"{done.label.zh}。", f"{done.label.en}."), "wrong"), no_update
        return False, said(Label("已交班。", "Handed over."), "good"), done.id


def _handed_over(desk: HandOvers, asked: Asked, remark: str) -> Any:
    return desk.hand_over(
        asker(), asked.to, asked.since_us, remark.strip(), asked.department, asked.district, asked.seen
    )


def _offered(one: Successor) -> list[str]:
    name = shown_name(one.display_name or one.account)
    zh, en = (" · 在线", " · signed in") if one.signed_in else ("", "")
    return [one.account, f"{name.zh}（{one.account}）{zh}", f"{name.en} ({one.account}){en}"]


def _question(center: Center, asked: Asked, last: Any) -> list[Any]:
    zone = center.pack.manifest.timezone
    scope = scope_label(f"{asked.department}/{asked.district}", scope_names(center.pack))
    began = when(asked.since_us, zone)[:16]
    title = Label(f"交班给 {asked.to}", f"Hand over to {asked.to}")
    about = Label(f"{scope.zh}，自 {began} 起。", f"{scope.en}, since {began}.")
    before = Label("这一范围此前没有交接。", "This scope was not handed over before.")
    if last is not None:
        at, leaving, coming = when(last.at_us, zone)[:16], last.from_account, last.to_account
        before = Label(f"上次：{at}，{leaving} → {coming}。", f"Last time: {at}, {leaving} → {coming}.")
    return [
        html.H2(spoken(title)),
        html.P(spoken(about)),
        html.P(spoken(before), className="quiet"),
        html.P(spoken(_CONSEQUENCE)),
    ]
