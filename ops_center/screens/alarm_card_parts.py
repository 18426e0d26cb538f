"""Parts of an alarm's card that are words alone: what it is, what to do, why it is urgent, what belongs together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from dash import html

from alerts.alarm import Alarm, Aside, State
from alerts.priority import STEP_LEVEL, priority_of
from ops_center.city.scope_names import scope_names
from ops_center.domain.catalog import Thing
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US, in_zone
from ops_center.people.asking import asker
from ops_center.screens import app
from ops_center.screens.alarm_words import EXPLANATIONS, STATES
from ops_center.screens.desk_parts import badge, when
from ops_center.screens.screen import Center, both, marked, spoken
from ops_center.services.alarm_cards import AlarmCard

_CONSEQUENCES = {
    "minor": Label("轻微", "minor"),
    "moderate": Label("一般", "moderate"),
    "major": Label("较大", "major"),
    "severe": Label("重大", "severe"),
}
_MOST_CHILDREN = 40
_UNACKNOWLEDGED = {State.UNACKNOWLEDGED, State.RETURNED, State.LATCHED_UNACKNOWLEDGED}


def acts_of(alarm: Alarm, *, children: bool) -> Iterator[str]:
    """Return the commands that make sense for an alarm as it is."""
    if alarm.is_open and alarm.state in _UNACKNOWLEDGED:
        yield "acknowledge"
        if children:
            yield "acknowledge_all"
    if alarm.state is State.LATCHED_ACKNOWLEDGED:
        yield "reset"
    if alarm.aside is Aside.SHELVED:
        yield "unshelve"
    elif alarm.aside is Aside.OUT_OF_SERVICE:
        yield "in_service"
    elif alarm.is_open:
        yield from ("shelve", "out_of_service")
    if alarm.is_open:
        yield "assign"
    yield from ("comment", "attach")


def shape(alarm: Alarm) -> Any:
    """Return the sign of its priority: filled while it waits for somebody."""
    waits = alarm.state in _UNACKNOWLEDGED and alarm.aside is Aside.NONE
    sign = html.I(str(int(alarm.priority)), className="shape")
    return html.Span(sign, className=f"p{int(alarm.priority)} {'waits' if waits else ''}")


def state_badges(alarm: Alarm) -> list[Any]:
    """Return its state, and what lies over it."""
    tone = "severe" if alarm.state in _UNACKNOWLEDGED and alarm.aside is Aside.NONE else "quiet"
    badges = [badge(STATES[alarm.state], tone)]  # type: ignore[arg-type]
    if alarm.aside is not Aside.NONE:
        badges.append(badge(STATES[alarm.aside], "notice"))
    if alarm.chattering:
        badges.append(badge(Label("抖动", "chattering"), "notice"))
    return badges


def name_of(found: AlarmCard) -> Label:
    """Return what its rule is called; the bare name of one that was removed."""
    return found.rule.form.label.label() if found.rule else Label(found.alarm.rule, found.alarm.rule)


def head(center: Center, found: AlarmCard) -> Any:
    """Return what and where it is."""
    alarm, names = found.alarm, scope_names(center.pack)
    subject = center.alarm_room().words.thing_name(alarm)
    where = [_thing(found.thing)] if found.thing else [both(subject)] if subject else []
    if alarm.district:
        where += [" · " if where else "", both(names.district(alarm.district))]
    return html.Div(
        [
            html.Div([shape(alarm), html.H1(spoken(name_of(found)))], className="card-title"),
            html.P([*where, html.Span(f"#{alarm.id}", className="quiet num")], className="card-where"),
            html.Div(
                [both(alarm.priority.label, className=f"badge word p{int(alarm.priority)}"), *state_badges(alarm)]
            ),
        ],
        className="card-head",
    )


def _thing(thing: Thing) -> Any:
    """Return its name, as the way to its page where there is one."""
    path = f"/things/{quote(thing.producer, safe='')}/{quote(thing.thing_id, safe='')}"
    there = app.screen_at(path, {screen.path: screen for screen in app.screens().values()})
    return html.A(both(thing.name), href=path) if there and asker().may_see(there.rights) else both(thing.name)


def to_do(found: AlarmCard) -> Any:
    """Return the operator's action, and how long there is left for it."""
    if found.rule is None:
        return html.Div()
    texts, alarm = found.rule.form.texts, found.alarm
    until_us = alarm.raised_us + round(found.rule.form.priority.respond_min * MINUTE_US)
    left = html.Span(className="left num", **marked(data_until_us=str(until_us)))
    stands = alarm.state in _UNACKNOWLEDGED and alarm.stands
    return html.Div(
        [
            html.Div([both(Label("处置", "What to do"), className="over"), left if stands else ""], className="spread"),
            html.P(spoken(texts.operator_action.label()), className="action"),
            html.P([both(Label("责任部门：", "Department: "), className="quiet"), both(texts.department.label())]),
        ],
        className="to-do",
    )


