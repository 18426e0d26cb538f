"""The map of a scope: the city's districts, water and larger roads, what the rule reaches, and an outline to draw.

A canvas that assets/rule_map.js draws: no tiles and no graphics card are needed for an outline.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from ops_center.domain.text import Label
from ops_center.screens.screen import both, marked


def scope_map() -> Any:
    """Return the map, its buttons and what it shows (``rule-dots``: places as the server found them)."""
    return html.Div(
        [
            html.Div(
                [
                    html.Div(id="rule-reach", className="grow", role="status"),
                    _act("rule-draw", Label("画区域", "Draw an area")),
                    _act("rule-undraw", Label("清除区域", "Clear the area")),
                    _act("rule-whole", Label("全图", "Whole city")),
                ],
                className="row map-line",
            ),
            html.Canvas(id="rule-map", tabIndex=0, **marked(aria_hidden="true")),
            html.P(
                both(
                    Label(
                        "画区域：单击加点，双击或回车完成，Esc 取消；完成后可拖动各点。滚轮缩放，拖动平移。",
                        "Drawing: click adds a point, double click or Enter ends it, Esc drops it; "
                        "points can be dragged. The wheel zooms, dragging moves.",
                    )
                ),
                className="quiet",
            ),
            dcc.Store(id="rule-dots", data=[]),
        ],
        className="scope-map",
    )


def _act(act: str, label: Label) -> Any:
    return html.Button(both(label), className="copy", **marked(data_act=act))
