"""Parts of the leader's page: levels by shape and word, numbers that open, small courses, ranks, alarms."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from alerts.alarm import Alarm, Priority
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, in_zone
from ops_center.indicators.evaluating import Vital
from ops_center.indicators.evidence import Area
from ops_center.indicators.findings import Number, Sentence
from ops_center.indicators.loading import Indicator, Tree
from ops_center.indicators.reading import State
from ops_center.indicators.scale import Level
from ops_center.screens.screen import both, marked, titled
from ops_center.services.alarm_words import AlarmWords
from ops_center.services.leader import Course, LeaderPage, Ranked
from ops_center.services.leader_words import moment, number_of
from ops_center.services.vital_things import area_name

THEN: Mapping[str, tuple[Label, Label]] = {
    "yesterday": (Label("昨日", "yesterday"), Label("比昨日同一小时", "than in the same hour yesterday")),
    "week": (Label("上周", "last week"), Label("比上周同一小时", "than in the same hour a week ago")),
    "year": (Label("去年", "last year"), Label("比去年同期（364天前）同一小时", "than in the same hour 364 days ago")),
}
_MOST_ALARMS = 5
_COURSE = Label("24小时与预测", "24 h, forecast")


def level_mark(level: Level, state: State = State.KNOWN) -> Any:
    """Return a level: shape, word and colour."""
    word = Label("陈旧", "aged") if state is State.AGED else level.label
    return html.Span(
        [html.I(level.sign, **marked(aria_hidden="true")), both(word)], className=f"leader-level l{int(level)}"
    )


def opens(indicator: str, area: Area, *content: Any, **more: Any) -> Any:
    """Return a button that opens what an indicator is made of."""
    named = marked(data_indicator=indicator, data_area=area.id)
    return html.Button([*content], type="button", **named, **more)


def sentence(one: Sentence, area: Area) -> Any:
    """Return one sentence; it opens what it is about."""
    mark = html.I(one.level.sign, className=f"leader-sign l{int(one.level)}", **marked(aria_hidden="true"))
    text = both(one.text)
    if one.indicator:
        return html.Li([mark, opens(one.indicator, area, text, className="leader-said")])
    if one.alarms:
        return html.Li([mark, html.A(text, href="/alarms", className="leader-said")])
    return html.Li([mark, html.Span(text, className="leader-said")])


def domain(one: Indicator, children: Sequence[Indicator], page: LeaderPage, zone: str) -> Any:
    """Return a domain with its indicators."""
    area, vitals = page.now.area, page.now.vitals
    vital = vitals[one.name]
    shown = [child for child in children if child.name in vitals]
    head = opens(
        one.name,
        area,
        level_mark(vital.level),
        html.Span([html.B(both(one.label)), html.Span(_beside(vital, one), className="leader-note")]),
        html.Span(number_of(one, vital.value).bare, className="leader-score"),
        *(
            both(words[0], className=f"leader-delta {name}", **marked(aria_hidden="true"))
            for name, words in THEN.items()
        ),
        both(_COURSE, className="leader-course leader-note"),
        className="leader-domain-head",
    )
    return html.Section(
        [head, *(row(child, vitals[child.name], page.courses.get(child.name), zone) for child in shown)],
        className="leader-domain",
    )


def _beside(vital: Vital, one: Indicator) -> Any:
    if one.form.weight == 0:
        return both(Label("不计入综合指数", "beside the index"))
    if vital.known < 0.995:
        return both(Label(f"已知 {vital.known:.0%}", f"{vital.known:.0%} known"))
    return ""


def row(one: Indicator, vital: Vital, course: Course | None, zone: str) -> Any:
    """Return one indicator: level, name, value, what it was, where it goes."""
    label = one.form.short.label() if one.form.short else one.label
    return opens(
        one.name,
        vital.area,
        level_mark(vital.level, vital.state),
        both(label, className="leader-name"),
        both(number_of(one, vital.value).label, className="leader-value"),
        *_against(one, vital, course, zone),
        spark(course, one),
        className=f"leader-row l{int(vital.level)}",
        **titled(Label(f"{one.label.zh}：查看构成", f"{one.label.en}: what it is made of")),
    )


def _against(one: Indicator, vital: Vital, course: Course | None, zone: str) -> list[Any]:
    """Return what it is against then; where nothing of then is known, since when it is recorded at all."""
    then = course.then if course else dict.fromkeys(THEN, math.nan)
    if course is not None and course.recorded_us and all(map(math.isnan, then.values())):
        return [both(recorded(course.recorded_us, zone), className="leader-delta leader-recorded")]
    return [delta(one, vital.value, then[name], name) for name in THEN]


def recorded(since_us: int, zone: str) -> Label:
    """Return since when something is recorded."""
    since = f"{in_zone(since_us, zone):%m-%d %H:%M}"
    return Label(f"自 {since} 起有记录", f"recorded since {since}")


def delta(one: Indicator, now: float, then: float, name: str) -> Any:
    """Return how much it is more or less than then; by sign and by word for those who hear it."""
    difference = now - then
    if not math.isfinite(difference):
        return html.Span(
            "·", className=f"leader-delta {name} none", **titled(Label("无可比数据", "nothing to compare"))
        )
    digits = one.form.digits if one.formula else 0
    shown = Number(abs(difference), digits, "")
    if not any(digit in shown.bare for digit in "123456789"):
        return html.Span("＝", className=f"leader-delta {name} same")
    better = (difference < 0) == (one.formula is not None and one.form.better == "lower")
    words = THEN[name][1]
    more = ("多", "more") if difference > 0 else ("少", "less")
    sign = "▲" if difference > 0 else "▼"
    return html.Span(
        f"{sign}{shown.bare}",
        className=f"leader-delta {name} {'better' if better else 'worse'}",
        **titled(Label(f"{words.zh}{more[0]} {shown.bare}", f"{shown.bare} {more[1]} {words.en}")),
    )


def spark(course: Course | None, one: Indicator) -> Any:
    """Return the course of the last 24 hours and the next ones, to be drawn by assets/leader.js."""
    drawn = json.dumps(course_of(course, one)) if course else ""
    return html.Span(className="leader-spark", **marked(data_course=drawn, aria_hidden="true"))


def course_of(course: Course, one: Indicator) -> dict[str, Any]:
    """Return hours since 1970 and values, of what was and of what is expected."""
    ahead = course.outlook
    found: dict[str, Any] = {"t": (course.time_us // HOUR_US).tolist(), "v": rounded(course.mean)}
    if ahead is not None:
        found |= {"ft": (ahead.time_us // HOUR_US).tolist(), "f": rounded(ahead.expected)}
        found |= {"lo": rounded(ahead.low), "hi": rounded(ahead.high)}
    if one.form.limits is not None:
        found["limit"] = one.form.limits[1]
    return found


def rounded(values: Any) -> list[float | None]:
    """Return numbers for a browser; what is not known is null."""
    return [round(float(value), 4) if math.isfinite(value) else None for value in values]


def ranks(ranked: Sequence[Ranked], tree: Tree, names: Names, shown: Area) -> Any:
    """Return areas, the worst first; each opens its page."""
    lines = []
    for one in ranked:
        worst = tree.indicators[one.worst.indicator] if one.worst else None
        short = (worst.form.short.label() if worst.form.short else worst.label) if worst else None
        said = (
            _with_number(short, number_of(worst, one.worst.value)) if worst and short and one.worst else Label("—", "—")
        )
        lines.append(
            html.Li(
                html.Button(
                    [
                        level_mark(one.vital.level),
                        both(area_name(one.area, names), className="leader-name"),
                        both(said, className="leader-note"),
                        html.Span(Number(one.vital.value, 0, "").bare, className="leader-score"),
                    ],
                    type="button",
                    **marked(data_show=one.area.id, **({"aria_current": "true"} if one.area == shown else {})),
                )
            )
        )
    return html.Ol(lines, className="leader-ranks")


def _with_number(label: Label, number: Number) -> Label:
    return Label(f"{label.zh} {number.zh}", f"{label.en} {number.en}")


def alarms(found: Sequence[Alarm], words: AlarmWords, now_us: int, zone: str) -> Any:
    """Return open alarms by priority, and the first of them."""
    counts = [
        html.Li([html.B(f"{sum(alarm.priority == priority for alarm in found):,}"), both(priority.label)])
        for priority in Priority
    ]
    lines = []
    for alarm in found[:_MOST_ALARMS]:
        place = words.thing_name(alarm)
        waits = both(Label("未确认", "waits"), className="leader-waits") if alarm.waiting_us else ""
        lines.append(
            html.Li(
                html.A(
                    [
                        html.B(str(int(alarm.priority)), className=f"leader-priority p{int(alarm.priority)}"),
                        html.Span(
                            [both(words.label(alarm)), " ", both(place) if place else ""], className="leader-name"
                        ),
                        waits,
                        html.Span(moment(alarm.raised_us, now_us, zone), className="leader-note"),
                    ],
                    href=f"/alarms/{alarm.id}",
                )
            )
        )
    nothing = both(Label("没有待处理的报警。", "No alarm wants anybody."), className="leader-empty")
    return [html.Ol(counts, className="leader-counts"), html.Ol(lines, className="leader-alarms") if lines else nothing]
