"""Inputs: values with their ages, and what is not known stays not known."""

from __future__ import annotations

import math

import pytest

from ops_center.domain.time import DAY_US, SECOND_US
from ops_center.indicators.evaluating import evaluate
from ops_center.indicators.evidence import CITY, Area, OpenAlarm, StatisticValue
from ops_center.indicators.form import Alarms, Figure, Input, Live, Statistic
from ops_center.indicators.loading import shipped_tree
from ops_center.indicators.reading import Reading, State, read
from ops_center.indicators.scale import Level
from tests.indicators.evidences import MINUTE, NOW_US, Moment, whole_city

TREE = shipped_tree()
SPEED = Live(property="vehicle_speed", take="mean")


def reading(given: Input, moment: Moment, area: Area = CITY, **more: object) -> Reading:
    form = TREE.statistics.get(given.name) if isinstance(given, Statistic) else None
    return read("x", given, area, moment.evidence(**more), form)


def sensors(*values: tuple[float, float]) -> Moment:
    """Traffic sensors with (speed, age in seconds)."""
    moment = Moment()
    for number, (value, age_s) in enumerate(values):
        thing = moment.thing("traffic_sensor", feed="traffic", district=f"D{number % 2}", department="traffic_police")
        moment.value(thing, "vehicle_speed", value, age_s=age_s)
    return moment


def alarm(
    number: int, rule: str = "rain_heavy", *, priority: int = 3, waits_min: float = 0.0, district: str = "D0"
) -> OpenAlarm:
    waiting = NOW_US - round(waits_min * MINUTE) if waits_min else 0
    return OpenAlarm(number, rule, priority, waiting, NOW_US - 60 * MINUTE, district, "water", -1)


def test_a_figure_in_time_is_known_with_its_source() -> None:
    moment = Moment()
    key = moment.figure("city", "aqi", 80.0, age_s=30)
    found = reading(Figure(property="aqi"), moment)
    assert (found.value, found.state, found.streams) == (80.0, State.KNOWN, (key,))
    assert found.time_us == NOW_US - 30 * SECOND_US


def test_a_figure_that_is_old_or_never_came_is_no_zero() -> None:
    moment = Moment()
    moment.figure("city", "aqi", 80.0, age_s=3600)
    found = reading(Figure(property="aqi"), moment)
    assert (found.value, found.state) == (80.0, State.AGED)
    never = reading(Figure(property="mean_rain"), moment)
    assert math.isnan(never.value) and never.state is State.UNKNOWN
    vital = evaluate(TREE, CITY, moment.evidence(alarms=[]))["air_quality"]
    assert math.isnan(vital.value) and vital.level is Level.UNKNOWN and vital.state is State.AGED


def test_live_values_that_are_aged_are_left_out_and_counted() -> None:
    found = reading(SPEED, sensors((40, 5), (60, 5), (1, 900)))
    assert (found.value, found.known, found.total) == (50.0, 2, 3)


def test_too_few_in_time_are_not_known() -> None:
    found = reading(SPEED, sensors((40, 5), (60, 900), (1, 900)))
    assert math.isnan(found.value) and found.state is State.AGED and (found.known, found.total) == (1, 3)


def test_an_area_takes_its_own_alone() -> None:
    moment = sensors((40, 5), (60, 5), (20, 5))
    assert reading(SPEED, moment, Area("district", "D0")).value == 30.0
    assert reading(SPEED, moment, Area("department", "traffic_police")).value == 40.0
    assert reading(SPEED, moment, Area("department", "fire")).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("given", "value", "first"),
    [
        (Live(property="vehicle_speed", take="least"), 20.0, 2),
        (Live(property="vehicle_speed", take="greatest"), 60.0, 1),
        (Live(property="vehicle_speed", take="share_within", low=30), 200 / 3, 2),
        (Live(property="vehicle_speed", take="share_within", low=50), 100 / 3, 0),
    ],
)
def test_names_first_what_decides(given: Live, value: float, first: int) -> None:
    found = reading(given, sensors((40, 5), (60, 5), (20, 5)))
    assert found.value == pytest.approx(value)
    assert found.streams[0] == first


