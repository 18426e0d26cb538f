"""The figures of EEMUA 191 from a journal that is told by hand, and from a book."""

from __future__ import annotations

import math

import pytest

from alerts import transitions
from alerts.alarm import Act, Priority, Turn
from alerts.figures import AT_ONCE_US, PERIOD_US, WANTED, Line, acknowledge_times_s, figures, lines_of
from ops_center.domain.time import DAY_US, MINUTE_US, SECOND_US
from tests.alerts.book_trial import Trial, limits, us
from tests.alerts.trial import T0_US

HOUR = (T0_US, T0_US + 6 * PERIOD_US)


def raises(*minutes: float, rule: str = "low", subject: int = 1, shown: bool = True) -> list[Line]:
    return [
        Line(n, T0_US + round(at * MINUTE_US), Act.RAISED, rule, (1, subject), Priority.LOW, shown)
        for n, at in enumerate(minutes)
    ]


def test_rates_are_of_one_operator_by_ten_minutes() -> None:
    found = figures([*raises(*[0.5 * n for n in range(24)]), *raises(25, 59.9)], (), HOUR)
    assert found.by_period.tolist() == [20, 4, 1, 0, 0, 1]
    assert (found.alarms, found.average, found.peak, found.peak_us) == (26, 26 / 6, 20, T0_US)
    assert (found.in_flood, found.over_manageable, found.over_acceptable) == (1 / 6, 2 / 6, 2 / 6)
    assert figures(raises(1, 2), (), HOUR, operators=2).peak == 1


def test_what_lies_under_another_is_counted_apart() -> None:
    found = figures([*raises(1), *raises(2, 3, shown=False)], (), HOUR)
    assert (found.alarms, found.inhibited, found.peak) == (1, 2, 1)


def test_the_ten_worst_actors_and_their_share() -> None:
    lines = [line for subject in range(12) for line in raises(*[1.0] * (subject + 1), subject=subject)]
    found = figures(lines, (), HOUR)
    assert [actor.alarms for actor in found.worst] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    assert found.worst[0].subject == (1, 11) and found.worst_share == pytest.approx(75 / 78)


def test_nothing_is_nothing() -> None:
    found = figures((), (), HOUR)
    assert (found.alarms, found.average, found.peak, found.peak_us, found.worst) == (0, 0.0, 0.0, 0, ())
    assert math.isnan(found.acknowledge_p50_s) and sum(WANTED.values()) == pytest.approx(1)


def test_times_to_acknowledge_begin_with_the_raise_and_not_with_what_closed_by_itself() -> None:
    def line(alarm: int, at_s: float, act: Act) -> Line:
        return Line(alarm, T0_US + round(at_s * SECOND_US), act, "low", (1, alarm), Priority.LOW)

    told = [
        line(1, 0, Act.RAISED), line(2, 5, Act.RAISED), line(1, 30, Act.ACKNOWLEDGED), line(1, 60, Act.ACKNOWLEDGED),
        line(2, 70, Act.CLOSED), line(2, 80, Act.ACKNOWLEDGED), line(3, 90, Act.ACKNOWLEDGED),
    ]  # fmt: skip
    assert acknowledge_times_s(told).tolist() == [30]


def test_a_books_journal_as_figures() -> None:
    trial = Trial(limits("pressure"))
    turns = list(trial.enter("pressure", 1, 0))
    turns += trial.enter("pressure", 2, 60, "L")
    outcome = transitions.acknowledge(trial.open[0], "li", us(90))
    assert isinstance(outcome, Turn)
    trial.book.put(outcome.alarm)
    entries = [entry for turn in [*turns, outcome] for entry in turn.entries]
    lines = lines_of(entries, [entry.at_us for entry in entries], trial.book.open_alarms)
    found = figures(lines, trial.open, (T0_US, T0_US + PERIOD_US))
    assert (found.alarms, found.standing, found.stale, found.acknowledged) == (2, 2, 0, 1)
    assert found.acknowledge_p50_s == 90
    assert found.priorities[Priority.CRITICAL] == found.priorities[Priority.HIGH] == 0.5
    assert figures((), trial.open, (T0_US, T0_US + 2 * DAY_US)).stale == 2


@pytest.mark.parametrize(("after_us", "shown"), [(0, False), (AT_ONCE_US, False), (AT_ONCE_US + 1, True)])
def test_a_raise_that_was_put_under_another_as_good_as_at_once_is_no_line(after_us: int, shown: bool) -> None:
    trial = Trial(limits("water_burst", consequence="severe", minutes=5), limits("water_pressure_low"))
    first = trial.enter("water_burst", 0, 0)
    second = trial.enter("water_pressure_low", 1, 10)
    told = [entry for turn in (*first, *second) for entry in turn.entries]
    assert [entry.act for entry in told] == [Act.RAISED, Act.RAISED, Act.SUPPRESSED]
    recorded_us = [0, us(10), us(10) + after_us]
    lines = lines_of(told, recorded_us, trial.book.open_alarms)
    assert [line.shown for line in lines] == [True, shown, True]
