"""What indicators read of incidents: how many are open, how long things take, now and at any hour of the past."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ops_center.domain.time import DAY_US, HOUR_US
from ops_center.indicators.evidence import CITY, Area
from ops_center.indicators.form import Incidents
from ops_center.indicators.reading import Reading, State, read
from ops_center.indicators.response import Response, found_in, past_in
from tests.indicators.evidences import NOW_US, Moment, span, step

SPANS = (
    span(1, 3, 2.0),
    span(2, 2, 0.5),
    span(3, 4, 9.0, 8.0),
    span(4, 4, 3.0, 0.2, district="D2", departments=("water",)),
    span(5, 4, 1.0, 0.5, handled=False),
)
STEPS = (
    step("verify", 4.0, 40.0),
    step("verify", 8.0, 20.0, 2),
    step("verify", 30.0, 0.5, 3),
    step("task", 100.0, 1.0, 1),
    step("task", 0.0, 1.5, 2),
    step("task", 100.0, 2.0, 3, departments=("water",), district="D2"),
)
RESPONSE = Response(SPANS, STEPS)
WATER, D1 = Area("department", "water"), Area("district", "D1")


def reading(given: Incidents, area: Area = CITY, response: Response | None = RESPONSE) -> Reading:
    return read("x", given, area, Moment().evidence(response=response), None)


def test_open_ones_are_counted_the_gravest_first() -> None:
    found = reading(Incidents(take="open"))
    assert (found.value, found.incidents) == (2.0, (2, 1))
    assert reading(Incidents(take="open", levels=[1, 2])).incidents == (2,)
    assert reading(Incidents(take="open"), WATER).value == 0


def test_closed_ones_are_counted_within_the_window_false_reports_are_not() -> None:
    assert reading(Incidents(take="closed", days=1)).incidents == (4,)
    assert reading(Incidents(take="closed", days=10)).incidents == (4, 3)
    assert reading(Incidents(take="closed", days=10), D1).incidents == (3,)


def test_times_are_the_median_of_the_window_the_slowest_named_first() -> None:
    found = reading(Incidents(take="verify_min"))
    assert (found.value, found.known, found.incidents) == (19.0, 2, (3, 2))
    assert reading(Incidents(take="verify_min", days=50)).value == 8.0


def test_tasks_in_time_are_a_share_those_that_were_late_named_first() -> None:
    found = reading(Incidents(take="tasks_in_time"))
    assert found.value == pytest.approx(200 / 3)
    assert found.incidents[0] == 2
    assert reading(Incidents(take="tasks_in_time"), WATER).value == 100


def test_what_never_happened_and_what_nobody_read_is_not_known() -> None:
    assert reading(Incidents(take="arrive_min")).state is State.UNKNOWN
    assert reading(Incidents(take="open"), response=None).state is State.UNKNOWN


@pytest.mark.parametrize("take", ["open", "closed", "verify_min", "tasks_in_time", "arrive_min"])
@pytest.mark.parametrize("area", [CITY, D1, WATER])
def test_the_past_is_what_was_read_then(take: str, area: Area) -> None:
    given = Incidents(take=take, days=7)  # type: ignore[arg-type]
    hours = np.arange(NOW_US - 50 * DAY_US, NOW_US, 5 * HOUR_US)
    then = [found_in(given, area, RESPONSE, hour).value for hour in hours.tolist()]
    np.testing.assert_array_equal(past_in(given, area, RESPONSE, hours), then)
    assert len({value for value in then if math.isfinite(value)}) > 1 or area == WATER or take == "arrive_min"
