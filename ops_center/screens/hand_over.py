"""The hand-over between shifts (``/alarms/handover``), and one that was written (``/alarms/handover/<id>``).

Live until it is handed over; what was handed over is read as it was written. ``hand_over_parts`` shows either,
``hand_over_acts`` hands over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update

from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import hand_over_acts as acts
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import button, choice, connect_choices, panel, said, table, when
from ops_center.screens.groups import Group
from ops_center.screens.hand_over_parts import written
from ops_center.screens.hand_over_words import HAND_OVERS, SPANS, scope_label, scope_of, scopes, since_us
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both, spoken

_TITLE = Label("交接班", "Shift hand-over")
_PATH = "/alarms/handover"
_ONE = re.compile(rf"{_PATH}/(\d{{1,15}})/?")
_AT_ONCE, _MOST = 20, 500
_UNKNOWN = Label("没有这份交接班记录，或您无权查看。", "There is no such hand-over, or none that you may see.")
_NOTHING = Label("还没有交接班记录。", "No shift was handed over yet.")


def layout(center: Center) -> Any:
    """Return the page."""
    names, who = scope_names(center.pack), asker()
    offered = [(value, scope_label(value, names)) for value in scopes(who)]
    spans = [{"value": value, "label": both(label)} for value, label in SPANS]
    period = html.Div(
        [
            html.Label(spoken(Label("班次", "shift"))),
            dmc.SegmentedControl(id="handover-span", data=spans, value="last"),
        ],
        className="field",
    )
    scope = choice("handover-scope", Label("范围", "of"), offered, offered[0][0] if offered else None, w="15rem")
    printing = button("handover-print", Label("打印", "Print"))
    back = html.A(both(Label("返回当班", "to this shift")), href=_PATH, className="copy handover-back")
    return framed(
        center,
        _PATH,
        _TITLE,
        html.Div(
            [
                html.Div(
                    [
                        html.Div([period, *scope], className="row handover-asked"),
                        back,
                        html.Div(className="grow"),
                        printing,
                    ],
                    className="row handover-head",
                ),
                html.Article(id="handover-text", className="panel handover-text"),
                html.Div(
                    [
                        *acts.form(who),
                        panel(
                            Label("已交接的班次", "Shifts handed over"),
                            html.Div(id="handover-past"),
                            button("handover-older", Label("更早", "older")),
                        ),
                    ],
                    className="handover-side",
                ),
                acts.dialog(),
                dcc.Store(id="handover-told"),
                dcc.Interval(id="handover-tick", interval=10_000),
            ],
            id="handover",
            className="handover",
        ),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    acts.connect(callbacks, center)
    connect_choices(callbacks, "handover-scope")
    callbacks.in_browser("handover", "print", Output("handover-told", "data"), Input("handover-print", "n_clicks"))

    @callbacks.add(
        Output("handover-text", "children"),
        Output("handover", "className"),
        Input("handover-span", "value"),
        Input("handover-scope", "value"),
        Input("handover-tick", "n_intervals"),
        Input("url", "pathname"),
        State("handover", "className"),
        rights=HAND_OVERS,
    )
    def _text(span: object, scope: object, _tick: object, path: object, shown: object) -> Any:
        one = _ONE.fullmatch(path) if isinstance(path, str) else None
        if one is not None:  # it never changes: it is read once
            read = shown == "handover opened"
            return (no_update, no_update) if read else (_opened(center, int(one[1])), "handover opened")
        return _draft(center, span, scope), "handover"

    @callbacks.add(
        Output("handover-past", "children"),
        Output("handover-older", "disabled"),
        Input("handover-older", "n_clicks"),
        Input("handover-tick", "n_intervals"),
        rights=HAND_OVERS,
    )
    def _past(clicks: object, _tick: object) -> Any:
        limit = min(_AT_ONCE * (1 + (clicks if isinstance(clicks, int) and clicks > 0 else 0)), _MOST)
        try:
            found = center.alarm_room().hand_overs.list(asker(), limit)
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), True
        return _list(center, found), len(found) < limit or limit == _MOST


def _draft(center: Center, span: object, scope: object) -> Any:
    try:
        desk = center.alarm_room().hand_overs
        began = since_us(desk, asker(), span, center.staffed().clock.now_us())
        return written(center, desk.draft(asker(), began, *scope_of(scope)))
    except OpsCenterError as error:
        return said(refusal(error), "wrong")


def _opened(center: Center, number: int) -> Any:
    try:
        found = center.alarm_room().hand_overs.find(asker(), number)
    except OpsCenterError as error:
        return said(refusal(error), "wrong")
    if found is None:
        return said(_UNKNOWN, "wrong")
    center.saw(asker(), "hand_over.seen", str(number))
    return written(center, found)


def _list(center: Center, found: Sequence[Any]) -> Any:
    zone, names = center.pack.manifest.timezone, scope_names(center.pack)
    heads = (Label("时间", "when"), Label("交班人 → 接班人", "from → to"), Label("范围", "of"))
    rows = [
        [
            html.A(when(one.at_us, zone)[:16], href=f"{_PATH}/{one.id}", className="num handover-link"),
            f"{one.from_account} → {one.to_account}",
            both(scope_label(f"{one.department}/{one.district}", names)),
        ]
        for one in found
    ]
    return table(heads, rows, _NOTHING)


SCREEN = Screen(
    "hand_over",
    _PATH,
    _TITLE,
    HAND_OVERS,
    layout,
    connect,
    order=34,
    group=Group.ALARMS,
    menu=Label("交接班", "Hand-over"),
    below=True,
)
