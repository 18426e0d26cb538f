"""What a thing measured: its datastreams over any range, beside others and beside the same hour of other days.

``assets/thing_page.js`` says which series over which span and how wide the picture is; here they are read, and
``assets/series_chart.js`` draws them. Values of one unit share a lane; of another unit they stand below.
"""

from __future__ import annotations

import json
from typing import Any

from dash import Input, Output, State, dcc, html, no_update

from ops_center.domain.catalog import Thing
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import said
from ops_center.screens.links import thing_named
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, marked, spoken, titled
from ops_center.screens.thing_picture import LONGEST_MS, SHIFTS, Ask, pair, picture
from ops_center.screens.thing_words import GRAINS, ODD, QUALITIES, SPEED, property_name
from ops_center.services.things.reading import SPEED as SPEED_KEY

RANGES = (
    ("hour", Label("1 小时", "1 h")),
    ("day", Label("24 小时", "24 h")),
    ("week", Label("7 天", "7 days")),
    ("month", Label("31 天", "31 days")),
    ("year", Label("1 年", "1 year")),
)


def panel(center: Center, thing: Thing) -> Any:
    """Return the chart with its tools; what it can show is said in ``data-streams``."""
    streams = [one for one in center.thing_room().catalog().of_thing(thing.key) if thing.retired or not one.retired]
    offered = [[s.key, *pair(property_name(s.observed_property)), s.observed_property] for s in streams]
    moves = bool((center.frame().position_thing == thing.key).any())
    if moves or (not streams and center.thing_room().moves(thing)):
        offered.append([SPEED_KEY, *pair(SPEED), "speed"])
    if not offered:
        return html.Div()
    spans = [_tool("range", value, label) for value, label in RANGES]
    steps = [
        _sign("◀", "back", Label("向前一段（←）", "earlier (←)")),
        _sign("▶", "on", Label("向后一段（→）", "later (→)")),
        _sign("＋", "in", Label("放大（+）", "zoom in (+)")),
        _sign("－", "out", Label("缩小（-）", "zoom out (-)")),
        _tool("live", "live", Label("实时", "live")),
    ]
    shifts = [_tool("days", str(days), label) for days, label in SHIFTS]
    return html.Section(
        [
            html.Div(
                [
                    html.H2(spoken(Label("历史数据", "Over time"))),
                    html.Div(spans, className="thing-tools", role="group"),
                    html.Div(steps, className="thing-tools", role="group"),
                    html.Div(id="thing-free", className="thing-free"),
                    html.Div(className="grow"),
                    html.A(both(Label("导出 CSV", "export CSV")), id="thing-csv", href="#", className="copy"),
                ],
                className="thing-bar",
            ),
            html.Div(
                [
                    html.Div(id="thing-chips", className="thing-tools"),
                    html.Div(shifts, className="thing-tools", role="group"),
                    html.Div(
                        [
                            dcc.Input(
                                id="thing-other", type="text", debounce=0.3, maxLength=100, className="thing-find"
                            ),
                            html.Div(id="thing-others", className="thing-found"),
                        ],
                        className="thing-compare",
                        role="group",
                        **titled(Label("与其他设备比较", "compare with another thing")),
                    ),
                ],
                className="thing-bar",
            ),
            html.Div(
                id="thing-chart",
                className="chart",
                role="group",
                tabIndex=0,
                **marked(
                    data_streams=json.dumps(offered),
                    data_words=json.dumps(chart_words()),
                    data_zone=center.pack.manifest.timezone,
                ),
                **titled(
                    Label(
                        "历史曲线：拖动选择范围，左右键移动，加减键缩放，Home 回到实时",
                        "chart: drag to choose a span, arrows move, + and - zoom, Home is live",
                    )
                ),
            ),
            html.P(
                both(
                    Label(
                        "拖动放大 · ← → 移动 · ＋ － 缩放 · Home 实时；阴影带为最低至最高，斜纹为无数据，▾ 数值有疑问，"
                        "◇ 事后更正",
                        "Drag to zoom in · ← → move · + − zoom · Home live. Band: lowest to highest; hatched: no data; "
                        "▾ questionable; ◇ corrected afterwards",
                    )
                ),
                className="quiet thing-hint",
            ),
            html.Details(
                [
                    html.Summary(both(Label("以表格显示", "as a table"))),
                    html.Div(
                        id="thing-rows",
                        className="thing-rows",
                        role="region",
                        tabIndex=0,
                        **titled(Label("历史数据表", "series as a table")),
                    ),
                ],
                id="thing-table",
            ),
        ],
        className="panel thing-series",
    )


