"""The leader's page (``/leader``): city vital signs on one page, in two minutes, without training.

What somebody sees is cut by their grants: a district's leader sees the district. Every number opens what it is made of
(``leader_detail``); the page prints on A4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from dash import Input, Output, dcc, html

from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.indicators.evidence import area_of
from ops_center.indicators.findings import Number, lasting
from ops_center.indicators.loading import Indicator, Tree
from ops_center.people.asking import asker
from ops_center.screens import leader_detail
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk import framed
from ops_center.screens.desk_parts import said
from ops_center.screens.groups import Group
from ops_center.screens.leader_incidents import incidents
from ops_center.screens.leader_parts import THEN, alarms, delta, domain, level_mark, opens, ranks, sentence, spark
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, Screen, both, marked, spoken
from ops_center.services.leader import LEADERS, Course, LeaderPage
from ops_center.services.vital_things import area_name

_TITLE = Label("城市运行体征", "City vital signs")
_EVERY_MS = 30_000
AreaId = Annotated[str, msgspec.Meta(max_length=120)]


def layout(center: Center) -> Any:
    """Return the page; what it shows comes at once and then each half minute."""
    return framed(
        center,
        "/leader",
        _TITLE,
        html.Div(
            [
                dcc.Store(id="leader-area"),
                dcc.Store(id="leader-open"),
                dcc.Store(id="leader-ready"),
                dcc.Interval(id="leader-tick", interval=_EVERY_MS),
                html.Div(both(_LOADING, className="leader-empty"), id="leader-body"),
                html.Div(id="leader-detail"),
            ],
            className="leader",
            id="leader",
        ),
    )


_LOADING = Label("正在读取城市体征…", "Reading vital signs …")
_NOTHING = Label("您的权限范围内没有可显示的体征。", "There are no vital signs within your grants.")
_LOST = Label(
    "历史数据暂时读不到：下面只有当前值，没有对比、趋势和预测。",
    "The past can't be read now: what follows is the present alone, without comparison, course and forecast.",
)


def _unjudged(seconds: float) -> Label:
    time = lasting(seconds / 60)
    return Label(
        f"报警判定停滞{time.zh}：这段时间里发生的情况不在下面的报警中。",
        f"Nothing has been judged for {time.en}: what happened meanwhile is not among the alarms below.",
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    names, zone = scope_names(center.pack), center.pack.manifest.timezone
    leader_detail.connect(callbacks, center, LEADERS)
    callbacks.in_browser("leader", "mount", Output("leader-ready", "data"), Input("leader-ready", "id"))

    @callbacks.add(
        Output("leader-body", "children"),
        Input("leader-area", "data"),
        Input("leader-tick", "n_intervals"),
        rights=LEADERS,
    )
    def _page(area: AreaId | None, _tick: object) -> Any:
        try:
            desk = center.leader_desk()
            page = desk.page(asker(), area_of(area) if area else None)
        except OpsCenterError as error:
            return said(refusal(error), "wrong")
        if page is None:
            return both(_NOTHING, className="leader-empty")
        return _shown(center, page, names, zone)


def _shown(center: Center, page: LeaderPage, names: Any, zone: str) -> Any:
    tree, room = center.leader_desk().vitals.tree(), center.alarm_room()
    area, vitals = page.now.area, page.now.vitals
    domains = [one for one in tree.children[tree.root.name] if one.name in vitals]
    open_ones = center.incidents.desk.board(asker()) if center.incidents else ()
    side = [
        html.Section(
            [
                html.H2(spoken(Label("未结突发事件", "Open incidents"))),
                *incidents(open_ones, area, page.now.at_us, zone),
            ],
            className="leader-side-part",
        ),
        _ranked(Label("辖区（差者在前）", "Districts, the worst first"), page.districts, tree, names, area),
        _ranked(Label("部门（差者在前）", "Departments, the worst first"), page.departments, tree, names, area),
        html.Section(
            [
                html.H2(spoken(Label("待处理报警", "Alarms that want somebody"))),
                *alarms(page.alarms, room.words, page.now.at_us, zone),
            ],
            className="leader-side-part",
        ),
    ]
    return [
        _head(center, page, names, zone),
        html.P(both(_LOST), className="leader-lost", role="status") if page.past_lost else "",
        html.P(both(_unjudged(page.unjudged_s)), className="leader-lost", role="status") if page.unjudged_s else "",
        html.Section(
            [
                html.H2(spoken(Label("此刻最要紧的", "What matters now"))),
                html.Ol([sentence(one, area) for one in page.sentences]),
            ],
            className="leader-say",
        ),
        html.Div(
            [
                html.Div(_columns(tree, domains, page, zone), className="leader-domains"),
                html.Div([part for part in side if part], className="leader-side"),
            ],
            className="leader-rest",
        ),
        html.Div(both(_foot(center, tree.form.edition)), className="leader-foot"),
    ]


def _columns(tree: Tree, domains: Sequence[Indicator], page: LeaderPage, zone: str) -> list[Any]:
    """Return two columns of about one height; ``order`` keeps the tree's order where there is room for one alone."""
    columns: tuple[list[Any], list[Any]] = ([], [])
    heights = [0, 0]
    for place, one in enumerate(domains):
        children = tree.children[one.name]
        shorter = 0 if heights[0] <= heights[1] else 1
        columns[shorter].append(html.Div(domain(one, children, page, zone), style={"order": place}))
        heights[shorter] += len(children) + 2
    return [html.Div(column, className="leader-column") for column in columns]


