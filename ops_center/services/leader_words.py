"""From vitals, courses and alarms to what sentences are made from. Called by ``leader``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.alarm import Alarm
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US, in_zone
from ops_center.indicators.evaluating import Vital
from ops_center.indicators.evidence import Area
from ops_center.indicators.findings import Ahead, AlarmGroup, BadIndicator, Number, Situation, lasting
from ops_center.indicators.loading import Indicator, Tree
from ops_center.indicators.scale import Level, levels_of
from ops_center.services.alarm_words import AlarmWords
from ops_center.services.vital_things import area_name
from ops_center.services.vitals import Now

if TYPE_CHECKING:
    from ops_center.services.leader import Course

_HOURS_AHEAD = 6


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What there is to tell of."""

    tree: Tree
    now: Now
    courses: Mapping[str, Course]
    worst: Mapping[str, tuple[Area, Vital]]
    """of indicators: the district where it is worst"""
    alarms: Sequence[Alarm]
    names: Names
    zone: str

    def leaf(self, name: str) -> Indicator:
        """Return an indicator with a formula."""
        return self.tree.indicators[name]


def number_of(one: Indicator, value: float) -> Number:
    """Return a value of an indicator as people write it."""
    return Number(value, one.form.digits, one.sign) if one.formula else Number(value, 0, "")


def situation_of(told: Told, words: AlarmWords) -> Situation:
    """Return what sentences are made from."""
    counted = [
        (told.leaf(name), vital)
        for name, vital in told.now.vitals.items()
        if told.tree.indicators[name].formula is not None and weight_of(told.tree, name) > 0
    ]
    known = [(one, vital) for one, vital in counted if vital.level is not Level.UNKNOWN]
    bad = [(one, vital) for one, vital in known if vital.level >= Level.NOTICE]
    well = [(one, vital) for one, vital in known if vital.level < Level.NOTICE]
    ahead = [found for one, vital in known if (found := _ahead(told, one, vital)) is not None]
    return Situation(
        area_name(told.now.area, told.names),
        [_bad(told, one, vital) for one, vital in bad],
        _groups(told, words),
        [one for one in ahead if one.then > one.now and one.then >= Level.NOTICE],
        [_short(one) for one, vital in counted if vital.level is Level.UNKNOWN],
        len(known),
        _nearest(well),
        _steady(ahead, well),
    )


def weight_of(tree: Tree, name: str) -> float:
    """Return its share of the whole, 0 to 1."""
    one, share = tree.indicators[name], 1.0
    while one.form.parent is not None:
        total = sum(each.form.weight for each in tree.children[one.form.parent])
        share *= one.form.weight / total if total else 0.0
        one = tree.indicators[one.form.parent]
    return share


def _bad(told: Told, one: Indicator, vital: Vital) -> BadIndicator:
    course = told.courses.get(one.name)
    since_us = course.since_us if course else None
    minutes = (told.now.at_us - since_us) / MINUTE_US if since_us else 24 * 60.0 if since_us == 0 else 1.0
    place = told.worst.get(one.name) if told.now.area.kind == "city" else None
    if place is not None and place[1].level < Level.NOTICE:
        place = None
    return BadIndicator(
        one.name,
        one.label,
        number_of(one, vital.value),
        vital.level,
        weight_of(told.tree, one.name),
        moment(since_us if since_us else told.now.at_us, told.now.at_us, told.zone) if since_us != 0 else "",
        lasting(minutes),
        area_name(place[0], told.names) if place else None,
        number_of(one, place[1].value) if place else None,
    )


def moment(us: int, now_us: int, zone: str) -> str:
    """Return a time of today, or with its day."""
    then, now = in_zone(us, zone), in_zone(now_us, zone)
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%m-%d %H:%M}"


def _groups(told: Told, words: AlarmWords) -> Sequence[AlarmGroup]:
    found = []
    for priority in (1, 2):
        mine = [alarm for alarm in told.alarms if alarm.priority == priority]
        if mine:
            waiting = [alarm for alarm in mine if alarm.waiting_us]
            oldest = min(waiting or mine, key=lambda alarm: alarm.raised_us)
            place = words.thing_name(oldest) or told.names.district(oldest.district or None)
            since = moment(oldest.raised_us, told.now.at_us, told.zone)
            found.append(AlarmGroup(priority, len(mine), len(waiting), words.label(oldest), place, since))
    return found


def _ahead(told: Told, one: Indicator, vital: Vital) -> Ahead | None:
    """Return the worst of the next hours, by what is expected."""
    course, form = told.courses.get(one.name), one.form
    outlook = course.outlook if course else None
    if outlook is None or form.limits is None:
        return None
    part = slice(0, _HOURS_AHEAD)
    levels = levels_of(outlook.expected[part], form.limits, form.better)
    side = 1.0 if form.better == "lower" else -1.0
    expected = side * outlook.expected[part]
    if not np.isfinite(expected).all():
        return None
    at = int(np.argmax(expected))
    return Ahead(
        one.name,
        _short(one),
        number_of(one, float(outlook.expected[at])),
        number_of(one, float(outlook.low[at])),
        number_of(one, float(outlook.high[at])),
        f"{in_zone(int(outlook.time_us[at]), told.zone):%H:%M}",
        vital.level,
        Level(int(levels[at])),
    )


def _nearest(well: Sequence[tuple[Indicator, Vital]]) -> tuple[str, Label, Number, Number] | None:
    """Return, of what is well, what has come nearest to being watched; nothing that is at its best."""
    some = [(one, vital) for one, vital in well if math.isfinite(vital.score) and vital.score < 100.0]
    if not some:
        return None
    one, vital = min(some, key=lambda pair: pair[1].score)
    limits = one.form.limits
    return (one.name, one.label, number_of(one, vital.value), number_of(one, limits[1])) if limits else None


def _steady(ahead: Sequence[Ahead], well: Sequence[tuple[Indicator, Vital]]) -> Ahead | None:
    """Return a forecast of what stays well, of the one with the lowest score."""
    scores = {one.name: vital.score for one, vital in well}
    some = [one for one in ahead if one.then == one.now and one.name in scores]
    return min(some, key=lambda one: scores[one.name], default=None)


def _short(one: Indicator) -> Label:
    return one.form.short.label() if one.form.short else one.label
