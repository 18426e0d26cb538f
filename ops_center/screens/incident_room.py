"""The places of an incident's room, empty: log, map, what lies under it, tasks. ``assets/incident_*.js`` fill them in.

``incident-dispatch``, ``incident-alike`` and ``incident-report`` are for scripts of their own.
"""

from __future__ import annotations

import json
from typing import Any

from dash import html

from ops_center.domain.text import Label
from ops_center.screens.screen import Center, both, marked, spoken, titled
from ops_center.screens.thing_series import chart_words

_TABS = {
    "facts": Label("要素", "Facts"),
    "units": Label("力量", "Units"),
    "cameras": Label("摄像机", "Cameras"),
    "charts": Label("监测曲线", "Charts"),
    "links": Label("关联", "Links"),
    "files": Label("文件", "Files"),
    "people": Label("参与者", "People"),
    "alike": Label("相似案例", "Cases"),
}


def room(center: Center) -> Any:
    """Return the room; it shows itself once its script knows which incident it is of."""
    return html.Div(
        [
            html.P(id="incident-lost", role="status", hidden=True),
            html.Header(id="incident-head"),
            html.Div([_log(), _middle(center), _tasks()], id="incident-columns"),
            html.Div(id="incident-said", role="status"),
            html.Div(id="incident-drop", hidden=True),
        ],
        id="incident-room",
        hidden=True,
    )


def _log() -> Any:
    return html.Section(
        [
            html.Div(
                [
                    html.H2(spoken(Label("工作日志", "Activity log"))),
                    html.Div(id="incident-log-filter", role="group", **titled(Label("筛选日志", "filter of the log"))),
                ],
                className="incident-side-head",
            ),
            html.Ol(id="incident-log", tabIndex=0, **titled(Label("工作日志", "activity log"))),
            html.Form(id="incident-compose", hidden=True),
        ],
        id="incident-log-side",
    )


def _middle(center: Center) -> Any:
    return html.Section(
        [
            html.Div([html.Div(id="incident-map-holder"), html.Div(id="incident-over")], id="incident-map"),
            html.Div(
                [
                    html.Div(
                        [_tab(name, label) for name, label in _TABS.items()],
                        role="tablist",
                        **titled(Label("事件内容", "what the incident holds")),
                    ),
                    html.Div(className="spring"),
                    html.Div(id="incident-casualties", **titled(Label("伤亡与疏散", "casualties"))),
                    html.A(spoken(Label("情况报告", "Report")), id="incident-report", className="act"),
                ],
                id="incident-tabs",
            ),
            html.Div([_panel(name, label, center) for name, label in _TABS.items()], id="incident-dock"),
        ],
        id="incident-middle",
    )


def _tab(name: str, label: Label) -> Any:
    return html.Button(
        [both(label), html.Span(className="incident-tab-count num")],
        id=f"incident-tab-{name}",
        role="tab",
        **marked(data_tab=name, aria_selected="false", aria_controls=f"incident-panel-{name}"),
    )


def _panel(name: str, label: Label, center: Center) -> Any:
    return html.Div(
        _content(name, center),
        id=f"incident-panel-{name}",
        role="tabpanel",
        tabIndex=0,
        hidden=True,
        **marked(aria_labelledby=f"incident-tab-{name}"),
    )


def _content(name: str, center: Center) -> Any:
    if name == "units":
        return [html.Div(id="incident-units"), html.Div(id="incident-dispatch")]
    if name == "charts":
        nothing = Label(
            "没有关联的监测数据：关联报警后显示其曲线。", "No sensor is concerned: link an alarm to see its series."
        )
        return [
            html.P(both(nothing), id="incident-chart-none", className="quiet", hidden=True),
            html.Div(id="incident-chart-legend"),
            html.Div(
                id="incident-chart",
                className="chart",
                **marked(data_words=json.dumps(chart_words()), data_zone=center.pack.manifest.timezone),
            ),
        ]
    return [html.Div(id=f"incident-{name}")]


def _tasks() -> Any:
    return html.Section(
        [html.Div(id="incident-tasks-head", className="incident-side-head"), html.Div(id="incident-tasks", tabIndex=0)],
        id="incident-task-side",
        **titled(Label("任务", "tasks")),
    )