def _foot(center: Center, edition: str) -> Label:
    columns_zh = (
        "三列对比：昨日、上周、去年（364天前）的同一小时；细线为过去24小时，色带为未来12小时的预测区间（标称80%）。"
    )
    columns_en = (
        "The three columns compare with the same hour yesterday, a week and 364 days ago; the line is the last 24"
        " hours, the band the forecast of the next 12 (meant to hold in 80 %)."
    )
    simulated = center.realm.banner
    return Label(
        f"{columns_zh}指标树版本 {edition}。{simulated.zh if simulated else ''}",
        f"{columns_en} Tree of indicators {edition}. {simulated.en if simulated else ''}",
    )


def _head(center: Center, page: LeaderPage, names: Any, zone: str) -> Any:
    tree, now = center.leader_desk().vitals.tree(), page.now
    root = tree.root
    where = center.pack.manifest.name if now.area.kind == "city" else area_name(now.area, names)
    local = in_zone(now.at_us, zone)
    vital = now.vitals.get(root.name)
    course = page.courses.get(root.name)
    back = html.Button(
        both(Label("返回全市", "whole city")), type="button", className="leader-back", **marked(data_show="city")
    )
    index = (
        opens(
            root.name,
            now.area,
            both(root.label, className="leader-note"),
            html.B(Number(vital.value, 0, "").bare, className="leader-index"),
            level_mark(vital.level),
            *(_then(root, vital.value, course) if course else ()),
            spark(course, root),
            className="leader-whole",
        )
        if vital
        else ""
    )
    return html.Div(
        [
            html.Div(
                [
                    html.H1([both(where), both(_TITLE, className="leader-title")]),
                    html.P(
                        [
                            html.Span(f"{local:%Y-%m-%d %H:%M}"),
                            back if now.area.kind != "city" else "",
                            html.Button(
                                both(Label("打印", "Print")),
                                type="button",
                                className="leader-print",
                                **marked(data_print="yes"),
                            ),
                        ],
                        className="leader-when",
                    ),
                ]
            ),
            index,
        ],
        className="leader-head",
    )


def _then(root: Indicator, now: float, course: Course) -> list[Any]:
    return [
        html.Span([both(words, className="leader-note"), delta(root, now, course.then[name], name)])
        for name, (words, _) in THEN.items()
    ]


def _ranked(title: Label, ranked: Any, tree: Any, names: Any, area: Any) -> Any:
    if not ranked:
        return None
    return html.Section([html.H2(spoken(title)), ranks(ranked, tree, names, area)], className="leader-side-part")


SCREEN = Screen(
    "leader", "/leader", _TITLE, LEADERS, layout, connect, order=18, group=Group.LIVE, menu=Label("体征", "Vital signs")
)
