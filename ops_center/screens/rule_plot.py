"""Plots of a dry run: how often by hour or day, and one subject's series with limits and where it would have stood.

Figures are plain data, alike in both languages: what they are of is said beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from alerts.contract import SubjectKind
from alerts.quantities import factor
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.screens.chart_colors import GRID, HOVER, LINE, NOTICE, QUIET, SEVERE, TEXT
from ops_center.screens.rule_raised import Raised, raised_of
from ops_center.services.rule_bench import RuleBench
from ops_center.services.rules import Replayed

_MOST_POINTS = 4000
_DAY_US, _HOUR_US = 86_400_000_000, 3_600_000_000
_LIMITS = ("above", "below", "low_low", "low", "high", "high_high")


def nothing_plotted() -> dict[str, Any]:
    """Return an empty figure."""
    return {"data": [], "layout": plain_layout()}


def plain_layout(**more: Any) -> dict[str, Any]:
    """Return the looks of all plots of a desk."""
    axis = {"gridcolor": GRID, "zeroline": False, "linecolor": GRID, "tickfont": {"size": 13}, "fixedrange": True}
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": QUIET, "family": "inherit"},
        "margin": {"l": 52, "r": 14, "t": 10, "b": 34},
        "showlegend": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": HOVER, "bordercolor": QUIET, "font": {"color": TEXT}},
        "bargap": 0.25,
        "xaxis": {**axis, "tickformat": "%m-%d %H:%M"},
        "yaxis": {**axis, "rangemode": "tozero"},
        **more,
    }


def local(us: int, zone: str) -> str:
    """Return a time as a plot takes it: the city's own, without a zone."""
    return f"{in_zone(us, zone):%Y-%m-%d %H:%M:%S}"


def bars(raised: Sequence[Raised], span_us: tuple[int, int], zone: str) -> dict[str, Any]:
    """Return how many were entered in each hour, or each day of more than two."""
    by_day = span_us[1] - span_us[0] > 2 * _DAY_US
    cut = "%Y-%m-%d" if by_day else "%Y-%m-%d %H:00:00"
    size = _DAY_US if by_day else _HOUR_US
    slots = [f"{in_zone(us, zone):{cut}}" for us in range(span_us[0], span_us[1] + size, size)]
    counts = Counter(f"{in_zone(one.began_us, zone):{cut}}" for one in raised)
    slots = list(dict.fromkeys(slot for slot in slots if slot <= f"{in_zone(span_us[1], zone):{cut}}"))
    figure = nothing_plotted()
    figure["data"] = [
        {"type": "bar", "x": slots, "y": [counts[slot] for slot in slots], "marker": {"color": LINE},
         "hovertemplate": "%{x}: %{y}<extra></extra>"}
    ]  # fmt: skip
    figure["layout"]["margin"] = {"l": 52, "r": 14, "t": 6, "b": 26}
    figure["layout"]["yaxis"] |= {"dtick": 1} if max(counts.values(), default=0) < 5 else {"nticks": 4}
    figure["layout"]["xaxis"] |= {"type": "date", "tickformat": "%m-%d" if by_day else "%H:%M"}
    return figure


def series_plot(
    bench: RuleBench, found: Replayed, span_us: tuple[int, int], subject: tuple[object, object], zone: str
) -> tuple[dict[str, Any], Label]:
    """Return the series of a subject with the rule's limits and where it would have stood, and what it is of.

    Without a subject it is the first that the rule reaches, so that its limits are seen beside real values.
    """
    kind, key = _subject(bench, found, subject)
    times, values = _values(bench, found, span_us, kind, key)
    own = [one for one in raised_of(found) if (one.kind, one.subject) == (kind, key)]
    boxes = [_box(one, span_us[1], zone) for one in own]
    limits = sorted({one.limit for one in own} | set(_limits(found.rule.parameters)))[:8] if len(times) else []
    figure = nothing_plotted()
    x = [local(us, zone) for us in times.tolist()]
    figure["data"] = [
        {"type": "scatter", "mode": "lines", "x": x, "y": values.tolist(), "line": {"color": LINE, "width": 1.6},
         "hovertemplate": "%{x|%m-%d %H:%M:%S}<br>%{y:.5~g}<extra></extra>"}
    ]  # fmt: skip
    figure["layout"]["shapes"] = [*boxes, *(_line(limit) for limit in limits)]
    figure["layout"]["xaxis"] |= {"type": "date", "range": [local(us, zone) for us in span_us]}
    figure["layout"]["yaxis"] |= {"rangemode": "normal", "visible": bool(len(times))}
    name = found.subjects.get((kind, key)) or _name(bench, kind, key)
    unit = getattr(found.rule.parameters, "unit", "")
    return figure, Label(f"{name.zh} {unit}".strip(), f"{name.en} {unit}".strip())


def _subject(bench: RuleBench, found: Replayed, subject: tuple[object, object]) -> tuple[int, int]:
    kind, key = subject
    if isinstance(kind, int) and isinstance(key, str) and key.lstrip("-").isdigit():
        return kind, int(key)
    first = bench.first_subject(found.rule)
    return first if first else (int(SubjectKind.GROUP), 0)


def _values(bench: RuleBench, found: Replayed, span_us: tuple[int, int], kind: int, key: int) -> tuple[Any, Any]:
    """Return times and values of a subject in the rule's unit; none of what has no series."""
    unit = getattr(found.rule.parameters, "unit", None)
    if kind == SubjectKind.DATASTREAM:
        series = bench.series(key, span_us)
        stream = bench.catalog().datastreams.get(key)
        scale = factor(stream.unit, unit) if stream and unit else 1.0
        times, values = series.time_us, series.mean * (1.0 if scale is None else scale)
    elif kind == SubjectKind.THING and found.rule.type.source == "positions" and unit:
        fixes = bench.store.history.fixes(key, *span_us)
        scale = factor("m/s", unit)
        times, values = fixes.phenomenon_time_us, fixes.speed_mps * (1.0 if scale is None else scale)
    else:
        return np.empty(0, np.int64), np.empty(0)
    step = max(1, -(-len(times) // _MOST_POINTS))
    fit = np.isfinite(values)
    return times[fit][::step], values[fit][::step]


def _limits(parameters: Any) -> list[float]:
    return [value for name in _LIMITS if isinstance(value := getattr(parameters, name, None), int | float)]


def _box(one: Raised, end_us: int, zone: str) -> dict[str, Any]:
    x0, x1 = local(one.began_us, zone), local(one.ended_us or end_us, zone)
    return {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": x0, "x1": x1, "fillcolor": SEVERE, "opacity": 0.28,
            "line": {"width": 0}, "layer": "below"}  # fmt: skip


def _line(limit: float) -> dict[str, Any]:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": limit, "y1": limit,
            "line": {"color": NOTICE, "width": 1.4, "dash": "dash"}}  # fmt: skip


def _name(bench: RuleBench, kind: int, key: int) -> Label:
    catalog = bench.catalog()
    stream = catalog.datastreams.get(key) if kind == SubjectKind.DATASTREAM else None
    thing = catalog.things.get(stream.thing if stream else key)
    return thing.name if thing and kind != SubjectKind.GROUP else Label("—", "—")