def why(found: AlarmCard) -> Any:
    """Return cause, consequence and how its priority came about."""
    if found.rule is None:
        return html.Div(both(Label("该规则已被删除", "its rule was removed")), className="quiet")
    form = found.rule.form
    made = priority_of(found.rule, found.alarm.level)
    minutes = f"{form.priority.respond_min:g}"
    steps = found.alarm.level >= STEP_LEVEL and made != priority_of(found.rule)
    worse = [both(Label("，越过高一级限值再升一级", ", one step up beyond the second limit"))] if steps else []
    if made != found.alarm.priority:  # lowered since its condition is over, or its rule was edited since
        now = found.alarm.priority.label
        worse.append(both(Label(f"；现为{now.zh}", f"; now {now.en}"), className="strong"))
    return _terms(
        (Label("原因", "Cause"), spoken(form.texts.cause.label())),
        (Label("后果", "Consequence"), spoken(form.texts.consequence.label())),
        (
            Label("优先级", "Priority"),
            [
                both(made.label, className="strong"),
                " = ",
                both(Label("后果", "consequence ")),
                both(_CONSEQUENCES[form.priority.consequence]),
                both(Label(f" × {minutes} 分钟内须处置", f" × {minutes} min to respond")),
                *worse,
            ],
        ),
    )


def facts(center: Center, found: AlarmCard) -> Any:
    """Return when, whose, and by which rule."""
    alarm, zone, names = found.alarm, center.pack.manifest.timezone, scope_names(center.pack)
    terms: list[tuple[Label, Any]] = [
        (Label("发生", "Raised"), [when(alarm.raised_us, zone), f" ×{alarm.times}" if alarm.times > 1 else ""])
    ]
    if alarm.returned_us:
        terms.append((Label("恢复", "Returned"), when(alarm.returned_us, zone)))
    if alarm.acknowledged_by:
        terms.append(
            (Label("确认", "Acknowledged"), [f"{alarm.acknowledged_by} · {_clock(alarm.acknowledged_us, zone)}"])
        )
    if alarm.aside is Aside.SHELVED:
        until = [both(Label("至 ", "until ")), _clock(alarm.aside_until_us, zone), f" · {alarm.aside_by}"]
        terms.append((Label("搁置", "Shelved"), [*until, f" · {alarm.aside_reason}"]))
    if alarm.aside is Aside.OUT_OF_SERVICE:
        terms.append((Label("停用", "Out of service"), f"{alarm.aside_by} · {alarm.aside_reason}"))
    terms.append((Label("归属", "Belongs to"), _owner(alarm, names)))
    if alarm.assigned_department or alarm.assigned_person:
        given = [both(names.department(alarm.assigned_department))] if alarm.assigned_department else []
        terms.append((Label("已指派", "Assigned"), [*given, f" {alarm.assigned_person}"]))
    terms.append(
        (
            Label("规则", "Rule"),
            [html.Code(alarm.rule), both(Label(f" 第{alarm.rule_version}版", f" v{alarm.rule_version}"))],
        )
    )
    if found.rule:
        terms.append((Label("依据", "Source"), spoken(found.rule.form.source.label())))
    return _section(Label("详情", "Details"), _terms(*terms))


def group(center: Center, found: AlarmCard) -> list[Any]:
    """Return what explains it, and what it explains."""
    sections = []
    words = center.alarm_room().words
    if found.parent is not None:
        why_ = EXPLANATIONS.get(found.alarm.explained_by, EXPLANATIONS["rule"])
        line = _line(found.parent, words.label(found.parent), words.thing_name(found.parent), center)
        sections.append(_section(Label("由其引起", "Explained by"), html.Div([line, badge(why_)])))
    if found.children:
        many = len(found.children)
        title = Label(f"由此引起的 {many} 条", f"It explains {many}")
        shown = found.children[:_MOST_CHILDREN]
        lines: Sequence[Any] = [_line(one, words.label(one), words.thing_name(one), center) for one in shown]
        more = many - len(shown)
        rest = [both(Label(f"……另有 {more} 条", f"… and {more} more"), className="quiet")] if more else []
        held = html.Details([html.Summary(spoken(title)), *lines, *rest], open=many <= 8, className="card-section")
        sections.append(held)
    return sections


def _line(alarm: Alarm, label: Label, name: Label | None, center: Center) -> Any:
    return html.Button(
        [
            shape(alarm),
            both(label),
            *([both(name, className="quiet")] if name else []),
            html.Span(_clock(alarm.raised_us, center.pack.manifest.timezone), className="num quiet"),
        ],
        className="line",
        **marked(data_alarm="open", data_id=str(alarm.id)),
    )


def _owner(alarm: Alarm, names: Names) -> list[Any]:
    if not alarm.department:
        return [both(Label("全市", "whole city"))]
    return [both(names.department(alarm.department)), " · ", both(names.district(alarm.district or None))]


def _clock(us: int, zone: str) -> str:
    return f"{in_zone(us, zone):%m-%d %H:%M:%S}" if us else "—"


def _section(title: Label, *content: Any) -> Any:
    return html.Div([html.H3(spoken(title)), *content], className="card-section")


def _terms(*terms: tuple[Label, Any]) -> Any:
    return html.Dl([part for label, text in terms for part in (html.Dt(spoken(label)), html.Dd(text))])


section = _section
