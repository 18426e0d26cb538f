"""Each rule type against a slow and plain telling of what it means (``reference``), on series that hypothesis finds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.alerts import reference
from tests.alerts.trial import T0_US, Item, Trial, rule

STEPS = st.lists(
    st.tuples(st.sampled_from([1, 2, 5, 10, 10, 30, 100]), st.sampled_from([0, 1, 4, 5, 6, 9, 10])),
    min_size=1,
    max_size=40,
)
DELAYS = st.sampled_from([0, 1, 10, 25])


def told(
    type_: str, parameters: dict[str, Any], points: Sequence[reference.Point], scale: float = 1.0
) -> dict[str, Any]:
    """channel → what the rule said of one row."""
    of = rule(type_, parameters)
    trial = Trial(of)
    trial.show([Item(0, time, value * scale) for time, value in points])
    trial.tick(reference.END)
    found: dict[str, list[reference.Turn]] = {channel.code: [] for channel in of.type.channels}
    for turn in trial.turns():
        found[turn.channel].append((turn.at_s, turn.entered))
    return found


def points_of(steps: Sequence[tuple[int, float]]) -> list[reference.Point]:
    times = accumulate(step for step, _ in steps)
    return [(float(time), float(value)) for time, (_, value) in zip(times, steps, strict=True)]


def meant(spans: Sequence[reference.Span], parameters: dict[str, Any]) -> list[reference.Turn]:
    return reference.turns(spans, parameters.get("on_delay_s", 0), parameters.get("off_delay_s", 0))


@settings(max_examples=60)
@given(
    STEPS,
    DELAYS,
    DELAYS,
    st.sampled_from(
        [
            ("threshold", {"unit": "1", "above": 5, "deadband": 2}),
            ("threshold", {"unit": "1", "below": 5}),
            ("rate", {"unit": "1", "change": 5, "within_s": 16}),
            ("rate", {"unit": "1", "change": 4, "within_s": 40, "direction": "falls"}),
            ("stuck", {"unit": "1", "after_s": 10}),
            ("stuck", {"unit": "1", "after_s": 20, "tolerance": 1}),
            ("count", {"unit": "1", "above": 4, "times": 3, "within_s": 30}),
            ("event", {"kinds": ["a"], "confidence": 0.5, "times": 2, "within_s": 20, "lasts_s": 15}),
            ("speed", {"unit": "m/s", "above": 5, "deadband": 2}),
        ]
    ),
)
@example([(10, 10), (10, 0)], 10, 0, ("threshold", {"unit": "1", "above": 5}))
@example([(10, 10), (10, 10)], 10, 0, ("threshold", {"unit": "1", "above": 5}))
def test_a_type_says_what_its_plain_telling_says(
    steps: Any, on_delay: int, off_delay: int, what: tuple[str, dict[str, Any]]
) -> None:
    type_, own = what
    parameters = {**own, "on_delay_s": on_delay, "off_delay_s": off_delay}
    scale = 0.1 if type_ == "event" else 1.0
    points = points_of(steps)
    scaled = [(time, value * scale) for time, value in points]
    assert told(type_, parameters, points, scale)["on"] == meant(reference.PLAIN[type_](own, scaled), parameters)


@settings(max_examples=60)
@given(STEPS)
def test_silence_is_what_follows_the_last_observation(steps: Any) -> None:
    own = {"intervals": 3, "at_least_s": 20}
    points = points_of(steps)
    assert told("silence", own, points)["on"] == meant(reference.silence(own, points), {})


@settings(max_examples=60)
@given(STEPS, DELAYS, st.sampled_from([{"low": 4, "high": 5}, {"low_low": 1, "low": 4, "high": 6, "high_high": 9}]))
def test_several_limits_are_thresholds_side_by_side(steps: Any, delay: int, own: dict[str, float]) -> None:
    parameters = {"unit": "1", "deadband": 1, "on_delay_s": delay, **own}
    points = points_of(steps)
    found = told("limits", parameters, points)
    assert found == {code: meant(reference.limits(parameters, points, code), parameters) for code in found}


@pytest.mark.parametrize("seed", range(5))
def test_the_same_hour_of_the_week_is_learned_as_from_whole_lists(seed: int) -> None:
    values = np.random.default_rng(seed).choice([0.0, 1.0, 2.0, 3.0, 40.0], 168 * 4).tolist()
    skip = seed
    own = {"deviations": 3.0, "at_least": 4.0, "weeks": 3, "after_weeks": 2}
    points = [(number * 3600.0 + 60, value) for number, value in enumerate(values) if number % 7 != skip]
    offset_s = T0_US / 1e6 + 8 * 3600 - 4 * 86_400
    found = told("seasonal", {"unit": "1", **own}, points)["on"]
    assert found == meant(reference.seasonal(own, points, offset_s), {})


@given(STEPS, st.sampled_from([5, 20]))
def test_a_gap_starts_the_on_delay_anew(steps: Any, gap: int) -> None:
    parameters = {"unit": "1", "above": 5, "on_delay_s": 12, "max_gap_s": gap}
    points = points_of(steps)
    since: float | None = None
    before = -1e9
    standing, expected = False, []
    for number, (time, value) in enumerate(points):
        if value > 5:
            since = time if since is None or time - before > gap else since
            ends = points[number + 1][0] if number + 1 < len(points) else reference.END
            if not standing and since + 12 <= time + gap and (since + 12 < ends):
                expected.append((since + 12, True))
                standing = True
        else:
            since = None
            if standing:
                expected.append((time, False))
                standing = False
        before = time
    assert told("threshold", parameters, points)["on"] == expected


def test_what_is_odd_is_not_judged_where_a_rule_says_so() -> None:
    trial = Trial(rule("threshold", {"unit": "1", "above": 5, "skip_quality": ["STUCK"]}))
    trial.show([Item(0, 10, 9, quality=2), Item(0, 20, 9, quality=1)])
    assert [turn.at_s for turn in trial.turns()] == [20]


def test_a_value_is_judged_in_the_units_of_the_rule() -> None:
    trial = Trial(rule("speed", {"unit": "km/h", "above": 60}))
    trial.show([Item(0, 10, 16.0), Item(0, 20, 17.0)])
    (turn,) = trial.turns()
    assert (turn.at_s, round(turn.value, 1), turn.limit) == (20, 61.2, 60)


INSIDE, OUTSIDE = (118.71, 32.01), (118.76, 32.05)


@pytest.mark.parametrize(
    ("when", "delay", "path", "says"),
    [
        ("inside", 0, [INSIDE, INSIDE, OUTSIDE], [(10, True), (30, False)]),
        ("inside", 15, [INSIDE, INSIDE, INSIDE, OUTSIDE], [(25, True), (40, False)]),
        ("inside", 15, [INSIDE, OUTSIDE, INSIDE, OUTSIDE], []),
        ("outside", 0, [OUTSIDE, INSIDE, OUTSIDE], [(10, True), (20, False), (30, True)]),
        ("left", 0, [OUTSIDE, INSIDE, OUTSIDE], [(30, True)]),
        ("inside", 0, [(118.70, 32.0)], [(10, True)]),
    ],
)
def test_a_fence_says_enter_leave_and_dwell(when: str, delay: int, path: Any, says: Any) -> None:
    area = [[118.7, 32.0], [118.72, 32.0], [118.72, 32.02], [118.7, 32.02]]
    trial = Trial(rule("geofence", {"area": area, "when": when, "on_delay_s": delay}))
    trial.show([Item(0, 10.0 * n, 5.0, *place) for n, place in enumerate(path, 1)])
    assert [(turn.at_s, turn.entered) for turn in trial.turns()] == says


def test_a_fence_of_one_rule_is_not_that_of_another() -> None:
    area = [[118.7, 32.0], [118.72, 32.0], [118.72, 32.02], [118.7, 32.02]]
    there = [[x + 0.05, y + 0.03] for x, y in area]
    trial = Trial(rule("geofence", {"area": area}))
    trial.rules = [rule("geofence", {"area": area}, name="here"), rule("geofence", {"area": there}, name="there")]
    trial.stage.rebuild(trial.rules, trial.catalog, T0_US)
    trial.show([Item(0, 1, 5, *INSIDE), Item(1, 2, 5, *OUTSIDE)])
    assert [(one.rule, one.subject) for one in trial.found[0].identities()] == [("here", 0), ("there", 1)]


def test_a_warning_touches_every_thing_of_the_district_and_ends_when_it_is_lifted() -> None:
    trial = Trial(rule("warning", {"kinds": ["w"], "level": "yellow"}))
    trial.show([Item(0, 10, 0.5), Item(4, 20, 0.2), Item(1, 30, 0.0)])
    assert [(t.at_s, t.subject, t.entered) for t in trial.turns()] == [
        (10, 0, True), (10, 1, True), (30, 0, False), (30, 1, False),
    ]  # fmt: skip


def test_a_warning_that_nobody_ends_ends_by_itself() -> None:
    trial = Trial(rule("warning", {"kinds": ["w"], "at_most_h": 1}))
    trial.show([Item(0, 10, 0.9)])
    trial.tick(4000)
    assert [(t.at_s, t.entered) for t in trial.turns() if t.subject == 0] == [(10, True), (3610, False)]
