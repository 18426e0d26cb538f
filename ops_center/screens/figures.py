"""Figures of the alarm system (``/alarms/figures``) after EEMUA 191; each leads to its lines in the journal."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import panel, said
from ops_center.screens.figures_parts import plot, priorities, tiles, worst
from ops_center.screens.groups import Group
from ops_center.screens.refusals import refusal
from ops_center.screens.rule_plot import nothing_plotted
from ops_center.screens.screen import Center, Screen, both, spoken
from ops_center.services.alarm_figures import figures_of
from ops_center.services.journal_search import JOURNAL

_TITLE = Label("报警系统指标", "Figures of the alarm system")
_SPANS = (
    ("8", Label("8 小时（一班）", "8 hours (a shift)")),
    ("24", Label("24 小时", "24 hours")),
    ("168", Label("7 天", "7 days")),
    ("744", Label("31 天", "31 days")),
)
_HOURS = {value: int(value) for value, _ in _SPANS}
_MOST_OPERATORS = 50
_PLAIN: Any = {"displayModeBar": False, "displaylogo": False, "responsive": True}


def layout(center: Center) -> Any:
    """Return the page."""
    spans = [{"value": value, "label": both(label)} for value, label in _SPANS]
    filters = html.Div(
        [
            html.Div(
                [
                    html.Label(spoken(Label("时段", "period"))),
                    dmc.SegmentedControl(id="figures-span", data=spans, value="24"),
                ],
                className="field",
            ),
            dmc.NumberInput(
                id="figures-operators",
                label=both(Label("值班员人数", "operators on duty")),
                value=1,
                min=1,
                max=_MOST_OPERATORS,
                allowDecimal=False,
                size="sm",
                w="9rem",
                debounce=400,
                persistence=True,
                persistence_type="local",
            ),
            html.P(
                both(
                    Label(
                        "参照 EEMUA 191、ISA-18.2 / IEC 62682；点击数字可查看其背后的日志。",
                        "After EEMUA 191 and ISA-18.2 / IEC 62682; every number opens the journal behind it.",
                    )
                ),
                className="quiet grow",
            ),
        ],
        className="row",
    )
    rate = panel(
        Label("每位值班员每 10 分钟的报警", "Alarms of one operator in ten minutes"),
        html.P(both(_LEGEND), className="quiet"),
        dcc.Graph(
            id="figures-plot", figure=nothing_plotted(), config=_PLAIN, responsive=True, style={"height": "17rem"}
        ),
    )
    below = html.Div(
        [
            panel(Label("最吵的十个", "The ten worst actors"), html.Div(id="figures-worst")),
            panel(Label("优先级分布", "Priorities"), html.Div(id="figures-priorities")),
        ],
        className="figures-below",
    )
    return framed(
        center,
        "/alarms/figures",
        _TITLE,
        html.Div(
            [
                filters,
                html.Div(id="figures-fault", className="answer-place", role="status"),
                html.Div(id="figures-tiles", className="tiles"),
                rate,
                below,
                dcc.Interval(id="figures-tick", interval=60_000),
            ],
            className="figures",
        ),
    )


_LEGEND = Label(
    "虚线：1 条可接受，2 条为可应付的上限，超过 10 条为洪泛（红色）。",
    "Dashed: 1 is acceptable, 2 is the most that can be managed; more than 10 are a flood (red).",
)


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callback."""
    zone = center.pack.manifest.timezone

    @callbacks.add(
        Output("figures-fault", "children"),
        Output("figures-tiles", "children"),
        Output("figures-plot", "figure"),
        Output("figures-worst", "children"),
        Output("figures-priorities", "children"),
        Input("figures-span", "value"),
        Input("figures-operators", "value"),
        Input("figures-tick", "n_intervals"),
        rights=JOURNAL,
    )
    def _figures(span: object, operators: object, _tick: object) -> Any:
        hours = _HOURS.get(str(span), 24)
        many = min(max(operators, 1), _MOST_OPERATORS) if isinstance(operators, int) else 1
        try:
            room, now_us = center.alarm_room(), center.staffed().clock.now_us()
            span_us = (now_us - hours * HOUR_US, now_us)
            found = figures_of(center.bench().store, room.desk, asker(), span_us, many)
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), [], nothing_plotted(), [], []
        catalog = center.bench().catalog()
        return [], tiles(found, zone), plot(found, zone), worst(found, room.words, catalog), priorities(found)


SCREEN = Screen(
    "figures",
    "/alarms/figures",
    _TITLE,
    JOURNAL,
    layout,
    connect,
    order=33,
    group=Group.ALARMS,
    menu=Label("指标", "Figures"),
)
