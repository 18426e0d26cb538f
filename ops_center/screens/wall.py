"""The wall (``/wall``): the whole city on one picture, read from eight metres.

This module is what stands around the map; ``assets/wall.js`` drives it from ``/live``, ``card`` answers clicks.
"""

from __future__ import annotations

from typing import Any

from dash import Input, Output, dcc, html

from layers.contract import Layer
from ops_center.city.kinds import FEEDS
from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import card, deckgl
from ops_center.screens.alarm_words import script_config
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.legend import OFF_AT_FIRST, aged_line, layer_legend
from ops_center.screens.lost import lost_part
from ops_center.screens.menu import user_menu
from ops_center.screens.screen import Center, Screen, both, spoken, titled
from ops_center.screens.session_parts import session_parts
from ops_center.screens.time_slider import time_slider
from ops_center.services.alarm_rights import ALARMS

_TITLE = Label("城市运行中心 · 总览", "City Operations Center · Wall")


def layout(center: Center) -> Any:
    """Return the page."""
    who = asker()
    seen = (layer for layer in center.layers.values() if who.may_see(layer.rights))
    shown = tuple(sorted(seen, key=lambda layer: (layer.name in OFF_AT_FIRST, -layer.order)))
    return html.Div(
        [
            dcc.Store(id="map-config", data=_config(center, shown)),
            dcc.Store(id="picked"),
            dcc.Store(id="language", data="zh"),
            dcc.Interval(id="card-tick", interval=3000, disabled=True),
            html.Div(id="map-holder"),
            html.Div(className="shade top"),
            html.Div(className="shade bottom"),
            _header(center),
            html.Div(id="alarm-strip", className="alarm-strip"),
            html.Aside([*(_layer_row(number, layer) for number, layer in enumerate(shown, 1)), aged_line()]),
            html.Section(id="card"),
            time_slider(),
            _footer(center),
            lost_part(),
            *session_parts(center),
        ],
        id="wall",
    )


def _config(center: Center, shown: tuple[Layer, ...]) -> dict[str, Any]:
    """Return what the scripts need to know; everything else comes over ``/live``."""
    name = center.pack.manifest.name
    return {
        "map": deckgl.map_config(center.pack.manifest.bounds),
        "layers": deckgl.layer_configs(sorted(shown, key=lambda layer: layer.order)),
        "switches": [layer.name for layer in shown],
        "hidden": [*OFF_AT_FIRST],
        "timezone": center.pack.manifest.timezone,
        "language": "zh",
        "motion": center.motion,
        "alarms": script_config(center) if center.alarms is not None and asker().may_see(ALARMS) else None,
        "title": {"zh": f"{name.zh} · {_TITLE.zh}", "en": f"{name.en} · {_TITLE.en}"},
    }


def _header(center: Center) -> Any:
    manifest = center.pack.manifest
    banner = center.realm.banner
    realm = [both(banner, className="realm", id="realm")] if banner else []
    return html.Header(
        [
            html.Div(
                [html.H1(spoken(manifest.name)), both(Label("城市运行中心", "City Operations Center"))],
                className="city",
            ),
            *realm,
            html.Div(className="spring"),
            _count("things", f"{_things_seen(center):,}", Label("感知设备", "things")),
            _count("rate", "—", Label("观测/秒", "observations/s")),
            html.Div([html.B(id="clock-time", className="num"), html.Span(id="clock-day")], className="clock"),
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
                    _button("language", Label("English（L）", "中文 (L)"), [_en("中"), _zh("EN")]),
                ],
                className="buttons",
            ),
            *user_menu(center, "/wall"),
        ]
    )


def _things_seen(center: Center) -> int:
    who, things = asker(), center.frame().catalog.things.values()
    if who.sees_all(RIGHTS):
        return len(things)
    return sum(who.may_see_of(RIGHTS, thing.department, thing.district) for thing in things)


def _tilt_words() -> list[Any]:
    to_3d, to_2d = Label("三维", "3D"), Label("二维", "2D")
    return [both(to_3d, className="to-3d"), both(to_2d, className="to-2d")]


def _zh(text: str) -> Any:
    return html.Span(text, className="zh")


def _en(text: str) -> Any:
    return html.Span(text, className="en")


def _button(act: str, title: Label, words: list[Any]) -> Any:
    return html.Button(words, **{"data-act": act, **titled(title)})


def _count(name: str, value: str, label: Label) -> Any:
    return html.Div([html.B(value, id=name, className="num"), both(label)], className="count")


def _marks(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return attributes whose names Python can't spell."""
    return attributes


def _layer_row(number: int, layer: Layer) -> Any:
    switch = html.Button(
        [html.Kbd(str(number)), both(layer.label, className="name"), html.Span(className="eye")],
        className="layer-switch",
        **_marks({"data-act": "layer", "data-value": layer.name, "aria-pressed": "true"}),
    )
    marks = _marks({"data-layer": layer.name, "data-feed": " ".join(layer.feeds)})
    extra = " extra" if layer.name in OFF_AT_FIRST else ""
    return html.Div([switch, layer_legend(layer)], className=f"layer-row{extra}", **marks)


def _footer(center: Center) -> Any:
    return html.Footer(
        [
            html.Div([_feed(name, label) for name, label in FEEDS.items()], className="feeds"),
            html.Div(className="spring"),
            html.Div(
                [
                    html.Div(_attribution(center), className="attribution"),
                    html.Div([html.Div(id="scale-text", className="num"), html.Div(id="scale-bar")]),
                    html.Button(
                        [html.Span(id="north"), both(Label("北", "N"))],
                        className="north",
                        **{"data-act": "north", **titled(Label("正北朝上（N）", "north up (N)"))},
                    ),
                ],
                className="furniture",
            ),
        ]
    )


def _feed(name: str, label: Label) -> Any:
    words = [
        both(Label("陈旧", "aged"), className="word aged"),
        both(Label("未收到", "never"), className="word never"),
    ]
    return html.Div(
        [html.Span(className="mark"), both(label), *words, html.Span("—", className="age num")],
        id=f"feed-{name}",
        className="feed",
        **_marks({"data-state": "never"}),
    )


def _attribution(center: Center) -> list[Any]:
    """Return the sources of the city's data; names of sources are not translated."""
    lines = center.pack.manifest.attribution
    return [both(Label("底图", "Map data")), " © ", " · ".join(lines)] if lines else []


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks: the map is made in the browser, the card on the server."""
    callbacks.in_browser("wall", "mount", Output("map-holder", "children"), Input("map-config", "data"))
    card.connect(callbacks, center)


RIGHTS = Rights(see=PICTURE)
SCREEN = Screen("wall", "/wall", _TITLE, RIGHTS, layout, connect, order=10, menu=Label("总览", "Wall"))