def test_a_level_is_measured_from_what_its_gauge_is_registered_with() -> None:
    moment = Moment()
    for level, warning in ((9.0, 8.5), (3.0, 8.0), (7.0, None)):
        attributes = {} if warning is None else {"warning_level_m": warning}
        moment.value(moment.thing("river_gauge", feed="weather", attributes=attributes), "river_level", level)
    given = Live(property="river_level", take="greatest_above", attribute="warning_level_m")
    assert reading(given, moment).value == pytest.approx(0.5)


def test_what_the_center_makes_itself_is_no_sensor() -> None:
    moment = sensors((40, 5), (60, 900))
    moment.figure("city", "aqi", 80.0, age_s=9999)
    found = reading(Live(take="share_in_time"), moment)
    assert (found.value, found.known, found.total, found.streams) == (50.0, 1, 2, (1,))


def test_alarms_are_counted_by_rule_priority_and_place_and_its_own_are_not() -> None:
    crowd = alarm(2, "camera_crowding", priority=2, waits_min=5, district="D1")
    alarms = [alarm(1, priority=1, waits_min=30), crowd, alarm(3), alarm(4, "vital_city", priority=1)]
    moment = Moment()

    def of(given: Alarms, area: Area = CITY) -> float:
        return reading(given, moment, area, alarms=alarms).value

    assert of(Alarms(take="count")) == 3
    assert of(Alarms(take="count", priorities=[1])) == 1
    assert of(Alarms(take="count", rules=["camera_*"])) == 1
    assert of(Alarms(take="count", but=("rain_*",))) == 1
    assert of(Alarms(take="waiting")) == 2
    assert of(Alarms(take="longest_wait_min")) == 30
    assert of(Alarms(take="longest_wait_min"), Area("district", "D1")) == 5
    assert of(Alarms(take="raised_10min")) == 0
    assert reading(Alarms(take="longest_wait_min"), moment, alarms=alarms).alarms == (1, 2), "the longest first"


def test_alarms_that_nobody_heard_of_are_not_none() -> None:
    found = reading(Alarms(take="count"), Moment(), alarms=None)
    assert math.isnan(found.value) and found.state is State.UNKNOWN


def test_a_statistic_ages_and_says_so() -> None:
    given = Statistic(name="gdp_growth")

    def growth(ended_us: int) -> StatisticValue:
        return StatisticValue("gdp_growth", "", "2026-Q3", ended_us, 5.2, 1, "bureau", "li")

    moment = whole_city()
    old = {("gdp_growth", ""): growth(NOW_US - 200 * DAY_US)}
    assert reading(given, moment, statistics={("gdp_growth", ""): growth(NOW_US - DAY_US)}).state is State.KNOWN
    assert reading(given, moment, statistics=old).state is State.AGED
    assert reading(given, moment, statistics={}).state is State.UNKNOWN
    kept = evaluate(TREE, CITY, moment.evidence(alarms=[], statistics=old))["gdp"]
    assert (kept.value, kept.state, kept.level) == (5.2, State.AGED, Level.GOOD), "kept, and said to be aged"


def test_a_sum_does_not_hide_what_is_bad_and_needs_most_of_its_weight() -> None:
    burst = evaluate(TREE, CITY, whole_city(least_pressure=0.0).evidence(alarms=[]))
    assert burst["least_pressure"].score == 0
    assert burst["water"].score == 40 and burst["water"].level is Level.NOTICE, "0 and at most 40 above it"
    assert burst["city"].score == 80
    blind = evaluate(TREE, CITY, whole_city().evidence(alarms=None))
    assert blind["safety"].level is Level.UNKNOWN and blind["response"].level is Level.UNKNOWN
    assert blind["city"].known == pytest.approx((20 * 0.3 + 20 * 0.8 + 20 + 20 + 10 * 10 / 17) / 100)
    assert blind["city"].level is Level.GOOD, "two thirds of its weight are known"
