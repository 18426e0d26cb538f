"""The bar that plays the last 24 hours of the maps on a page; ``assets/time_slider.js`` drives it."""

from __future__ import annotations

from typing import Any

from dash import html

from ops_center.domain.text import Label
from ops_center.screens.screen import both, marked, titled

SPEEDS = (60, 300, 1800)
"""seconds of the city a second: an hour in a minute, five hours in a minute, a day in 48 seconds"""


def time_slider(element_id: str = "time-slider") -> Any:
    """Return the bar, closed: the maps are live until it is opened and moved."""
    return html.Section(
        [
            _button("close", Label("关闭，回到实时（H）", "close, back to live (H)"), "×", className="time-close"),
            _button("back", Label("后退一分钟（,）", "back a minute (,)"), "‹"),
            _button("play", Label("播放 / 暂停（空格）", "play / pause (space)"), "▶", className="time-play"),
            _button("forward", Label("前进一分钟（.）", "forward a minute (.)"), "›"),
            html.Div(
                [_speed(speed) for speed in SPEEDS],
                className="time-speeds",
                role="group",
                **titled(Label("回看速度", "speed of looking back")),
            ),
            html.Div(className="time-track"),
            html.Div(
                [
                    both(Label("实时", "LIVE"), className="time-badge live"),
                    both(Label("回看", "PAST"), className="time-badge past"),
                    html.Span(className="time-moment num"),
                    html.Span(className="time-ago"),
                    both(Label("读取中…", "reading…"), className="time-said loading"),
                    both(Label("历史数据暂时读不到", "the past can't be read now"), className="time-said fault"),
                ],
                className="time-when",
                role="status",
            ),
            html.Button(
                both(Label("回到实时", "Back to live")),
                className="time-live",
                type="button",
                **marked(data_time="live"),
            ),
        ],
        id=element_id,
        className="time-slider",
        hidden=True,
        **titled(Label("时间：最近 24 小时", "time: the last 24 hours")),
    )


def _button(act: str, title: Label, sign: str, **attributes: Any) -> Any:
    sign_part = html.Span(sign, **marked(aria_hidden="true"))
    return html.Button(sign_part, type="button", **attributes, **marked(data_time=act), **titled(title))


def _speed(speed: int) -> Any:
    text = html.Span(f"{speed}×", className="num")
    return html.Button(text, type="button", **marked(data_time="speed", data_speed=str(speed), aria_pressed="false"))
