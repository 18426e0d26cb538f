"""The weather of the city: temperature, wind, humidity, the heaviest rain and where, and warnings that were issued."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from dash import html
from numpy.typing import NDArray

from feeds.weather import WARNING_KIND
from layers.contract import LiveFrame
from ops_center.domain.rights import PICTURE, Asker, Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.panels.figures_of import Figure, figure_of, written
from ops_center.screens.panels.kind import PanelKind, PanelOptions, Shown, named
from ops_center.screens.panels.seen_events import kind_of, newest, since
from ops_center.screens.screen import Center, both, spoken

_GRADES = (
    (0.1, Label("无雨", "no rain")),
    (2.5, Label("小雨", "light rain")),
    (8.0, Label("中雨", "moderate rain")),
    (16.0, Label("大雨", "heavy rain")),
    (float("inf"), Label("暴雨", "rainstorm")),
)
"""hourly grades of weather bulletins in China, as ``layers/weather.py`` draws them"""
_POINTS = ("北 N", "东北 NE", "东 E", "东南 SE", "南 S", "西南 SW", "西 W", "西北 NW")


class WeatherOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the weather."""

    warnings: Annotated[bool, named("气象预警", "warnings")] = True


def render(center: Center, options: WeatherOptions) -> Shown:
    """Return the weather."""
    who, frame = asker(), center.frame()
    temperature, wind = _fresh(frame, who, "air_temperature"), _fresh(frame, who, "wind_speed")
    rain, humidity = _fresh(frame, who, "rain_intensity"), _fresh(frame, who, "relative_humidity")
    if not (temperature or wind or rain):
        return Shown([both(Label("未收到气象数据", "no weather was received"))], "empty")
    parts = [_temperature(temperature, rain), html.Dl([*_wind(frame, who, wind), *_humidity(humidity), *_rain(rain)])]
    if options.warnings:
        parts += _warnings(center, who)
    return Shown([html.Div(parts, className="sp-weather")])


def _fresh(frame: LiveFrame, who: Asker, observed_property: str) -> list[Figure]:
    keys = frame.catalog.of_property(observed_property).tolist()
    found = (figure_of(frame, who, key) for key in keys)
    return [one for one in found if one and one.value is not None and not one.aged]


def _values(found: list[Figure]) -> NDArray[np.float64]:
    return np.array([one.value for one in found], np.float64)


def _temperature(found: list[Figure], rain: list[Figure]) -> Any:
    mean = float(_values(found).mean()) if found else None
    heaviest = float(_values(rain).max()) if rain else 0.0
    words = next(label for limit, label in _GRADES if heaviest < limit)
    return html.Div(
        [html.B(written(mean, 0), className="num"), html.Span("°C", className="unit"), html.Span(spoken(words))],
        className="sky",
    )


def _wind(frame: LiveFrame, who: Asker, found: list[Figure]) -> list[Any]:
    if not found:
        return []
    directions = np.radians(_values(_fresh(frame, who, "wind_direction")))
    point = ""
    if len(directions):
        mean = np.degrees(np.arctan2(np.sin(directions).mean(), np.cos(directions).mean())) % 360
        point = _POINTS[round(mean / 45) % 8]
    zh, _, en = point.partition(" ")
    speed = written(float(_values(found).mean()), 1)
    return _pair(Label("风", "wind"), [both(Label(f"{zh}风 ", f"{en} ")) if point else "", f"{speed} m/s"])


def _humidity(found: list[Figure]) -> list[Any]:
    if not found:
        return []
    return _pair(Label("湿度", "humidity"), [f"{written(float(_values(found).mean()), 0)} %"])


def _rain(found: list[Figure]) -> list[Any]:
    """Return the heaviest rain and where; without rain that nothing falls."""
    if not found:
        return []
    most = max(found, key=lambda one: one.value or 0.0)
    amount = most.value or 0.0
    where = [html.Span(spoken(most.thing.name), className="where")] if amount >= _GRADES[0][0] else []
    return _pair(Label("最大雨强", "heaviest rain"), [f"{written(amount, 1)} mm/h", *where])


def _pair(name: Label, value: list[Any]) -> list[Any]:
    return [html.Dt(spoken(name)), html.Dd(value, className="num")]


def _warnings(center: Center, who: Asker) -> list[Any]:
    found = next(newest(center, who, (WARNING_KIND,)), None)
    if found is None:
        return []
    event, _ = found
    return [html.P(["▲ ", both(kind_of(event)), since(event.phenomenon_time_us)], className="warned")]


PANEL = PanelKind(
    "weather",
    Label("天气", "weather"),
    Label("气温、风、湿度、最大雨强与预警", "temperature, wind, humidity, the heaviest rain, warnings"),
    Rights(see=PICTURE),
    WeatherOptions,
    render,
    refresh_s=30.0,
    order=44,
    size=(8, 4),
)
