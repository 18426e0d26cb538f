"""Tasks: who does them, until when, what follows what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.time import MINUTE_US
from ops_center.incidents import task as tasks
from ops_center.incidents.incident import Refusal
from ops_center.incidents.task import DONE, OVER, Stage, Task, TaskChange
from tests.incidents.given import T0, task

BEGUN = task(stage=Stage.ASSIGNED, begins_us=T0)


def after(answer: object) -> Task:
    assert isinstance(answer, TaskChange), answer
    return answer.task


def test_the_usual_way() -> None:
    accepted = after(tasks.accept(BEGUN, "zhao", T0 + MINUTE_US))
    under_way = after(tasks.start(accepted, "zhao", T0 + 2 * MINUTE_US))
    reported = after(tasks.report_done(under_way, "zhao", T0 + 9 * MINUTE_US, "已关 3 个阀门", ["abc"]))
    assert (reported.stage, reported.person, reported.files) == (Stage.REPORTED, "zhao", ("abc",))
    own = tasks.verify(reported, "zhao", T0 + 10 * MINUTE_US)
    assert isinstance(own, Refusal)
    assert own.code == "own"
    back = after(tasks.send_back(reported, "还在漏水"))
    assert (back.stage, back.done_by_us) == (Stage.UNDER_WAY, BEGUN.done_by_us)
    again = after(tasks.report_done(back, "zhao", T0 + 20 * MINUTE_US, "已止水"))
    assert after(tasks.verify(again, "li", T0 + 21 * MINUTE_US)).is_over


def test_what_was_refused_waits_for_another_with_a_new_time_to_accept() -> None:
    refused = after(tasks.refuse(BEGUN, "车辆故障"))
    assert refused.is_overdue(T0 + 6 * MINUTE_US)
    given = after(tasks.assign(refused, T0 + 10 * MINUTE_US, "drainage", "sun"))
    assert (given.stage, given.department, given.person) == (Stage.ASSIGNED, "drainage", "sun")
    assert given.accept_by_us == T0 + 15 * MINUTE_US
    assert given.done_by_us == BEGUN.done_by_us, "the incident doesn't wait longer because somebody refused"


@pytest.mark.parametrize("reason", ["", "  "])
def test_refusing_and_cancelling_want_a_reason(reason: str) -> None:
    assert isinstance(tasks.refuse(BEGUN, reason), Refusal)
    assert isinstance(tasks.cancel(BEGUN, reason), Refusal)


def test_late_is_what_was_not_accepted_or_not_done_in_time() -> None:
    assert not BEGUN.is_overdue(T0 + 5 * MINUTE_US)
    assert BEGUN.is_overdue(T0 + 5 * MINUTE_US + 1)
    accepted = after(tasks.accept(BEGUN, "zhao", T0 + MINUTE_US))
    assert not accepted.is_overdue(T0 + 30 * MINUTE_US)
    assert accepted.is_overdue(T0 + 30 * MINUTE_US + 1)
    assert not task().is_overdue(T0 + 99 * MINUTE_US), "what waits for others is not late"


def test_who_is_late_is_told_of_step_by_step() -> None:
    told, current = [], BEGUN
    for minute in range(60):
        if change := tasks.escalate(current, T0 + minute * MINUTE_US):
            told.append(minute)
            current = change.task
    assert told == [6, 11, 16]
    assert current.escalated == 3


def test_a_step_begins_when_all_before_it_are_done() -> None:
    first, second = task(id=1, step="a", stage=Stage.ASSIGNED, begins_us=T0), task(id=2, step="b")
    third = task(id=3, step="c", after=("a", "b"))
    assert [change.task.id for change in tasks.begin_ready([first, second, third], T0)] == [2]
    done = replace(first, stage=Stage.REPORTED)
    cancelled = replace(second, stage=Stage.CANCELLED)
    (change,) = tasks.begin_ready([done, cancelled, third], T0 + 5)
    assert (change.task.id, change.task.stage, change.task.begins_us) == (3, Stage.ASSIGNED, T0 + 5)


VERBS = st.sampled_from(
    [
        lambda one: tasks.accept(one, "zhao", T0),
        lambda one: tasks.refuse(one, "no"),
        lambda one: tasks.start(one, "sun", T0),
        lambda one: tasks.report_done(one, "zhao", T0, "done"),
        lambda one: tasks.verify(one, "li", T0),
        lambda one: tasks.send_back(one, "no"),
        lambda one: tasks.assign(one, T0, "fire"),
        lambda one: tasks.cancel(one, "no"),
    ]
)


@given(st.lists(VERBS, max_size=12))
def test_what_is_over_stays_over_and_versions_count_changes(verbs: list) -> None:
    current, versions = BEGUN, 1
    for verb in verbs:
        answer = verb(current)
        if isinstance(answer, Refusal):
            continue
        assert not current.is_over
        current, versions = answer.task, versions + 1
        assert current.version == versions
        assert (current.verified_us != 0) == (current.stage is Stage.VERIFIED)
        if current.stage in DONE | OVER and current.stage is not Stage.CANCELLED:
            assert current.reported_us
            assert current.result
