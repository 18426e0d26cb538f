"""What is judged of a route while it is typed, saving it, and telling its targets that this is a test."""

from __future__ import annotations

from typing import Any

import msgspec
from dash import Input, Output, State, html, no_update

from alerts.route import Route
from ops_center.domain.errors import ConfigurationError, Fenced, OpsCenterError
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import said
from ops_center.screens.form_values import rested
from ops_center.screens.refusals import refusal
from ops_center.screens.route_form import FIELDS, WHOLE, Faults, read
from ops_center.screens.route_parts import field_id
from ops_center.screens.route_rows import OVER, outcomes
from ops_center.screens.screen import Center, both
from ops_center.services.notifications.routes import ROUTES

_MOST_IDS = 50
_GONE = Label("没有这条路由。", "There is no such route.")


class Target(msgspec.Struct, frozen=True):
    """What a draft is of. As browsers send it."""

    name: str = ""
    """of the route; "": a new one"""
    seen: int = 0
    """the version that it began with; 0: none"""
    key: str = ""


class Tested(msgspec.Struct, frozen=True):
    """Which rows of the journal say what became of a test. As browsers send it."""

    route: str = ""
    ids: list[int] = []


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    _connect_saving(callbacks, center)
    _connect_testing(callbacks, center)


def _connect_saving(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        *(Output(field_id(name), "error") for name in FIELDS),
        Output("route-faults", "children"),
        rested("route-values"),
        State("route-target", "data"),
        rights=ROUTES,
    )
    def _judge(values: dict[str, Any] | None, target: Target | None) -> Any:
        nothing = [None] * len(FIELDS)
        if values is None or target is None:
            return [*nothing, []]
        try:
            form, faults = _read(center, values, target)
        except OpsCenterError as error:
            return [*nothing, said(refusal(error), "wrong")]
        return [*_beside(faults), _told(center, form, faults)]

    @callbacks.add(
        Output("route-answer", "children"),
        Output("route-done", "data"),
        Output("route-changed", "data"),
        Input("route-save", "n_clicks"),
        State("route-values", "data"),
        State("route-target", "data"),
        rights=ROUTES,
        changes=True,
        running=[(Output("route-fields", "disabled"), True, False)],  # what is typed meanwhile would be lost
        prevent_initial_call=True,
    )
    def _save(clicks: int | None, values: dict[str, Any] | None, target: Target | None) -> Any:
        if not clicks or values is None or target is None:
            return (no_update,) * 3
        try:
            form, _ = _read(center, values, target)
            if form is None:
                wrong = Label("尚不能保存：请先改正标出的各处。", "Not yet: correct the fields that are marked first.")
                return said(wrong, "wrong"), no_update, no_update
            saved = center.notifying().save(asker(), form, target.seen)
        except Fenced:
            return said(_passed(center, target), "wrong"), no_update, no_update
        except (OpsCenterError, ConfigurationError) as error:
            return said(refusal(error), "wrong"), no_update, no_update
        done = {"name": saved.name, "key": target.key}
        return said(_saved(saved, target), "good"), done, [saved.name, saved.version]


