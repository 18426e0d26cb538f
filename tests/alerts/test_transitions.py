"""What people may do to an alarm and when; the tables of priority and of CAP."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from alerts import transitions
from alerts.alarm import Act, Alarm, Aside, Priority, Refusal, State, Turn
from alerts.priority import TABLE, cap_of, less_urgent, priority_of
from alerts.transitions import LONGEST_SHELF_US, LONGEST_TEXT
from ops_center.domain.time import SECOND_US
from tests.alerts.book_trial import Trial, limits, us
from tests.alerts.trial import TYPES, rule

NOW = us(100)
COMMANDS: dict[str, Callable[[Alarm], Turn | Refusal]] = {
    "acknowledge": lambda alarm: transitions.acknowledge(alarm, "li", NOW, "seen"),
    "reset": lambda alarm: transitions.reset(alarm, "li", NOW),
    "shelve": lambda alarm: transitions.shelve(alarm, "li", NOW, NOW + SECOND_US, "works"),
    "unshelve": lambda alarm: transitions.unshelve(alarm, "li", NOW),
    "out_of_service": lambda alarm: transitions.out_of_service(alarm, "li", NOW, "works"),
    "in_service": lambda alarm: transitions.in_service(alarm, "li", NOW),
    "assign": lambda alarm: transitions.assign(alarm, "li", NOW, "water", "wang"),
    "comment": lambda alarm: transitions.comment(alarm, "li", NOW, "why"),
    "attach": lambda alarm: transitions.attach(alarm, "li", NOW, "ab12", "photo.jpg", "image/jpeg"),
    "hand_over": lambda alarm: transitions.hand_over(alarm, "li", NOW, "wang", "all quiet"),
}


def alarm_in(state: State) -> Alarm:
    trial = Trial(limits(recovery="latch" if "latched" in state else "clear"))
    trial.enter("pressure", 1, 0)
    if state in {State.ACKNOWLEDGED, State.LATCHED_ACKNOWLEDGED, State.NORMAL}:
        trial.book.put(done(transitions.acknowledge(trial.open[0], "li", us(1))))
    alarm = trial.open[0]
    if state not in {State.UNACKNOWLEDGED, State.ACKNOWLEDGED}:
        alarm = trial.leave("pressure", 1, 0, 2)[-1].alarm
    assert alarm.state is state
    return alarm


def done(outcome: Turn | Refusal) -> Alarm:
    assert isinstance(outcome, Turn), outcome
    return outcome.alarm


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("state", State)
def test_a_command_says_what_it_did_or_why_not(state: State, name: str) -> None:
    alarm = alarm_in(state)
    outcome = COMMANDS[name](alarm)
    if isinstance(outcome, Refusal):
        assert outcome.label.zh and outcome.label.en
        return
    assert all(entry.actor == "li" and entry.at_us == NOW for entry in outcome.entries)
    assert outcome.entries[0].before is state and outcome.entries[-1].after is outcome.alarm.state
    again = COMMANDS[name](outcome.alarm)
    if name not in {"comment", "attach", "hand_over", "shelve"}:
        assert isinstance(again, Refusal), "twice is refused, so that nobody believes to have done it"


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (State.NORMAL, {"comment", "attach"}),
        (State.UNACKNOWLEDGED, {"acknowledge", "shelve", "out_of_service", "assign", "comment", "attach", "hand_over"}),
        (State.ACKNOWLEDGED, {"shelve", "out_of_service", "assign", "comment", "attach", "hand_over"}),
        (State.RETURNED, {"acknowledge", "shelve", "out_of_service", "assign", "comment", "attach", "hand_over"}),
        (
            State.LATCHED_UNACKNOWLEDGED,
            {"acknowledge", "shelve", "out_of_service", "assign", "comment", "attach", "hand_over"},
        ),
        (
            State.LATCHED_ACKNOWLEDGED,
            {"reset", "shelve", "out_of_service", "assign", "comment", "attach", "hand_over"},
        ),
    ],
)
def test_what_is_allowed_in_each_state(state: State, allowed: set[str]) -> None:
    alarm = alarm_in(state)
    assert {name for name, command in COMMANDS.items() if isinstance(command(alarm), Turn)} == allowed


def code(outcome: Turn | Refusal) -> str:
    return outcome.code if isinstance(outcome, Refusal) else ""


def test_a_shelf_wants_a_reason_and_an_end_within_a_week() -> None:
    alarm = alarm_in(State.UNACKNOWLEDGED)
    assert code(transitions.shelve(alarm, "li", NOW, NOW + SECOND_US, " ")) == "reason"
    assert code(transitions.shelve(alarm, "li", NOW, NOW, "works")) == "until"
    assert code(transitions.shelve(alarm, "li", NOW, NOW + LONGEST_SHELF_US + 1, "works")) == "until"
    assert done(transitions.shelve(alarm, "li", NOW, NOW + LONGEST_SHELF_US, "works")).aside is Aside.SHELVED
    assert code(transitions.out_of_service(alarm, "li", NOW, "")) == "reason"


def test_what_is_set_aside_by_people_is_taken_back_before_it_is_reset_or_closed() -> None:
    latched = done(COMMANDS["shelve"](alarm_in(State.LATCHED_ACKNOWLEDGED)))
    assert code(COMMANDS["reset"](latched)) == "set_aside"
    returned = done(COMMANDS["shelve"](alarm_in(State.RETURNED)))
    assert code(COMMANDS["acknowledge"](returned)) == "set_aside"
    assert done(COMMANDS["unshelve"](returned)).state is State.NORMAL


@pytest.mark.parametrize("name", ["acknowledge", "reset", "comment", "shelve", "hand_over"])
def test_endless_texts_are_refused(name: str) -> None:
    long = "x" * (LONGEST_TEXT + 1)
    alarm = alarm_in(State.LATCHED_ACKNOWLEDGED if name == "reset" else State.UNACKNOWLEDGED)
    more = {"shelve": (NOW + 1, long), "hand_over": ("wang", long)}.get(name, (long,))
    assert code(getattr(transitions, name)(alarm, "li", NOW, *more)) == "too_long"


def test_acknowledging_what_returned_closes_it_with_two_lines() -> None:
    outcome = COMMANDS["acknowledge"](alarm_in(State.RETURNED))
    assert isinstance(outcome, Turn)
    assert [entry.act for entry in outcome.entries] == [Act.ACKNOWLEDGED, Act.CLOSED]
    assert outcome.alarm.closed_us == NOW and outcome.alarm.acknowledged_by == "li"


def test_lowered_when_it_returns() -> None:
    trial = Trial(limits(recovery="lower"))
    trial.enter("pressure", 1, 0, "L")
    assert trial.open[0].priority is Priority.HIGH
    trial.leave("pressure", 1, 0, 5, "L")
    assert (trial.open[0].priority, trial.open[0].state) == (Priority.MEDIUM, State.RETURNED)


def test_priority_is_never_less_for_worse_or_sooner() -> None:
    rows = [cells for _, cells in TABLE]
    assert all(list(cells) == sorted(cells, reverse=True) for cells in rows)
    for sooner, later in pairwise(rows):
        assert all(one <= other for one, other in zip(sooner, later, strict=True))
    assert {cell for cells in rows for cell in cells} == set(Priority)


@pytest.mark.parametrize(
    ("consequence", "minutes", "level", "wanted"),
    [
        ("severe", 5, 1, Priority.CRITICAL),
        ("severe", 5.1, 1, Priority.CRITICAL),
        ("major", 10, 1, Priority.HIGH),
        ("major", 10, 2, Priority.CRITICAL),
        ("minor", 480, 1, Priority.LOW),
        ("minor", 480, 2, Priority.MEDIUM),
    ],
)
def test_priority_by_consequence_time_and_level(consequence: str, minutes: float, level: int, wanted: Priority) -> None:
    assert priority_of(limits(consequence=consequence, minutes=minutes), level) is wanted


def test_a_rule_with_one_level_of_channels_has_one_priority() -> None:
    one = rule("threshold", dict(TYPES["threshold"].example))
    assert priority_of(one, 4) is priority_of(one, 1)
    assert less_urgent(Priority.LOW) is Priority.LOW and less_urgent(Priority.CRITICAL) is Priority.HIGH


@pytest.mark.parametrize(
    ("type_", "consequence", "minutes", "lifted", "words"),
    [
        ("limits", "major", 10, False, ("Immediate", "Severe", "Observed")),
        ("limits", "major", 10, True, ("Immediate", "Extreme", "Observed")),
        ("limits", "severe", 16, True, ("Expected", "Extreme", "Observed")),
        ("neighbourhood", "moderate", 61, False, ("Future", "Moderate", "Likely")),
        ("seasonal", "minor", 60, False, ("Expected", "Minor", "Possible")),
    ],
)
def test_what_cap_calls_it(type_: str, consequence: str, minutes: float, lifted: bool, words: tuple[str, ...]) -> None:
    form = {"consequence": consequence, "respond_min": minutes}
    of = rule(type_, dict(TYPES[type_].example), priority=form)
    assert cap_of(Priority(priority_of(of) - lifted), of) == words
