"""What is wrong now, in sentences made from data: findings are ranked, the first three are said, in both languages.

Every sentence has its number, its place and its time. Where nothing is wrong the sentences say that, what comes nearest
to a limit, and what is expected next; none of them is there to fill a line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ops_center.domain.text import Label
from ops_center.indicators.scale import Level

MOST = 3
_CHINESE_SIGNS = {"min": "分钟", "h": "小时", "s": "秒"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its unit, as people write it."""

    value: float
    digits: int
    sign: str
    """of the unit; "" none"""

    @property
    def bare(self) -> str:
        """Return it without its unit: a minus that is as wide as a digit, thousands set apart, no minus zero."""
        if not math.isfinite(self.value):
            return "—"
        text = f"{self.value:,.{self.digits}f}".replace("-", "−")
        return text if any(digit in text for digit in "123456789") else text.lstrip("−")

    @property
    def zh(self) -> str:
        """Return it as Chinese writes it."""
        return self._with(_CHINESE_SIGNS.get(self.sign, self.sign))

    @property
    def en(self) -> str:
        """Return it as English writes it."""
        return self._with(self.sign)

    @property
    def label(self) -> Label:
        """Return both."""
        return Label(self.zh, self.en)

    def _with(self, sign: str) -> str:
        near = sign in {"%", "分钟"}
        return self.bare if not sign or self.bare == "—" else f"{self.bare}{sign}" if near else f"{self.bare} {sign}"


@dataclass(frozen=True, slots=True)
class BadIndicator:
    """An indicator that is at watch or worse."""

    name: str
    label: Label
    number: Number
    level: Level
    weight: float
    """share of the whole, 0 to 1"""
    since: str
    """``14:05``, ``11-29 14:05``; "": longer than is known"""
    lasting: Label
    worst: Label | None = None
    """the district where it is worst"""
    worst_number: Number | None = None


@dataclass(frozen=True, slots=True)
class AlarmGroup:
    """Open alarms of one priority."""

    priority: int
    count: int
    waiting: int
    rule: Label
    """of the oldest that waits, else of the oldest"""
    place: Label
    since: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """A forecast that reaches a worse level."""

    name: str
    label: Label
    number: Number
    low: Number
    high: Number
    at: str
    """``18:00``"""
    now: Level
    then: Level


