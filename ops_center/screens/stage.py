"""The stage: where a page shows a scene. Two slots, so that the next scene is there before the last one goes.

``assets/scene_stage.js`` says which scene a slot is to hold; the server renders it for whoever asks. Used by the wall
and by the editor's preview.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from dash import MATCH, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from layers.contract import Layer
from ops_center.domain.errors import ConfigurationError, OpsCenterError
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.scenes.reading import judged, read_file, readable, shipped_files
from ops_center.scenes.scene import Scene
from ops_center.screens import deckgl
from ops_center.screens.alarm_words import script_config
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.incident_words import wall_config
from ops_center.screens.panels import options_by_kind
from ops_center.screens.panels.framing import Asked, asked_id, body, body_id, scene_of, tick_id
from ops_center.screens.screen import Center, both, marked
from ops_center.services.alarm_rights import ALARMS
from ops_center.services.incidents.rights import INCIDENTS
from ops_center.services.scenes import DEFAULT

SLOTS = ("a", "b")
RIGHTS = Rights(see=PICTURE)
_NO_SCENE = Label("没有这个场景", "there is no such scene")


class Wanted(msgspec.Struct, frozen=True):
    """Which scene a slot is to hold."""

    seq: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    """of the question; the answer carries it"""
    scene: Annotated[str, msgspec.Meta(max_length=60)]
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    """None: the newest"""
    form: dict[str, Any] | None = None
    """a scene that nobody saved yet, to be looked at"""


def stage(center: Center) -> Any:
    """Return the stage, empty."""
    slots = [html.Div(id=f"stage-{slot}", className="sp-slot", **marked(aria_hidden="true")) for slot in SLOTS]
    wanted = [dcc.Store(id=f"stage-wanted-{slot}") for slot in SLOTS]
    config = dcc.Store(id="stage-config", data=stage_config(center))
    return html.Div([*slots, *wanted, config, dcc.Store(id="stage-ready")], id="stage")


def stage_config(center: Center) -> dict[str, Any]:
    """Return what the scripts of panels need to know; everything else comes over ``/live``."""
    who = asker()
    shown = [layer for layer in center.layers.values() if who.may_see(layer.rights)]
    attribution = center.pack.manifest.attribution
    return {
        "map": deckgl.map_config(center.pack.manifest.bounds),
        "layers": deckgl.layer_configs(shown),
        "names": {layer.name: _label(layer) for layer in shown},
        "alarms": script_config(center) if center.alarms is not None and who.may_see(ALARMS) else None,
        "incidents": wall_config(center) if center.incidents is not None and who.may_see(INCIDENTS) else None,
        "timezone": center.pack.manifest.timezone,
        "motion": center.motion,
        "attribution": list(attribution),
        "scene": DEFAULT,
    }


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks of every stage; once for all pages."""
    callbacks.in_browser("stage", "mount", Output("stage-ready", "data"), Input("stage-config", "data"))
    for slot in SLOTS:
        _connect_slot(callbacks, center, slot)

    @callbacks.add(
        Output(body_id(MATCH, MATCH), "children"),
        Input(tick_id(MATCH, MATCH), "n_intervals"),
        State(asked_id(MATCH, MATCH), "data"),
        rights=RIGHTS,
        prevent_initial_call=True,
    )
    def _again(_tick: object, asked: Asked | None) -> Any:
        if asked is None:
            raise PreventUpdate
        return body(center, asked)


def found_scene(center: Center, wanted: Wanted) -> Scene | None:
    """Return the scene that is wanted; None where there is none. Raises StoreError.

    Where nobody keeps scenes, and where the database has not got the default yet, it is what ships.
    """
    if wanted.form is not None:
        found = judged(wanted.form, options_by_kind())
        return found if isinstance(found, Scene) else None
    if center.scenes is not None:
        row = next((row for row in center.scenes.list() if row.name == wanted.scene), None)
        if row is not None and wanted.version not in {None, row.version}:
            row = center.scenes.at(wanted.scene, wanted.version)
        if row is not None:
            return readable(row.form)
    return _shipped(wanted.scene)


def _shipped(name: str) -> Scene | None:
    for file, text in shipped_files():
        if file == f"{name}.toml":
            return read_file(text, file, options_by_kind())
    return None


def _connect_slot(callbacks: Callbacks, center: Center, slot: str) -> None:
    @callbacks.add(
        Output(f"stage-{slot}", "children"),
        Input(f"stage-wanted-{slot}", "data"),
        rights=RIGHTS,
        prevent_initial_call=True,
    )
    def _hold(wanted: Wanted | None) -> Any:
        if wanted is None:
            return []
        try:
            scene = found_scene(center, wanted)
        except (OpsCenterError, ConfigurationError) as error:
            return _answer(wanted, "failed", str(error))
        if scene is None:
            return _answer(wanted, "unknown", both(_NO_SCENE))
        center.saw(asker(), "page.seen", f"/wall/{scene.name}")
        return _answer(wanted, "ok", scene_of(center, scene, slot))


def _answer(wanted: Wanted, outcome: str, content: Any) -> Any:
    shown = content if outcome == "ok" else html.Div(content, className="sp-none")
    return html.Div(shown, className="sp-answer", **marked(data_seq=str(wanted.seq), data_outcome=outcome))


def _label(layer: Layer) -> dict[str, str]:
    return {"zh": layer.label.zh, "en": layer.label.en}
