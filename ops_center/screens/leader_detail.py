"""What a number of the leader's page is made of: formula, inputs with values and ages, source, course and forecast."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from dash import Input, Output, html

from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, HOUR_US, SECOND_US
from ops_center.domain.units import UNITS
from ops_center.indicators.evaluating import Vital
from ops_center.indicators.evidence import area_of
from ops_center.indicators.findings import Number, lasting
from ops_center.indicators.forecast import Judged, Outlook
from ops_center.indicators.form import Alarms, Figure, Incidents, Live
from ops_center.indicators.loading import Indicator, Tree
from ops_center.indicators.reading import Reading, State
from ops_center.indicators.scale import Level
from ops_center.people.asking import asker
from ops_center.screens import leader_chart
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import said
from ops_center.screens.leader_parts import THEN, course_of, delta, level_mark, opens, recorded, rounded
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, marked, spoken, titled
from ops_center.services.leader import Course, LeaderDesk
from ops_center.services.leader_words import moment, number_of
from ops_center.services.vital_things import area_name
from ops_center.services.vitals import FEED, thing_id

_UNKNOWN = Label("没有这项指标，或您无权查看。", "There is no such indicator, or none that you may see.")
_WEEK_US, _YEAR_US = 7 * DAY_US, 396 * DAY_US


class Opened(msgspec.Struct, frozen=True):
    """Which number was clicked."""

    indicator: Annotated[str, msgspec.Meta(max_length=60)]
    area: Annotated[str, msgspec.Meta(max_length=120)] = "city"


def connect(callbacks: Callbacks, center: Center, rights: Rights) -> None:
    """Register the callback."""

    @callbacks.add(Output("leader-detail", "children"), Input("leader-open", "data"), rights=rights)
    def _detail(opened: Opened | None) -> Any:
        if opened is None:
            return []
        try:
            return _shown(center, opened)
        except OpsCenterError as error:
            return _framed(said(refusal(error), "wrong"))


def _framed(*content: Any) -> Any:
    close = html.Button(
        "✕", type="button", className="leader-close", **marked(data_close="yes"), **titled(Label("关闭", "close"))
    )
    return html.Div([close, *content], className="leader-drawer", role="dialog", tabIndex=-1)


def _shown(center: Center, opened: Opened) -> Any:
    desk, area = center.leader_desk(), area_of(opened.area)
    vital = desk.vitals.vital(asker(), opened.indicator, area) if area else None
    if vital is None or area is None:
        return _framed(said(_UNKNOWN, "wrong"))
    tree, names = desk.vitals.tree(), scope_names(center.pack)
    one, course = tree.indicators[opened.indicator], desk.course(asker(), vital)
    address = f"/things/{FEED}/{quote(thing_id(one.name, area), safe='')}"
    return _framed(
        html.P(both(area_name(area, names)), className="leader-note"),
        html.H2(spoken(one.label)),
        html.P(
            [
                html.B(both(number_of(one, vital.value).label), className="leader-index"),
                level_mark(vital.level, vital.state),
            ]
        ),
        html.P(both(one.form.about.label())) if one.form.about else "",
        _charts(desk, vital, one, course, center.pack.manifest.timezone),
        _compared(one, vital, course, center.pack.manifest.timezone),
        _made_of(center, tree, one, vital),
        _levels(one, vital) if one.formula else "",
        _foreseen(one, course.outlook),
        html.H3(spoken(Label("来源", "Source"))),
        html.P(both(one.form.source.label()), className="leader-note"),
        html.P(html.A(both(Label("此指标的记录", "the record of this indicator")), href=address)),
    )


def _charts(desk: LeaderDesk, vital: Vital, one: Indicator, course: Course, zone: str) -> Any:
    now_us = desk.clock.now_us()
    week = desk.vitals.history(asker(), one.name, vital.area, (now_us - _WEEK_US, now_us), "1h")
    if week is None or not len(week.time_us):
        return html.P(
            both(Label("还没有记录：刚开始记录，或至今未知。", "Nothing is recorded yet.")), className="leader-empty"
        )
    drawn = course_of(course, one) | {"t": (week.time_us // HOUR_US).tolist(), "v": rounded(week.mean)}
    drawn["marks"] = leader_chart.days(drawn["t"][0], (drawn.get("ft") or drawn["t"])[-1], zone)
    drawn["limits"] = list(one.form.limits or ()) if one.formula else [80.0, 60.0, 40.0, 20.0]
    year = desk.vitals.history(asker(), one.name, vital.area, (now_us - _YEAR_US, now_us), "1h")
    charts = [
        html.H3(spoken(Label("过去7天与未来12小时", "The last 7 days and the next 12 hours"))),
        html.Div(className="leader-chart", **marked(data_course=json.dumps(drawn))),
    ]
    if year is not None and len(year.time_us) > 24 * 30:
        began, means = leader_chart.daily(year.time_us, year.mean, zone, now_us)
        marks = leader_chart.months(began[0], began[-1], zone)
        long = {"t": began, "v": rounded(means), "marks": marks}
        charts += [
            html.H3(spoken(Label("过去13个月（日均）", "The last 13 months, daily means"))),
            html.Div(className="leader-chart low", **marked(data_course=json.dumps(long))),
        ]
    return html.Div(charts)


def _compared(one: Indicator, vital: Vital, course: Course, zone: str) -> Any:
    cells = []
    for name, (label, _) in THEN.items():
        then = course.then[name]
        shown = both(number_of(one, then).label)
        cells.append(
            html.Li([both(label, className="leader-note"), html.B(shown), delta(one, vital.value, then, name)])
        )
    since = both(recorded(course.recorded_us, zone), className="leader-note") if course.recorded_us else ""
    return html.Div([html.Ol(cells, className="leader-then"), since])


def _made_of(center: Center, tree: Tree, one: Indicator, vital: Vital) -> Any:
    head = html.H3(spoken(Label("由什么构成", "What it is made of")))
    if one.formula is None:
        total = sum(part.weight for part in vital.parts) or 1.0
        lines = [
            html.Li(
                opens(
                    part.name,
                    vital.area,
                    both(tree.indicators[part.name].label, className="leader-name"),
                    html.Span(f"{part.weight / total:.0%}", className="leader-note"),
                    html.B(Number(part.score, 0, "").bare),
                )
            )
            for part in vital.parts
        ]
        rule = Label(
            f"已知部分的加权平均，至多比最差的一项高{tree.form.above_worst:g}分；权重已知不足{tree.form.least_known:.0%}时为未知。"
            f"现已知{vital.known:.0%}。",
            f"The weighted mean of what is known, at most {tree.form.above_worst:g} points above its worst part; not"
            f" known below {tree.form.least_known:.0%} of the weight. {vital.known:.0%} is known now.",
        )
        return html.Div([head, html.P(both(rule), className="leader-note"), html.Ol(lines, className="leader-parts")])
    formula = html.Code(f"{one.name} = {one.formula.text}")
    return html.Div(
        [
            head,
            formula,
            html.Ol([_input(center, one, vital, reading) for reading in vital.readings], className="leader-parts"),
        ]
    )


_TAKES = {
    "mean": Label("平均值", "mean"),
    "least": Label("最小值", "least"),
    "greatest": Label("最大值", "greatest"),
    "share_within": Label("限值内占比", "share within limits"),
    "share_in_time": Label("按时上报占比", "share that reports in time"),
    "greatest_above": Label("高出登记值的最大差", "greatest excess over the registered value"),
    "count": Label("条数", "how many"),
    "waiting": Label("未确认条数", "how many wait"),
    "longest_wait_min": Label("最长等待", "longest wait"),
    "raised_10min": Label("10分钟内新增", "raised within ten minutes"),
    "open": Label("未结", "open"),
    "closed": Label("结案", "closed"),
    "verify_min": Label("接报到核实的中位分钟", "median minutes from report to verified"),
    "accept_min": Label("任务可开始到接受的中位分钟", "median minutes until a task is accepted"),
    "arrive_min": Label("派出到到场的中位分钟", "median minutes from sent to arrived"),
    "tasks_in_time": Label("任务按时完成占比", "share of tasks done in time"),
}
_STATES = {
    State.KNOWN: Label("有效", "in time"),
    State.AGED: Label("陈旧", "aged"),
    State.UNKNOWN: Label("未收到", "never received"),
}


def _input(center: Center, one: Indicator, vital: Vital, reading: Reading) -> Any:
    given = one.form.inputs[reading.name]
    desk = center.leader_desk()
    evidence = desk.vitals.evidence()
    value = "—" if not math.isfinite(reading.value) else f"{reading.value:,.4g}"
    age = ""
    if reading.time_us:
        minutes = max(evidence.now_us - reading.time_us, 0) / SECOND_US / 60
        fresh = Label(f"{minutes * 60:.0f}秒前", f"{minutes * 60:.0f} s old")
        old = lasting(minutes)
        age = both(fresh if minutes < 1 else Label(f"{old.zh}前", f"{old.en} old"))
    return html.Li(
        [
            html.Div(
                [
                    html.Code(reading.name),
                    html.Span(_what(given, reading), className="leader-name"),
                    html.B(value),
                    both(_STATES[reading.state], className=f"leader-state {reading.state.value}"),
                    html.Span(age, className="leader-note"),
                ],
                className="leader-input",
            ),
            html.Div(_links(center, reading), className="leader-links"),
        ]
    )


def _what(given: Any, reading: Reading) -> Any:
    if isinstance(given, Figure):
        return both(Label(f"城市汇总 {given.property}", f"figure {given.property}"))
    if isinstance(given, Live):
        take, counted = _TAKES[given.take], f"{reading.known:,}/{reading.total:,}"
        what = f" {given.property}" if given.property else ""
        return both(Label(f"{take.zh}{what}（{counted}个测点按时）", f"{take.en}{what} ({counted} in time)"))
    if isinstance(given, Alarms):
        take, rules = _TAKES[given.take], "、".join(given.rules) if given.rules else ""
        which = Label(rules or "全部规则", rules.replace("、", ", ") or "all rules")
        order = f" P{'/'.join(map(str, given.priorities))}" if given.priorities else ""
        return both(Label(f"未结束报警：{take.zh}{order}，{which.zh}", f"open alarms, {take.en}{order}, {which.en}"))
    if isinstance(given, Incidents):
        return both(_of_incidents(given, reading))
    return both(Label(f"统计数据 {given.name}", f"statistic {given.name}"))


def _of_incidents(given: Incidents, reading: Reading) -> Label:
    take = _TAKES[given.take]
    levels = " / ".join("ⅠⅡⅢⅣ"[level - 1] for level in given.levels or ())
    zh, en = [f"突发事件：{take.zh}"], [f"incidents: {take.en}"]
    if levels:
        zh, en = [*zh, f"{levels}级"], [*en, f"level {levels}"]
    if given.take != "open":
        zh, en = [*zh, f"近{given.days:g}天"], [*en, f"last {given.days:g} days"]
    return Label("，".join([*zh, f"{reading.known}项"]), ", ".join([*en, f"{reading.known} counted"]))


def _links(center: Center, reading: Reading) -> list[Any]:
    evidence = center.leader_desk().vitals.evidence()
    found: list[Any] = []
    for key in reading.streams:
        thing, stream = evidence.thing_of(key), evidence.catalog.datastreams[key]
        sign = UNITS[stream.unit].sign if stream.unit in UNITS else stream.unit
        value = f"{evidence.result[key]:,.4g} {sign}".strip()
        address = f"/things/{quote(thing.producer, safe='')}/{quote(thing.thing_id, safe='')}"
        found.append(html.A([both(thing.name), f" {value}"], href=address))
    words, watch = center.alarm_room().words, center.alarm_room().watch
    for number in reading.alarms:
        if (alarm := watch.find(number)) is not None:
            place = words.thing_name(alarm)
            since = moment(alarm.raised_us, evidence.now_us, center.pack.manifest.timezone)
            found.append(
                html.A(
                    [both(words.label(alarm)), " ", both(place) if place else "", f" {since}"], href=f"/alarms/{number}"
                )
            )
    found += [html.A(f"#{number}", href=f"/incidents/{number}") for number in reading.incidents]
    if reading.statistic and evidence.statistics:
        kept = evidence.statistics.get(reading.statistic)
        if kept is not None:
            text = f"{kept.period}: {kept.value:g} · {kept.source} · v{kept.version} · {kept.by}"
            found.append(html.Span(text, className="leader-note"))
    return found


def _levels(one: Indicator, vital: Vital) -> Any:
    ends = [number_of(one, limit) for limit in one.form.limits or ()]
    signs = ("≤", ">") if one.form.better == "lower" else ("≥", "<")
    bounds = [Label(f"{signs[0]} {end.zh}", f"{signs[0]} {end.en}") for end in ends]
    bounds.append(Label(f"{signs[1]} {ends[-1].zh}", f"{signs[1]} {ends[-1].en}"))
    cells = [
        html.Li(
            [level_mark(Level(step)), both(bound)],
            **marked(**({"aria_current": "true"} if vital.level == step else {})),
        )
        for step, bound in enumerate(bounds, 1)
    ]
    return html.Div([html.H3(spoken(Label("分级", "Levels"))), html.Ol(cells, className="leader-levels")])


def _foreseen(one: Indicator, outlook: Outlook | None) -> Any:
    head = html.H3(spoken(Label("预测有多可靠", "How good the forecast is")))
    if outlook is None:
        words = Label("没有预测：至少需要16周的小时记录。", "There is none: it asks for 16 weeks of hourly records.")
        return html.Div([head, html.P(both(words), className="leader-note")])
    return html.Div([head, html.P(both(_reliability(one, outlook, outlook.judged)))])


def _reliability(one: Indicator, outlook: Outlook, judged: Judged) -> Label:
    digits = one.form.digits + 1 if one.formula else 1
    mae, naive = (Number(value, digits, one.sign) for value in (judged.mae, judged.naive_mae))
    held = f"{judged.coverage:.0%}"
    many = f"{judged.forecasts:,}"
    mase = f"，MASE {judged.mase:.2f}" if math.isfinite(judged.mase) else ""
    tail_zh = f"80%区间实际包住了{held}（过去8周的{many}个预测{mase}）。"
    tail_en = f"The 80 % band held in {held} of {many} forecasts of the last 8 weeks{mase.replace('，', ', ')}."
    if outlook.method == "naive":
        return Label(
            f"我们的方法没有胜过“上周同一小时”，因此显示后者：平均误差{mae.zh}。{tail_zh}",
            f"Our way does not beat “the same hour last week”, so that is shown: off by {mae.en} on average. {tail_en}",
        )
    return Label(
        f"每周同一小时的常值加上正在衰减的当前偏差；平均误差{mae.zh}，“上周同一小时”为{naive.zh}。{tail_zh}",
        f"What this hour of the week usually is, plus the present deviation as it fades; off by {mae.en} on average,"
        f" “the same hour last week” by {naive.en}. {tail_en}",
    )