def _connect_testing(callbacks: Callbacks, center: Center) -> None:
    callbacks.in_browser(
        "desk",
        "close",
        Output("route-ask", "opened", allow_duplicate=True),
        Input("route-ask-no", "n_clicks"),
        prevent_initial_call=True,
    )

    @callbacks.add(
        Output("route-ask", "opened"),
        Output("route-ask-text", "children"),
        Output("route-tested", "children", allow_duplicate=True),
        Input("route-test", "n_clicks"),
        State("route-target", "data"),
        rights=ROUTES,
        changes=True,
        prevent_initial_call=True,
    )
    def _ask(clicks: int | None, target: Target | None) -> Any:
        if not clicks or target is None:
            return (no_update,) * 3
        try:
            route = _route(center, target)
        except OpsCenterError as error:
            return no_update, no_update, said(refusal(error), "wrong")
        if route is None:
            return no_update, no_update, said(Label("请先保存。", "Save it first."), "wrong")
        return True, _asked(center, route), no_update

    @callbacks.add(
        Output("route-ask", "opened", allow_duplicate=True),
        Output("route-ids", "data"),
        Output("route-tested", "children", allow_duplicate=True),
        Input("route-ask-yes", "n_clicks"),
        State("route-target", "data"),
        rights=ROUTES,
        changes=True,
        prevent_initial_call=True,
    )
    def _test(clicks: int | None, target: Target | None) -> Any:
        if not clicks or target is None:
            return (no_update,) * 3
        try:
            made = center.notifying().test(asker(), target.name)
        except OpsCenterError as error:
            return False, no_update, said(refusal(error), "wrong")
        if made is None:
            return False, no_update, said(_GONE, "wrong")
        return False, {"route": target.name, "ids": list(made)}, []

    @callbacks.add(
        Output("route-tested", "children"),
        Output("route-quick", "disabled"),
        Input("route-ids", "data"),
        Input("route-quick", "n_intervals"),
        State("route-target", "data"),
        rights=ROUTES,
    )
    def _became(tested: Tested | None, _tick: object, target: Target | None) -> Any:
        if tested is None or target is None or tested.route != target.name:
            return [], True
        ids = [one for one in tested.ids[:_MOST_IDS] if 0 < one < 2**53]
        try:
            found = center.notifying().outcomes(asker(), tested.route[:100], ids)
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), False
        return outcomes(center, found), all(one.state in OVER for one in found)


def _read(center: Center, values: dict[str, Any], target: Target) -> tuple[dict[str, Any] | None, Faults]:
    names = frozenset(route.name for route in center.notifying().routes())
    return read(values, target.name if target.name in names else "", names)


def _route(center: Center, target: Target) -> Route | None:
    return next((one for one in center.notifying().routes() if one.name == target.name), None)


def _beside(faults: Faults) -> list[Any]:
    return [both(faults[name]) if name in faults else None for name in FIELDS]


def _told(center: Center, form: dict[str, Any] | None, faults: Faults) -> Any:
    """Return what is said beside the button: how much is missing, or what saving would mean here."""
    if WHOLE in faults:
        return said(faults[WHOLE], "wrong")
    if form is None:
        return said(Label(f"还有 {len(faults)} 处需要填写或改正", f"Fields to complete: {len(faults)}"), "wrong")
    if not form["enabled"]:
        return said(Label("停用：不会发送任何通知。", "Disabled: nothing is sent."))
    route = msgspec.convert(form, Route)
    if route.told_in(center.realm):
        return []
    drill = Label("演练中不外发任何消息。", "Out of a drill nothing leaves.")
    other = Label("数据不是真实的：此路由不会发送。", "This data is not real: the route sends nothing of it.")
    return said(drill if center.realm is Realm.DRILL else other)


def _saved(route: Route, target: Target) -> Label:
    if route.version == target.seen:
        return Label("没有改动。", "Nothing differs.")
    if not route.enabled:
        return Label(f"已保存为第 {route.version} 版：停用。", f"Saved as version {route.version}: disabled.")
    return Label(f"已保存为第 {route.version} 版，立即生效。", f"Saved as version {route.version}; it counts at once.")


def _passed(center: Center, target: Target) -> Label:
    """Return who saved the route meanwhile: what is typed stays, and may be put over theirs or dropped."""
    try:
        newest = next(iter(center.notifying().versions(target.name)), None)
    except OpsCenterError:
        newest = None
    who = newest.author if newest else ""
    return Label(
        f"没有保存：{who} 已先保存了另一个版本。放弃改动可看到现在的版本。",
        f"Not saved: {who} saved another version meanwhile. Drop the changes to see it.",
    )


def _asked(center: Center, route: Route) -> list[Any]:
    count = len(route.targets)
    told = Label(
        f"按第 {route.version} 版告知 {count} 个对象这是测试：", f"Version {route.version}; told that this is a test:"
    )
    lines = [html.P(both(told)), html.Ul([html.Li(target) for target in route.targets])]
    if not route.told_in(center.realm):
        lines.append(
            html.P(both(Label("此处不外发：结果会是“未发送”。", "Nothing leaves here: it will say “not sent”.")))
        )
    return lines
