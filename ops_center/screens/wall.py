"""The wall (``/wall``, ``/wall/<scene>``): scenes of the whole city, read from eight metres.

This module is what stands around the stage: tools for whoever has a keyboard, the card, what is said when data is lost.
``assets/scene_*.js`` show the scene, ``assets/wall.js`` drives the page from ``/live``, ``card`` answers clicks.
"""

from __future__ import annotations

from typing import Any

from dash import Input, Output, dcc, html

from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.screens import card, incident_open, stage
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.groups import Group
from ops_center.screens.lost import lost_part
from ops_center.screens.menu import user_menu
from ops_center.screens.screen import Center, Screen, both, marked, titled
from ops_center.screens.session_parts import session_parts
from ops_center.screens.time_slider import time_slider
from ops_center.screens.wall_control import connect_parts, wall_parts

_TITLE = Label("城市运行中心 · 总览", "City Operations Center · Wall")


def layout(center: Center) -> Any:
    """Return the page; which scene it shows is in its address, or hangs on the wall that it follows."""
    return html.Div(
        [
            dcc.Store(id="wall-config", data=_config(center)),
            dcc.Store(id="wall-ready"),
            dcc.Store(id="picked"),
            dcc.Store(id="language", data="zh"),
            dcc.Interval(id="card-tick", interval=3000, disabled=True),
            stage.stage(center),
            *_realm(center),
            _tools(center),
            html.Section(id="card"),
            time_slider(),
            lost_part(),
            *wall_parts(center),
            *incident_open.place(center),
            *session_parts(center),
        ],
        id="wall",
    )


def _config(center: Center) -> dict[str, Any]:
    name = center.pack.manifest.name
    return {
        "timezone": center.pack.manifest.timezone,
        "language": "zh",
        "motion": center.motion,
        "title": {"zh": f"{name.zh} · {_TITLE.zh}", "en": f"{name.en} · {_TITLE.en}"},
    }


def _realm(center: Center) -> list[Any]:
    """Return what says that the data is not real: on every display, whatever its scene."""
    banner = center.realm.banner
    return [both(banner, className="realm", id="realm")] if banner else []


def _tools(center: Center) -> Any:
    """Return what is there while somebody moves the mouse or walks by keyboard; a wall that nobody sits at has none."""
    return html.Div(
        [
            html.Div(
                [
                    _button(
                        "alarms", Label("报警标记（A）", "marks of alarms (A)"), [html.Span("▲", className="still")]
                    ),
                    _button(
                        "motion",
                        Label("停止 / 恢复闪动（M）", "motion off / on (M)"),
                        [html.Span("◉", className="still")],
                    ),
                    _button(
                        "time", Label("最近 24 小时（H）", "the last 24 hours (H)"), [html.Span("⟲", className="still")]
                    ),
                    _button("tilt", Label("二维 / 三维（T）", "2D / 3D (T)"), _tilt_words()),
                    _button(
                        "language",
                        Label("English（L）", "中文 (L)"),
                        [html.Span("中", className="en"), html.Span("EN", className="zh")],
                    ),
                ],
                className="buttons",
            ),
            *user_menu(center, "/wall"),
        ],
        id="wall-tools",
    )


def _tilt_words() -> list[Any]:
    to_3d, to_2d = Label("三维", "3D"), Label("二维", "2D")
    return [both(to_3d, className="to-3d"), both(to_2d, className="to-2d")]


def _button(act: str, title: Label, words: list[Any]) -> Any:
    return html.Button(words, **marked(data_act=act), **titled(title))


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks: the scene and the card come from the server, everything else is the browser's."""
    callbacks.in_browser("wall", "mount", Output("wall-ready", "data"), Input("wall-config", "data"))
    stage.connect(callbacks, center)
    card.connect(callbacks, center)
    connect_parts(callbacks)


RIGHTS = Rights(see=PICTURE)
SCREEN = Screen(
    "wall", "/wall", _TITLE, RIGHTS, layout, connect, order=10, group=Group.LIVE, menu=Label("总览", "Wall"), below=True
)
