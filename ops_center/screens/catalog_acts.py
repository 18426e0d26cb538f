"""Retiring a thing: asked about first, with a reason, done once; it keeps its history and can't be taken back."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, ctx, html, no_update

from ops_center.domain.errors import OpsCenterError, ThingChanged
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.catalog_form import named
from ops_center.screens.desk_parts import answer, button, said, text_input
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, spoken

_TITLE = Label("停用设备", "Retire the thing")
_CONSEQUENCE = Label(
    "它保留历史与编号，不再接收数据，也不能恢复；替换的设备须用新编号。",
    "It keeps its history and its id, accepts nothing more, and can't be taken back: "
    "a device in its place needs an id of its own.",
)
_WHY = Label("原因（记入审计）", "reason (it goes into the audit)")
_NEEDED = Label("请填写原因。", "Please give a reason.")
_PASSED = Label("没有停用：他人刚修改了它，请先查看。", "Not retired: somebody has just changed it. Look at it first.")


def dialog() -> Any:
    """Return the dialog."""
    buttons = [
        button("catalog-retire-no", Label("取消", "Cancel")),
        button("catalog-retire-yes", Label("停用", "Retire"), kind="risky"),
    ]
    return dmc.Modal(
        [
            html.H2(spoken(_TITLE)),
            html.P(both(_CONSEQUENCE)),
            text_input("catalog-retire-why", _WHY),
            answer("catalog-retire-answer"),
            html.Div(buttons, className="row end"),
        ],
        id="catalog-retire-box",
        opened=False,
        withCloseButton=False,
        centered=True,
        size="34rem",
        keepMounted=True,
    )


def connect(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    """Register the callbacks."""
    callbacks.in_browser(
        "desk",
        "close",
        Output("catalog-retire-box", "opened", allow_duplicate=True),
        Input("catalog-retire-no", "n_clicks"),
        prevent_initial_call=True,
    )

    @callbacks.add(
        Output("catalog-retire-box", "opened"),
        Output("catalog-retire-answer", "children", allow_duplicate=True),
        Input({"type": "catalog-retire", "of": ALL}, "n_clicks"),
        rights=rights,
        prevent_initial_call=True,
    )
    def _ask(_clicks: object) -> Any:
        pressed = isinstance(ctx.triggered_id, dict) and ctx.triggered and ctx.triggered[0]["value"]
        return (True, []) if pressed else (no_update, no_update)

    @callbacks.add(
        Output("catalog-retire-answer", "children"),
        Output("catalog-retire-box", "opened", allow_duplicate=True),
        Output("catalog-retire-why", "value"),
        Output("catalog-reload", "data", allow_duplicate=True),
        Output("catalog-changed", "data", allow_duplicate=True),
        Input("catalog-retire-yes", "n_clicks"),
        State("catalog-name", "data"),
        State("catalog-held", "data"),
        State("catalog-retire-why", "value"),
        State("catalog-changed", "data"),
        rights=rights,
        changes=True,
        prevent_initial_call=True,
    )
    def _retire(clicks: object, name: object, held: object, why: str | None, changed: object) -> Any:
        nothing, of = (no_update,) * 4, named(name)
        if not clicks or of is None or not isinstance(held, dict):
            return no_update, *nothing
        if not (why or "").strip():
            return said(_NEEDED, "wrong"), *nothing
        try:
            thing = center.thing_room().find(asker(), *of)
            if thing is None:
                return no_update, *nothing
            center.catalog_desk().retire(asker(), thing, str(held.get("print", "")), str(why))
        except ThingChanged:
            return said(_PASSED, "wrong"), *nothing
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), *nothing
        count = changed + 1 if isinstance(changed, int) else 1
        return [], False, "", -count, count
