"""A thing that is being edited: judged at every change, saved over what one has seen, refused where passed.

Called by ``catalog``; ``catalog_form`` lays it out and opens it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html, no_update

from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError, ThingChanged
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.catalog_form import GONE, named
from ops_center.screens.desk_parts import said, when
from ops_center.screens.form_values import rested
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both
from ops_center.services.things.desk import Refused, fingerprint
from ops_center.services.things.forms import FIELDS, LONGEST, Fault, held_streams
from ops_center.services.things.imports import FIELD_NAMES

_NOTHING_TYPED = Label("没有要保存的改动。", "There is nothing to save.")


def connect(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    """Register the callbacks."""
    _connect_judging(callbacks, center, rights)
    _connect_saving(callbacks, center, rights)


def _connect_judging(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    @callbacks.add(
        Output("catalog-judged", "children"),
        Output("catalog-faults", "data"),
        Output("catalog-place", "data"),
        rested("catalog-flat"),
        State("catalog-held", "data"),
        State("catalog-name", "data"),
        rights=rights,
    )
    def _judged(flat: object, held: object, name: object) -> Any:
        form = as_form(flat)
        if form is None or not isinstance(held, dict) or not held.get("key"):
            return [], {}, None
        try:
            of, desk = named(name), center.catalog_desk()
            thing = center.thing_room().find(asker(), *of) if of else None
            found = desk.judge(form, thing)
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), {}, None
        if found.registration is None:
            told = Label(f"{len(found.faults)} 处需要更正", f"{len(found.faults)} things to be mended")
            # What was not typed yet is no fault before somebody wants to save it.
            typed = tuple(fault for fault in found.faults if not held.get("new") or form.get(fault.field, ""))
            return both(told, className="quiet"), faults_of(typed), _at(form)
        one = found.registration
        names = scope_names(center.pack)
        where = names.district(one.district) if one.district else Label("不在任何行政区内", "outside of all districts")
        there = desk.ground.district_at(one.longitude, one.latitude)
        by_place = names.district(there) if there else Label("行政区之外", "outside of all districts")
        odd = (f"（坐标位于{by_place.zh}）", f" (its place: {by_place.en})") if there != one.district else ("", "")
        at = f"{one.longitude:.6f}, {one.latitude:.6f} · "
        told = Label(f"{at}{where.zh}{odd[0]}", f"{at}{where.en}{odd[1]}")
        return both(told, className="quiet num"), {}, {"at": [one.longitude, one.latitude], "moves": held.get("may")}


def _at(form: Mapping[str, str]) -> Any:
    """Return the place that is typed while something else is still wrong; only plain WGS 84 is tried."""
    try:
        x, y = float(form.get("x", "")), float(form.get("y", ""))
    except ValueError:
        return {"at": None, "moves": True}
    fine = form.get("crs") == "wgs84" and -180 <= x <= 180 and -90 <= y <= 90
    return {"at": [x, y] if fine else None, "moves": True}


def as_form(flat: object) -> dict[str, str] | None:
    """Return what a browser sent as a form; None: it is none."""
    if not isinstance(flat, dict) or not flat:
        return None
    form = {name: flat.get(name) or "" for name in FIELDS}
    return form if all(isinstance(one, str) and len(one) <= LONGEST for one in form.values()) else None


def faults_of(faults: tuple[Fault, ...]) -> dict[str, list[str]]:
    """Return field → what is wrong with it, in both languages; the first of each."""
    return {fault.field: [fault.what.zh, fault.what.en] for fault in reversed(faults)}


def _connect_saving(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    @callbacks.add(
        Output("catalog-answer", "children", allow_duplicate=True),
        Output("catalog-faults", "data", allow_duplicate=True),
        Output("catalog-drafts", "data", allow_duplicate=True),
        Output("catalog-name", "data", allow_duplicate=True),
        Output("catalog-reload", "data", allow_duplicate=True),
        Output("catalog-changed", "data", allow_duplicate=True),
        Input("catalog-save", "n_clicks"),
        State("catalog-flat", "data"),
        State("catalog-held", "data"),
        State("catalog-name", "data"),
        State("catalog-drafts", "data"),
        State("catalog-reload", "data"),
        State("catalog-changed", "data"),
        rights=rights,
        changes=True,
        running=[(Output("catalog-fields", "disabled"), True, False)],  # what is typed meanwhile would be lost
        prevent_initial_call=True,
    )
    def _save(
        clicks: object, flat: object, held: object, name: object, drafts: object, reload: object, changed: object
    ) -> Any:
        form = as_form(flat)
        if not clicks or form is None or not isinstance(held, dict) or not held.get("key"):
            return (no_update,) * 6
        nothing = (no_update,) * 4
        try:
            of = named(name)
            thing = center.thing_room().find(asker(), *of) if of else None
            if of and thing is None:
                return said(GONE, "wrong"), no_update, *nothing
            outcome = center.catalog_desk().save(asker(), form, thing, str(held.get("print", "")))
        except ThingChanged as error:
            return _passed(center, error), no_update, *nothing
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), no_update, *nothing
        if isinstance(outcome, Refused):
            lines = [_sentence(fault) for fault in outcome.faults]
            return [said(line, "wrong") for line in lines], faults_of(outcome.faults), *nothing
        kept = {key: draft for key, draft in drafts.items() if key != held["key"]} if isinstance(drafts, dict) else {}
        told = said(_said(outcome.new, outcome.changed), "good" if outcome.changed else "calm")
        now = f"{outcome.thing.producer}/{outcome.thing.thing_id}"
        return told, {}, kept, now, _next(reload), _next(changed)


def _said(new: bool, changed: tuple[str, ...]) -> Label:
    if new:
        return Label("已登记，约一秒内生效。", "It is registered, and counts within about a second.")
    if not changed:
        return _NOTHING_TYPED
    names = [FIELD_NAMES.get(name, Label(name, name)) for name in changed]
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    return Label(f"已保存：{zh}。", f"Saved: {en}.")


def _sentence(fault: Fault) -> Label:
    name = FIELD_NAMES.get(fault.field, Label(fault.field, fault.field))
    return Label(f"没有保存。{name.zh}：{fault.what.zh}", f"Not saved. {name.en}: {fault.what.en}")


def _passed(center: Center, error: ThingChanged) -> Any:
    """Say by whom one was passed and when, and ask what is to become of the draft."""
    zone = center.pack.manifest.timezone
    who, at = error.origin or "?", when(error.at_us, zone) if error.at_us else "?"
    thing = center.catalog_desk().known(error.producer, error.thing_id)
    now = fingerprint(thing, held_streams(center.catalog_desk().catalog(), thing)) if thing else ""
    told = Label(
        f"没有保存：{who} 于 {at} 修改了它。您的草稿还在。",
        f"Not saved: {who} changed it at {at}. Your draft is still here.",
    )
    acts = [("mine", Label("以我的改动覆盖", "Put my changes over it")), ("theirs", Label("放弃我的改动", "Drop mine"))]
    buttons = [
        dmc.Button(both(label), id={"type": "catalog-conflict", "act": act, "print": now}, size="sm", variant="default")
        for act, label in acts
    ]
    return [said(told, "wrong"), html.Div(buttons, className="row")]


def _next(count: object) -> int:
    return count + 1 if isinstance(count, int) else 1
