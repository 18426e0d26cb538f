"""The parts of the page of figures: numbers beside what is wanted, alarms by ten minutes, the worst, priorities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html

from alerts.contract import SubjectKind
from alerts.figures import ACCEPTABLE, FLOOD, MANAGEABLE, PERIOD_US, WANTED, Actor, Figures
from ops_center.domain.catalog import Catalog
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.screens.chart_colors import LINE, NOTICE, SEVERE
from ops_center.screens.desk_parts import empty
from ops_center.screens.links import thing_link
from ops_center.screens.rule_plot import local, nothing_plotted
from ops_center.screens.screen import both
from ops_center.services.alarm_words import AlarmWords

_MOST_BARS = 1500
_WORST_WANTED, _FLOOD_WANTED, _STANDING_WANTED = 0.05, 0.01, 10
"""EEMUA 191: the ten worst below 5 %, floods below 1 % of the time, fewer than ten standing"""


def journal(found: Figures, **more: object) -> str:
    """Return the address of the lines behind a number of this span."""
    query = {"act": "raised", "since": found.from_us, "until": found.to_us, **more}
    return f"/alarms/journal?{urlencode({name: value for name, value in query.items() if value != ''})}"


def tiles(found: Figures, zone: str) -> list[Any]:
    """Return the numbers."""
    peak = f"{in_zone(found.peak_us, zone):%m-%d %H:%M}" if found.peak_us else "—"
    then = {"since": found.peak_us, "until": found.peak_us + PERIOD_US} if found.peak_us else {}
    peak_link, late = journal(found, **then), _lasting(found.acknowledge_p95_s)
    return [
        _tile(Label("平均每 10 分钟", "average in ten minutes"), f"{found.average:.2f}",
              Label("期望 ≤ 1", "wanted ≤ 1"), journal(found), good=found.average <= ACCEPTABLE),
        _tile(Label("峰值", "peak"), f"{found.peak:.4g}",
              Label(f"期望 ≤ 10 · {peak}", f"wanted ≤ 10 · {peak}"), peak_link, good=found.peak <= FLOOD),
        _tile(Label("处于洪泛的时段", "time in flood"), f"{found.in_flood:.1%}",
              Label("期望 < 1%", "wanted < 1 %"), journal(found), good=found.in_flood < _FLOOD_WANTED),
        _tile(Label("超过 2 条的时段", "time above two"), f"{found.over_manageable:.1%}",
              Label(f"超过 1 条：{found.over_acceptable:.1%}", f"above one: {found.over_acceptable:.1%}"),
              journal(found), good=None),
        _tile(Label("成立中", "standing"), f"{found.standing:,}",
              Label("期望 < 10", "wanted < 10"), "/alarms", good=found.standing < _STANDING_WANTED),
        _tile(Label("超过 24 小时", "stale (over 24 h)"), f"{found.stale:,}",
              Label("期望 0", "wanted 0"), "/alarms", good=not found.stale),
        _tile(Label("最吵的十个占", "share of the ten worst"), f"{found.worst_share:.0%}",
              Label("期望 < 5%", "wanted < 5 %"), journal(found), good=found.worst_share < _WORST_WANTED),
        _tile(Label("确认用时 中位数", "time to acknowledge, median"), _lasting(found.acknowledge_p50_s),
              Label(f"95% 在 {late} 内", f"95 % within {late}"),
              journal(found, act="acknowledged"), good=None),
        _tile(Label("报警总数", "alarms"), f"{found.alarms:,}",
              Label(f"另有 {found.inhibited:,} 条被归并", f"{found.inhibited:,} more under others"),
              journal(found), good=None),
        _tile(Label("抖动", "chattering"), f"{found.chattering:,}",
              Label("期望 0", "wanted 0"), "/alarms", good=not found.chattering),
    ]  # fmt: skip


def _tile(label: Label, number: str, beside: Label, address: str, *, good: bool | None) -> Any:
    tone = "" if good is None else " good" if good else " missed"
    return html.A(
        [both(label, className="what"), html.B(number), both(beside, className="beside")],
        href=address,
        className=f"tile{tone}",
    )


def _lasting(seconds: float) -> str:
    """Return a time as both languages write it: ``1:05``, ``2:10:00``."""
    if not math.isfinite(seconds):
        return "—"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def plot(found: Figures, zone: str) -> dict[str, Any]:
    """Return alarms by ten minutes; of long spans the greatest of some periods each."""
    values = found.by_period
    step = max(1, -(-len(values) // _MOST_BARS))
    tops = [float(values[n : n + step].max()) for n in range(0, len(values), step)]
    times = [local(found.from_us + n * step * PERIOD_US, zone) for n in range(len(tops))]
    colours = [SEVERE if top > FLOOD else NOTICE if top > MANAGEABLE else LINE for top in tops]
    figure = nothing_plotted()
    figure["data"] = [{"type": "bar", "x": times, "y": tops, "marker": {"color": colours}, "hovertemplate": _HOVER}]
    figure["layout"]["shapes"] = [_line(ACCEPTABLE, LINE), _line(MANAGEABLE, NOTICE), _line(FLOOD, SEVERE)]
    figure["layout"]["yaxis"] |= {"range": [0, max([*tops, FLOOD]) * 1.08]}
    figure["layout"]["xaxis"] |= {"type": "date", "range": [local(us, zone) for us in (found.from_us, found.to_us)]}
    figure["layout"]["bargap"] = 0.1
    return figure


_HOVER = "%{x|%m-%d %H:%M}: %{y:.3~g}<extra></extra>"


def _line(value: float, colour: str) -> dict[str, Any]:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": value, "y1": value,
            "line": {"color": colour, "width": 1, "dash": "dot"}}  # fmt: skip


def worst(found: Figures, words: AlarmWords, catalog: Catalog) -> Any:
    """Return the ten that say most, each with its lines."""
    if not found.worst:
        return empty(Label("这段时间没有报警。", "Nothing was raised in this time."))
    return html.Ol([_actor(found, actor, words, catalog) for actor in found.worst], className="actors")


def _actor(found: Figures, actor: Actor, words: AlarmWords, catalog: Catalog) -> Any:
    rule = words.rule(actor.rule)
    label = rule.form.label.label() if rule else Label(actor.rule, actor.rule)
    kind, key = actor.subject
    stream = catalog.datastreams.get(key) if kind == SubjectKind.DATASTREAM else None
    thing = catalog.things.get(stream.thing if stream else key) if kind != SubjectKind.GROUP else None
    address = journal(found, rule=actor.rule, thing=thing.thing_id if thing else "")
    return html.Li(
        [
            html.Span(
                [both(label), thing_link(thing, className="thing-link quiet") if thing else ""], className="grow"
            ),
            _share(actor.share, found.worst[0].share),
            html.A(f"{actor.alarms:,}", href=address, className="alarm-link number"),
            html.Span(f"{actor.share:.1%}", className="quiet number"),
        ]
    )


def _share(share: float, of_most: float) -> Any:
    width = f"{100 * share / of_most if of_most else 0:.0f}%"
    return html.Span(html.Span(style={"width": width}), className="share")


def priorities(found: Figures) -> Any:
    """Return the share of each priority beside what is wanted."""
    rows: Sequence[Any] = [
        html.Tr(
            [
                html.Th(both(priority.label), scope="row"),
                html.Td(_share(found.priorities.get(priority, 0.0), 1.0)),
                html.Td(html.B(f"{found.priorities.get(priority, 0.0):.0%}")),
                html.Td(both(Label(f"期望约 {wanted:.0%}", f"wanted about {wanted:.0%}")), className="quiet"),
            ]
        )
        for priority, wanted in WANTED.items()
    ]
    return html.Table(html.Tbody(rows), className="list shares")