@dataclass(frozen=True, slots=True)
class Situation:
    """What sentences are made from; each list the worst first or in any order: :func:`sentences` ranks."""

    place: Label
    bad: Sequence[BadIndicator]
    alarms: Sequence[AlarmGroup]
    ahead: Sequence[Ahead]
    unknown: Sequence[Label]
    known: int
    """indicators that are known"""
    nearest: tuple[str, Label, Number, Number] | None
    """of those that are well, the one next to its limit: name, label, value, limit"""
    steady: Ahead | None
    """a forecast to tell where nothing is wrong"""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, how much it matters, and the indicator that it is about."""

    text: Label
    rank: float
    level: Level
    indicator: str = ""
    alarms: int = 0
    """priority of the alarms that it is about; 0: none"""


def sentences(situation: Situation) -> Sequence[Sentence]:
    """Return the three that matter most, the worst first."""
    found = [
        *(_bad(one) for one in situation.bad),
        *(_alarms(one) for one in situation.alarms[:1]),
        *(_ahead(one) for one in sorted(situation.ahead, key=lambda one: -one.then)[:1]),
    ]
    found.sort(key=lambda one: -one.rank)
    found = found[:MOST]
    unknown = [_unknown(situation.unknown, situation.known)] if situation.unknown else []
    calm = [] if found or not situation.known else [_calm(situation)]
    return [*found, *calm, *unknown, *_well(situation)][:MOST]


def _bad(one: BadIndicator) -> Sentence:
    level, number = one.level.label, one.number
    since_zh = f"自{one.since}起，已{one.lasting.zh}" if one.since else f"已超过{one.lasting.zh}"
    since_en = f"since {one.since} ({one.lasting.en})" if one.since else f"for more than {one.lasting.en}"
    worst_zh = worst_en = ""
    if one.worst is not None and one.worst_number is not None:
        if one.worst_number.bare == number.bare:
            worst_zh, worst_en = f"，在{one.worst.zh}", f", in {one.worst.en}"
        else:
            worst_zh = f"；{one.worst.zh}最重，为{one.worst_number.zh}"
            worst_en = f"; it is worst in {one.worst.en}, at {one.worst_number.en}"
    return Sentence(
        Label(
            f"{one.label.zh}为{number.zh}，处于“{level.zh}”，{since_zh}{worst_zh}。",
            f"{_capital(one.label.en)}: {number.en}, {level.en}, {since_en}{worst_en}.",
        ),
        100.0 * one.level + 50.0 * one.weight,
        one.level,
        one.name,
    )


_PRIORITIES = {1: Label("紧急", "critical"), 2: Label("高优先级", "high-priority")}
_ALARM_RANK = {1: 460.0, 2: 340.0}


def _alarms(one: AlarmGroup) -> Sentence:
    name = _PRIORITIES.get(one.priority, Label("一般", "lower-priority"))
    noun = "alarm is" if one.count == 1 else "alarms are"
    if one.count == 1:
        waits_zh, waits_en = ("，无人确认", " and nobody has acknowledged it") if one.waiting else ("，已确认", "")
        which_zh, which_en = "：", ": "
    else:
        waits_zh = f"，其中{one.waiting}条无人确认" if one.waiting else "，均已确认"
        waits_en = f", {one.waiting} of them unacknowledged" if one.waiting else ", all acknowledged"
        which_zh, which_en = "；最早一条：", "; the oldest is "
    return Sentence(
        Label(
            f"{one.count}条{name.zh}报警未结束{waits_zh}{which_zh}{one.place.zh}{one.rule.zh}，始于{one.since}。",
            f"{one.count} {name.en} {noun} open{waits_en}{which_en}{one.rule.en}, {one.place.en}, since {one.since}.",
        ),
        _ALARM_RANK.get(one.priority, 200.0) + (40.0 if one.waiting else 0.0),
        Level.SEVERE if one.priority == 1 else Level.POOR if one.priority == 2 else Level.NOTICE,
        alarms=one.priority,
    )


def _ahead(one: Ahead) -> Sentence:
    return Sentence(
        Label(
            f"预计{one.at}{one.label.zh}为{one.number.zh}（{one.low.bare}至{one.high.bare}），将由“{one.now.label.zh}”转为“{one.then.label.zh}”。",
            f"{_capital(one.label.en)} is expected at {one.number.en} ({one.low.bare} to {one.high.bare}) by {one.at}:"
            f" from {one.now.label.en} to {one.then.label.en}.",
        ),
        100.0 * one.then - 30.0,
        one.then,
        one.name,
    )


def _unknown(labels: Sequence[Label], known: int) -> Sentence:
    some, more = labels[:3], len(labels) - 3
    names_zh, names_en = "、".join(one.zh for one in some), ", ".join(one.en for one in some)
    if more > 0:
        names_zh, names_en = f"{names_zh}等", f"{names_en} and {more} more"
    is_are = "indicators is" if len(labels) == 1 else "indicators are"
    return Sentence(
        Label(
            f"{len(labels) + known}项指标中有{len(labels)}项未知：{names_zh}。",
            f"{len(labels)} of {len(labels) + known} {is_are} not known: {names_en}.",
        ),
        150.0,
        Level.UNKNOWN,
    )


def _calm(situation: Situation) -> Sentence:
    level = Level.NOTICE.label
    zh = f"{situation.place.zh}已知的{situation.known}项指标都没有达到“{level.zh}”。"
    en = f"None of the {situation.known} known indicators of {situation.place.en} is {level.en} or worse."
    return Sentence(Label(zh, en), 20.0, Level.GOOD)


def _well(situation: Situation) -> Sequence[Sentence]:
    """Return what is said where less than three things are wrong."""
    found = []
    if situation.nearest is not None:
        name, label, number, limit = situation.nearest
        zh = f"离界限最近的是{label.zh}：{number.zh}，越过{limit.zh}即为“{Level.NOTICE.label.zh}”。"
        en = f"Nearest to its limit: {label.en}, {number.en}; beyond {limit.en} it is of concern."
        found.append(Sentence(Label(zh, en), 10.0, Level.FAIR, name))
    if (one := situation.steady) is not None:
        zh = f"预计{one.at}{one.label.zh}为{one.number.zh}（{one.low.bare}至{one.high.bare}），"
        zh = f"{zh}仍为“{one.then.label.zh}”。"
        en = f"{_capital(one.label.en)} is expected at {one.number.en} ({one.low.bare} to {one.high.bare}) at {one.at}:"
        en = f"{en} still {one.then.label.en}."
        found.append(Sentence(Label(zh, en), 5.0, one.then, one.name))
    return found


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def lasting(minutes: float) -> Label:
    """Return how long something has been so, as it is said."""
    whole = max(round(minutes), 1)
    hours, rest = divmod(whole, 60)
    if hours == 0:
        return Label(f"{whole}分钟", f"{whole} min")
    if hours >= 24:
        days, left = divmod(hours, 24)
        return Label(f"{days}天{left}小时" if left else f"{days}天", f"{days} d {left} h" if left else f"{days} d")
    return Label(
        f"{hours}小时{rest}分钟" if rest else f"{hours}小时", f"{hours} h {rest} min" if rest else f"{hours} h"
    )
