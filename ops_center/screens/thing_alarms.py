"""Alarms of a thing, open and past, and the rules that judge it with their limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from alerts.alarm import Alarm
from alerts.rule import Rule
from ops_center.domain.catalog import Thing
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.screens.alarm_card_parts import shape, state_badges
from ops_center.screens.desk_parts import empty, when
from ops_center.screens.screen import Center, both, spoken
from ops_center.screens.thing_picture import WHICH
from ops_center.screens.thing_words import property_name, unit_of

_SHOWN = 12


def panel_title(alarms: Sequence[Alarm]) -> Label:
    """Return how many stand and how many there were."""
    stand = sum(alarm.is_open for alarm in alarms)
    return Label(
        f"报警：{stand} 条未关闭，{len(alarms) - stand} 条历史", f"Alarms: {stand} open, {len(alarms) - stand} past"
    )


def panel() -> Any:
    """Return the place where its alarms stand; :func:`listed` fills it."""
    return html.Section(html.Div(id="thing-alarms"), className="panel thing-alarms")


def listed(center: Center, who: Asker, thing: Thing) -> Any:
    """Return its alarms, what is open first. Raises StoreError."""
    alarms = sorted(center.thing_room().alarms(who, thing), key=lambda one: (not one.is_open, -one.raised_us))
    title = html.H2(spoken(panel_title(alarms)))
    if not alarms:
        return [title, empty(Label("从未报警。", "It never raised an alarm."))]
    rows = [html.Tr([html.Td(cell) for cell in _cells(center, alarm)]) for alarm in alarms[:_SHOWN]]
    more = html.A(
        both(Label("在报警日志中查看全部", "all of them in the journal")),
        href=f"/alarms/journal?period=all&thing={thing.thing_id}",
        className="thing-more",
    )
    return [title, html.Table(html.Tbody(rows), className="list"), more]


def _cells(center: Center, alarm: Alarm) -> list[Any]:
    zone, words = center.pack.manifest.timezone, center.alarm_room().words
    ended = alarm.closed_us or alarm.returned_us
    lasted = f"→ {when(ended, zone)[5:]}" if ended else ""
    return [
        html.A([shape(alarm), " ", both(words.label(alarm))], href=f"/alarms/{alarm.id}", className="thing-link"),
        html.Span([when(alarm.raised_us, zone), " ", lasted], className="num quiet"),
        html.Span(state_badges(alarm)),
        html.A(f"#{alarm.id}", href=f"/alarms/{alarm.id}", className="num thing-link"),
    ]


def rules(center: Center, thing: Thing) -> Any:
    """Return the rules that judge it, each with its limits in the unit of the series."""
    room = center.thing_room()
    found = room.judges.of_thing(thing.key) if not thing.retired else []
    if not found:
        return panel_of(empty(Label("没有规则判断它。", "No rule judges it.")))
    limits = [(stream, limit) for stream in room.catalog().of_thing(thing.key) for limit in room.judges.limits(stream)]
    lines = []
    for rule in found:
        mine = [(stream, limit) for stream, limit in limits if limit.rule.name == rule.name]
        told = []
        for stream, limit in mine:
            value = html.B(f" {limit.value:.5g} {unit_of(stream.unit)} ", className="num")
            told.append(
                html.Span([both(property_name(stream.observed_property)), " ", both(WHICH[limit.which]), value])
            )
        lines.append(html.Li([_rule(rule), html.Span(told, className="thing-limits")]))
    return panel_of(html.Ul(lines, className="thing-rules"))


def panel_of(content: Any) -> Any:
    """Return the panel of its rules."""
    return panel_with(Label("判断它的规则", "Rules that judge it"), content)


def panel_with(title: Label, content: Any) -> Any:
    """Return a panel of the right column."""
    return html.Section([html.H2(spoken(title)), content], className="panel")


def _rule(rule: Rule) -> Any:
    minutes = Label(
        f"{rule.form.priority.respond_min:g} 分钟内处置", f"{rule.form.priority.respond_min:g} min to respond"
    )
    return html.A(
        [both(rule.form.label.label()), " ", both(minutes, className="quiet")],
        href=f"/rules?rule={rule.name}",
        className="thing-link",
    )
