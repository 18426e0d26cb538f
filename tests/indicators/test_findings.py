"""What is wrong is said in three sentences, in grammar of both languages, the worst first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops_center.domain.text import Label
from ops_center.indicators.findings import (
    Ahead,
    AlarmGroup,
    BadIndicator,
    Number,
    Sentence,
    Situation,
    lasting,
    sentences,
)
from ops_center.indicators.scale import Level

CITY = Label("全市", "the city")
NEAREST = ("rain", Label("平均雨强", "mean rain"), Number(2.1, 1, "mm/h"), Number(8, 1, "mm/h"))
CALM = Situation(CITY, [], [], [], [], 20, NEAREST, None)
JAM = BadIndicator(
    "congestion", Label("拥堵延时指数", "congestion index"), Number(1.93, 2, ""), Level.POOR, 0.08, "14:05",
    lasting(130), Label("城中区", "Chengzhong"), Number(2.4, 2, ""),
)  # fmt: skip
ALARMS = AlarmGroup(1, 3, 2, Label("供水爆管", "burst water main"), Label("水压计7", "pressure sensor 7"), "13:50")
SOON = Ahead(
    "aqi", Label("AQI", "AQI"), Number(118, 0, ""), Number(96, 0, ""), Number(140, 0, ""), "18:00",
    Level.FAIR, Level.NOTICE
)  # fmt: skip


def said(situation: Situation) -> list[tuple[str, str]]:
    return [(one.text.zh, one.text.en) for one in sentences(situation)]


def test_the_worst_comes_first_with_number_place_and_since_when() -> None:
    first, second, third = said(replace(CALM, bad=[JAM], alarms=[ALARMS], ahead=[SOON]))
    assert first[1] == (
        "3 critical alarms are open, 2 of them unacknowledged; the oldest is burst water main, pressure sensor 7,"
        " since 13:50."
    )
    assert first[0] == "3条紧急报警未结束，其中2条无人确认；最早一条：水压计7供水爆管，始于13:50。"
    assert second[1] == "Congestion index: 1.93, poor, since 14:05 (2 h 10 min); it is worst in Chengzhong, at 2.40."
    assert second[0] == "拥堵延时指数为1.93，处于“较差”，自14:05起，已2小时10分钟；城中区最重，为2.40。"
    assert third[1] == "AQI is expected at 118 (96 to 140) by 18:00: from fair to of concern."


@pytest.mark.parametrize(
    ("group", "en"),
    [
        (
            replace(ALARMS, count=1, waiting=1),
            "1 critical alarm is open and nobody has acknowledged it: burst water",
        ),
        (replace(ALARMS, count=1, waiting=0), "1 critical alarm is open: burst water main"),
        (replace(ALARMS, waiting=0), "3 critical alarms are open, all acknowledged; the oldest is burst water main"),
        (replace(ALARMS, priority=2), "3 high-priority alarms are open, 2 of them unacknowledged"),
    ],
)
def test_one_alarm_is_one_and_three_are_three(group: AlarmGroup, en: str) -> None:
    assert said(replace(CALM, alarms=[group]))[0][1].startswith(en)


def test_a_severe_indicator_goes_before_high_priority_alarms_and_four_are_three() -> None:
    severe = replace(JAM, name="pressure", level=Level.SEVERE)
    found: list[Sentence] = list(
        sentences(replace(CALM, bad=[JAM, severe, replace(JAM, name="speed")], alarms=[replace(ALARMS, priority=2)]))
    )
    assert len(found) == 3 and found[0].indicator == "pressure"


def test_nothing_wrong_is_said_with_numbers_too() -> None:
    steady = replace(SOON, then=Level.FAIR)
    found = said(replace(CALM, steady=steady))
    assert found[0][1] == "None of the 20 known indicators of the city is of concern or worse."
    assert found[1][1] == "Nearest to its limit: mean rain, 2.1 mm/h; beyond 8.0 mm/h it is of concern."
    assert found[2][1] == "AQI is expected at 118 (96 to 140) at 18:00: still fair."


def test_what_is_not_known_is_said_and_counted() -> None:
    names = [Label(f"指标{n}", f"indicator {n}") for n in range(5)]
    found = said(replace(CALM, bad=[JAM], unknown=names))
    assert found[1][1] == "5 of 25 indicators are not known: indicator 0, indicator 1, indicator 2 and 2 more."
    assert found[1][0] == "25项指标中有5项未知：指标0、指标1、指标2等。"
    calm, unknown, _ = said(replace(CALM, unknown=names[:1]))
    assert calm[1].startswith("None of the 20 known indicators")
    assert unknown[1] == "1 of 21 indicators is not known: indicator 0."


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        (Number(-0.04, 1, "m"), "0.0 m", "0.0 m"),
        (Number(-2.5, 1, "%"), "−2.5%", "−2.5%"),
        (Number(17.4, 0, "min"), "17分钟", "17 min"),
        (Number(12345.6, 0, ""), "12,346", "12,346"),
        (Number(float("nan"), 0, "m"), "—", "—"),
    ],
)
def test_numbers_as_people_write_them(number: Number, zh: str, en: str) -> None:
    assert (number.zh, number.en) == (zh, en)
