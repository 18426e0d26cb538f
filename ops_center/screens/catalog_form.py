"""A thing as it is edited: its fields, what is wrong with them, its place on a map; saved over what one has seen only.

The draft is what differs from the thing as it was opened. The server judges it at every change; saving is refused where
somebody else was faster, says who and when, and keeps the draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dash import ALL, Input, Output, State, dcc, html

from ops_center.domain.catalog import Thing
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.catalog_inputs import fields_of
from ops_center.screens.desk_parts import answer, badge, button, said
from ops_center.screens.form_values import connect_form_values, form_values
from ops_center.screens.links import thing_path
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, marked, spoken, titled
from ops_center.services.things.desk import fingerprint
from ops_center.services.things.forms import AUTO, LONGEST, form_of, held_streams

INPUTS = {"type": "catalog-field", "kind": ALL, "path": ALL}
NEW = "+"
_MOST_NAME = 600
GONE = Label("没有这个设备，或您无权查看。", "There is no such thing, or none that you may see.")
_KEPT = Label("已恢复您未保存的草稿。", "Your draft that was not saved is back.")
NOT_YOURS = Label("只读：您的职权不包括这个设备。", "Read only: your grants don't cover this thing.")
_EMPTY = {
    "district": AUTO,
    "crs": "wgs84",
    "producer": "",
    "thing_id": "",
    "kind": "",
    "feed": "",
    "name_zh": "",
    "name_en": "",
    "x": "",
    "y": "",
    "department": "",
    "datastreams": "",
    "attributes": "",
}


def layout(may_add: bool) -> Any:
    """Return the form; what is in it comes when a thing is opened."""
    saving = html.Div(
        [
            html.Div(id="catalog-judged", className="grow"),
            button("catalog-undo", Label("放弃改动", "Undo")),
            button("catalog-save", Label("保存", "Save"), kind="main"),
        ],
        id="catalog-saving",
        className="saving row",
        hidden=not may_add,
    )
    return html.Div(
        [
            html.Div(id="catalog-head"),
            answer("catalog-draft-told"),
            html.Div(
                [
                    html.Canvas(id="catalog-map", role="img", **titled(Label("位置图", "map of its place"))),
                    html.P(
                        both(
                            Label(
                                "单击地图或拖动标记定位（WGS 84）；滚轮缩放。",
                                "Click the map or drag the mark to place it (WGS 84); the wheel zooms.",
                            )
                        ),
                        className="quiet",
                    ),
                    html.Fieldset(id="catalog-fields", className="catalog-fields"),
                ],
                className="catalog-scroll",
            ),
            answer("catalog-answer"),
            saving,
            dcc.Store(id="catalog-held", data={}),
            *form_values("catalog-flat", {}),
            dcc.Store(id="catalog-faults", data={}),
            dcc.Store(id="catalog-place", data=None),
            dcc.Store(id="catalog-reload", data=0),
        ],
        className="panel catalog-form",
    )


def connect(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    """Register the callbacks."""
    _connect_browser(callbacks)
    _connect_opening(callbacks, center, rights)


def _connect_browser(callbacks: Callbacks) -> None:
    """What needs no server: which thing is opened, the draft, what is wrong beside its field, the map."""
    page = partial(callbacks.in_browser, "catalog")
    page("chosen", Output("catalog-name", "data"), Input("catalog-rows", "selectedRows"), Input("catalog-me", "id"))
    page(
        "fresh",
        Output("catalog-name", "data", allow_duplicate=True),
        Input("catalog-new", "n_clicks"),
        prevent_initial_call=True,
    )
    page(
        "opened",
        Output("catalog-page", "className"),
        Output("catalog-answer", "children", allow_duplicate=True),
        Input("catalog-name", "data"),
        prevent_initial_call="initial_duplicate",
    )
    connect_form_values(callbacks, "catalog-flat")
    page(
        "gathered",
        Output("catalog-flat", "data"),
        Output("catalog-drafts", "data"),
        Output("catalog-saving", "className"),
        Input(INPUTS, "value"),
        State(INPUTS, "id"),
        State("catalog-held", "data"),
        State("catalog-drafts", "data"),
    )
    page("faulty", Output(INPUTS, "error"), Input("catalog-faults", "data"), State(INPUTS, "id"),
         prevent_initial_call=True)  # fmt: skip
    page("options", Output({"type": "catalog-field", "kind": "select", "path": ALL}, "data"),
         Input("language", "data"), Input({"type": "catalog-words", "path": ALL}, "data"))  # fmt: skip
    page("placed", Output("catalog-map", "className"), Input("catalog-place", "data"), State("catalog-name", "data"))
    page("drafted", Output("catalog-drafts-told", "children"), Input("catalog-drafts", "data"),
         Input("catalog-name", "data"), State("catalog-me", "data"))  # fmt: skip
    page(
        "undone",
        Output("catalog-drafts", "data", allow_duplicate=True),
        Output("catalog-reload", "data", allow_duplicate=True),
        Input("catalog-undo", "n_clicks"),
        State("catalog-held", "data"),
        State("catalog-drafts", "data"),
        State("catalog-reload", "data"),
        prevent_initial_call=True,
    )
    page(
        "settled",
        Output("catalog-drafts", "data", allow_duplicate=True),
        Output("catalog-reload", "data", allow_duplicate=True),
        Output("catalog-answer", "children", allow_duplicate=True),
        Output("catalog-held", "data", allow_duplicate=True),
        Input({"type": "catalog-conflict", "act": ALL, "print": ALL}, "n_clicks"),
        State("catalog-held", "data"),
        State("catalog-drafts", "data"),
        State("catalog-reload", "data"),
        prevent_initial_call=True,
    )


def named(name: object) -> tuple[str, str] | None:
    """Return producer and id of what is opened; None: nothing, or something new."""
    if not isinstance(name, str) or len(name) > _MOST_NAME or "/" not in name:
        return None
    producer, _, thing_id = name.partition("/")
    return producer, thing_id


def _connect_opening(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    @callbacks.add(
        Output("catalog-head", "children"),
        Output("catalog-fields", "children"),
        Output("catalog-held", "data"),
        Output("catalog-draft-told", "children"),
        Input("catalog-name", "data"),
        Input("catalog-reload", "data"),
        State("catalog-drafts", "data"),
        rights=rights,
    )
    def _open(name: object, _reload: object, drafts: object) -> Any:
        if not name:
            return [], [], {}, []
        try:
            who, of = asker(), named(name)
            thing = center.thing_room().find(who, *of) if of else None
            if thing is None and name != NEW:
                return _back(), said(GONE, "wrong"), {}, []
            return _opened(center, thing, drafts)
        except OpsCenterError as error:
            return _back(), [], {}, said(refusal(error), "wrong")


def _opened(center: Center, thing: Thing | None, drafts: object) -> Any:
    who, desk = asker(), center.catalog_desk()
    streams = held_streams(desk.catalog(), thing)
    held = form_of(thing, streams) if thing else dict(_EMPTY)
    print_ = fingerprint(thing, streams) if thing else ""
    key = f"{who.account} {thing.producer}/{thing.thing_id}" if thing else f"{who.account} {NEW}"
    may = desk.may_change(who, thing.department, thing.district) if thing else desk.may_add(who)
    may = may and not (thing and thing.retired)
    shown, told = held, said(NOT_YOURS) if not may and not (thing and thing.retired) else []
    draft = _draft(drafts, key) if may else None
    if draft:
        shown = {name: str(draft["flat"].get(name, value))[:LONGEST] for name, value in held.items()}
        began = str(draft.get("print", print_))
        told, print_ = said(_KEPT), began
    fields = html.Fieldset(fields_of(center, shown, new=thing is None), disabled=not may, className="catalog-set")
    kept = {"flat": held, "key": key, "print": print_, "may": may, "new": thing is None}
    return _head(center, thing, may), fields, kept, told


def _draft(drafts: object, key: str) -> Mapping[str, Any] | None:
    found = drafts.get(key) if isinstance(drafts, dict) else None
    return found if isinstance(found, dict) and isinstance(found.get("flat"), dict) else None


def _head(center: Center, thing: Thing | None, may: bool) -> Any:
    title = thing.name if thing else Label("登记设备", "Register a thing")
    acts: list[Any] = []
    if thing is not None:
        acts.append(html.A(both(Label("设备页面", "its page")), href=thing_path(thing), className="copy"))
        if may:
            retire = html.Button(
                both(Label("停用", "Retire")), id={"type": "catalog-retire", "of": "it"}, className="copy"
            )
            acts.append(retire)
    marks = [badge(Label("已停用", "retired"), "notice")] if thing and thing.retired else []
    return [
        html.Div([_back(), html.H1(spoken(title), className="grow"), *acts], className="row catalog-title"),
        html.Div(marks),
    ]


def _back() -> Any:
    return html.Button(both(Label("关闭", "Close")), className="link", **marked(data_act="catalog-close"))
