"""What the picture says of itself when it isn't live: how old it is, and why. Shown by ``assets/wall.js``."""

from __future__ import annotations

from typing import Any

from dash import html

from ops_center.domain.text import Label
from ops_center.screens.screen import both, spoken


def lost_part() -> Any:
    """Return all that it can say, hidden until something of it is so."""
    return html.Div(
        [
            html.Div(className="frame"),
            html.Div(
                [
                    *(
                        html.B(spoken(label), className=f"why {state}")
                        for state, label in (
                            ("lost", Label("数据中断", "DATA LOST")),
                            ("cache", Label("实时数据不可用", "LIVE VALUES LOST")),
                            ("aged", Label("实时数据停滞", "LIVE VALUES AGED")),
                        )
                    ),
                    html.P(
                        [
                            both(Label("画面停留在 ", "picture of ")),
                            html.Span(id="lost-time", className="num"),
                            both(Label("，已过 ", ", ")),
                            html.Span(id="lost-age", className="num"),
                            both(Label("，正在重连", " ago, reconnecting")),
                        ]
                    ),
                ],
                className="message",
                role="alert",
            ),
        ],
        id="lost",
    )
