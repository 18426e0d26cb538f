"""The series that an alarm is about, the last two hours; ``assets/alarm_series.js`` draws it as one small line."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from dash import html

from alerts.quantities import factor
from ops_center.domain.catalog import Datastream
from ops_center.domain.observations import Float64
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, SECOND_US
from ops_center.screens.alarm_card_parts import section
from ops_center.screens.property_words import UNITS, property_names
from ops_center.screens.screen import Center, both, marked
from ops_center.services.alarm_cards import AlarmCard
from ops_center.store.port import Resolution

WINDOW_US = 2 * HOUR_US
_RAW_FROM_S = 10.0
"""what reports more often is drawn by minutes"""
_LEVELS = {"limits": ("high_high", "high", "low", "low_low"), "threshold": ("above", "below")}
"""types whose limits are values of the series itself, and the parameters that hold them"""


def chart(center: Center, who: Asker, found: AlarmCard) -> Any:
    """Return the chart of what the alarm judges; nothing where it judges no series. Raises StoreError."""
    stream, alarm = found.datastream, found.alarm
    if stream is None:
        return html.Div()
    now_us = center.frame().now_us
    begin_us = min(now_us, alarm.closed_us or now_us) - WINDOW_US
    resolution: Resolution = "raw" if stream.interval_s >= _RAW_FROM_S else "1m"
    series = center.alarm_room().cards.series(who, alarm.id, begin_us, begin_us + WINDOW_US + SECOND_US, resolution)
    if series is None:
        return html.Div()
    drawn = {
        "t": (series.time_us // SECOND_US).tolist(),
        "v": _finite(series.mean),
        "unit": stream.unit,
        "limits": limits_of(found, stream),
        "onset": alarm.raised_us // SECOND_US,
        "from": begin_us // SECOND_US,
        "to": (begin_us + WINDOW_US) // SECOND_US,
    }
    name = property_names().get(stream.observed_property) or Label(stream.observed_property, stream.observed_property)
    nothing = (
        []
        if drawn["t"]
        else [both(Label("这两小时没有数据", "nothing was received in these two hours"), className="quiet")]
    )
    unit = UNITS.get(stream.unit, stream.unit)
    measured = f" ({unit})" if unit and unit != "1" else ""
    return section(
        Label(f"{name.zh}{measured} · 2小时", f"{name.en}{measured} · 2 h"),
        html.Div(className="series", **marked(data_series=json.dumps(drawn))),
        *nothing,
    )


def limits_of(found: AlarmCard, stream: Datastream) -> list[float]:
    """Return the limits of its rule in the unit of the series, where they are values of the series at all."""
    if found.rule is None or found.rule.type.name not in _LEVELS:
        return []
    given = found.rule.form.parameters
    times = factor(str(given.get("unit", stream.unit)), stream.unit)
    if times is None:
        return []
    return [
        float(given[name]) * times for name in _LEVELS[found.rule.type.name] if isinstance(given.get(name), int | float)
    ]


def _finite(values: Float64) -> list[float | None]:
    """Return values for JSON, to a precision that a line of 200 pixels shows."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values.tolist()]