def connect(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    """Register the callbacks."""
    callbacks.in_browser("thing", "mount", Output("thing-drawn", "data", allow_duplicate=True),
                         Input("thing-chart", "id"), prevent_initial_call="initial_duplicate")  # fmt: skip
    callbacks.in_browser("thing", "draw", Output("thing-drawn", "data"), Input("thing-shown", "data"),
                         Input("language", "data"))  # fmt: skip

    @callbacks.add(
        Output("thing-shown", "data"),
        Output("thing-told", "children"),
        Input("thing-ask", "data"),
        State("url", "pathname"),
        rights=rights,
    )
    def _shown(ask: Ask | None, path: object) -> Any:
        named = thing_named(path) if isinstance(path, str) and len(path) < 2000 else None
        if ask is None or named is None or not 0 < ask.until - ask.since <= LONGEST_MS:
            return no_update, no_update
        try:
            thing = center.thing_room().find(asker(), *named)
            return (no_update, no_update) if thing is None else (picture(center, thing, ask), [])
        except OpsCenterError as error:
            return no_update, said(refusal(error), "wrong")

    @callbacks.add(Output("thing-others", "children"), Input("thing-other", "value"), rights=rights)
    def _others(text: str | None) -> Any:
        wanted = (text or "")[:100]
        found = center.thing_room().search(asker(), wanted)
        lines = [_other(center, thing) for thing in found]
        if wanted.strip() and not lines:
            return html.P(both(Label("没有找到", "nothing found")), className="quiet")
        return lines


def _other(center: Center, thing: Thing) -> Any:
    streams = [one for one in center.thing_room().catalog().of_thing(thing.key) if not one.retired]
    offered = [[s.key, *pair(property_name(s.observed_property)), s.observed_property] for s in streams]
    return html.Button(
        [both(thing.name), html.Span(thing.thing_id, className="quiet")],
        className="thing-line",
        disabled=not offered,
        **marked(data_thing="with", data_offered=json.dumps(offered), data_name=json.dumps(pair(thing.name))),
    )


def _tool(what: str, value: str, label: Label) -> Any:
    return html.Button(
        spoken(label), className="chip", **marked(data_thing=what, data_value=value, aria_pressed="false")
    )


def _sign(sign: str, step: str, label: Label) -> Any:
    return html.Button(sign, className="chip", **marked(data_thing="step", data_value=step), **titled(label))


def chart_words() -> dict[str, Any]:
    """Return what the scripts of a chart say, in both languages."""
    columns = (
        Label("时间", "time"), Label("属性", "property"), Label("值", "value"), Label("最低 – 最高", "low – high"),
        Label("条数", "count"), Label("粒度", "grain"), Label("疑问", "questionable"),
    )  # fmt: skip
    return {
        "odd": ODD,
        "flags": [[int(flag), *pair(label)] for flag, label in QUALITIES.items()],
        "grains": {name: pair(label) for name, label in GRAINS.items()},
        "gap": ["无数据", "no data"],
        "was": ["更正前", "was"],
        "columns": [pair(label) for label in columns],
        "more": ["另有 {0} 行未列出：缩小范围或导出。", "{0} more rows: choose less time, or export them."],
        "free": [["从", "from"], ["到", "to"]],
        "find": ["与其他设备比较……", "compare with …"],
        "drop": ["移除", "remove"],
    }
