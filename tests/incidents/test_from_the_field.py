"""What comes from the field late and perhaps twice: done once, at the time when it happened."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.time import MINUTE_US
from ops_center.incidents import field, task
from ops_center.incidents.incident import Refusal
from ops_center.incidents.task import Answer, Stage, Task, TaskChange
from tests.incidents.given import T0
from tests.incidents.given import task as a_task

NOW = T0 + 60 * MINUTE_US


def begun() -> Task:
    return a_task(stage=Stage.ASSIGNED, begins_us=T0)


def after(answer: Answer) -> Task:
    assert isinstance(answer, TaskChange), answer
    return answer.task


def accepted(one: Task) -> Answer:
    return task.accept(one, "crew", NOW)


def test_what_comes_again_under_its_key_is_known_whatever_became_of_the_task() -> None:
    refused = after(field.once(begun(), "k1", lambda one: task.refuse(one, "车辆故障")))
    again = after(task.assign(refused, NOW, "water_company"))
    assert field.once(again, "k1", lambda one: task.refuse(one, "车辆故障")) is field.DONE
    assert after(field.once(again, "k2", accepted)).stage is Stage.ACCEPTED


def test_what_is_refused_leaves_no_key_and_without_a_key_nothing_is_known() -> None:
    waits = a_task()
    assert isinstance(field.once(waits, "k1", accepted), Refusal)
    one = after(field.once(begun(), "", accepted))
    assert one.keys == ()


def test_as_many_keys_are_remembered_as_a_phone_may_have_waiting() -> None:
    one = begun()
    for number in range(60):
        one = after(field.once(one, f"k{number}", lambda now, n=number: field.photo(replace(now, files=()), [str(n)])))  # type: ignore[misc]
    assert one.keys[-1] == "k59" and len(one.keys) == 24


@given(st.one_of(st.none(), st.integers(0, 2**53)), st.integers(T0, T0 + 10**13))
def test_nothing_happened_later_than_now_or_before_the_task_could_begin(told_us: int | None, now_us: int) -> None:
    happened_us = field.happened_us(told_us, now_us, begun())
    assert T0 <= happened_us <= now_us
    if told_us is not None and max(T0, now_us - field.OLDEST_US) <= told_us <= now_us:
        assert happened_us == told_us


def test_photos_are_added_once_each_and_no_more_than_a_task_holds() -> None:
    one = after(field.photo(begun(), ["a", "b", "a"]))
    assert one.files == ("a", "b")
    assert after(field.photo(one, ["b", "c"])).files == ("a", "b", "c")
    assert isinstance(field.photo(one, ["a"]), Refusal)
    assert isinstance(field.photo(one, map(str, range(field.MOST_FILES))), Refusal)
    assert isinstance(field.photo(a_task(), ["a"]), Refusal), "it has not begun"
