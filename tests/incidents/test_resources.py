"""Units, shifts and stocks: what follows from the incidents that are live, and from the roster."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.time import MINUTE_US
from ops_center.incidents.duty import Duty, Turn, on_duty, turn_at
from ops_center.incidents.incident import State
from ops_center.incidents.parts import Assignment, StockUse
from ops_center.incidents.plan import Plan, read_plan
from ops_center.incidents.resources import KINDS, Held, Status, holders, status_of, type_of
from ops_center.incidents.stocks import ITEMS, stocks_of, taken_from
from ops_center.incidents.task import Stage, Task
from ops_center.incidents.wanted import Want, arrival, wanted
from tests.incidents.given import opened as incident
from tests.incidents.given import task as given_task

ZONE = ZoneInfo("Asia/Shanghai")
SENT = Assignment(unit="U1", assigned_us=100 * MINUTE_US, eta_us=110 * MINUTE_US, by="wang")
PLAN = """
name = "test"
label = { zh = "测", en = "test" }
types = ["fire"]
sources = ["none"]
[[steps]]
id = "out"
title = { zh = "灭火", en = "put it out" }
text = { zh = "灭火", en = "put it out" }
department = "fire"
accept_minutes = 1
done_minutes = 2
units = ["fire_brigade", "fire_brigade"]
[[steps]]
id = "help"
title = { zh = "救护", en = "help" }
text = { zh = "救护", en = "help" }
department = "health"
accept_minutes = 1
done_minutes = 2
units = ["ambulance_crew"]
"""


def test_a_unit_is_with_whoever_holds_it_and_stays_when_its_shift_ends() -> None:
    sent = replace(incident(), id=7, units=(SENT, replace(SENT, unit="U2", released_us=1)))
    over = replace(sent, id=8, state=State.CLOSED, units=(replace(SENT, unit="U3"),))
    assert holders([sent, over]) == {"U1": Held(7, SENT)}
    assert status_of(None, True) is Status.FREE and status_of(None, False) is Status.OFF_SHIFT
    steps = [SENT, replace(SENT, under_way_us=1), replace(SENT, under_way_us=1, arrived_us=2)]
    found = [status_of(Held(7, one), False) for one in steps]
    assert found == [Status.ASSIGNED, Status.UNDER_WAY, Status.ON_SCENE]


@given(st.sampled_from(sorted(KINDS)), st.integers(0, 60), st.integers(0, 60))
def test_a_larger_crew_is_never_of_a_lesser_type(kind: str, few: int, more: int) -> None:
    low, high = sorted((few, more))
    assert 1 <= type_of(kind, high) <= type_of(kind, low) <= 4
    assert type_of(kind, KINDS[kind].type_1_members) == 1 and type_of("unknown", 99) == 4


@pytest.mark.parametrize(
    ("hour", "day", "turn"),
    [
        (8, 30, Turn(1, "day")),
        (19, 30, Turn(1, "day")),
        (20, 30, Turn(1, "night")),
        (7, 30, Turn(7, "night")),
    ],
)
def test_the_small_hours_belong_to_the_night_that_began_the_day_before(hour: int, day: int, turn: Turn) -> None:
    assert turn_at(datetime(2026, 11, day, hour, 59, tzinfo=ZONE)) == turn


def test_who_is_on_duty_is_told_with_the_leader_first() -> None:
    roster = [
        Duty("fire", 1, "day", "officer", "李"),
        Duty("fire", 1, "day", "leader", "王"),
        Duty("fire", 1, "night", "leader", "张"),
        Duty("water", 2, "day", "leader", "赵"),
    ]
    assert {name: [one.person for one in duties] for name, duties in on_duty(roster, Turn(1, "day")).items()} == {
        "fire": ["王", "李"]
    }


@given(st.floats(1, 10_000))
def test_what_a_store_holds_weighs_what_it_can_hold(capacity: float) -> None:
    held = stocks_of("store", capacity, {})
    weight = sum(one.total * ITEMS[one.item].each_t for one in held)
    assert weight == pytest.approx(capacity, abs=sum(one.each_t for one in ITEMS.values()) / 2 + 1e-6)
    assert sum(one.share for one in ITEMS.values()) == pytest.approx(1)


def test_what_live_incidents_took_is_gone_until_they_bring_it_back_or_close() -> None:
    use = StockUse(store="F1", item="tent", quantity=3, unit="pieces", at_us=1, by="wang")
    one, two = (replace(incident(), id=number, stocks=(use,)) for number in (1, 2))
    assert taken_from([one, two]) == {"F1": {"tent": 6}}
    assert taken_from([one, replace(two, state=State.CLOSED)]) == {"F1": {"tent": 3}}
    tents = next(stock for stock in stocks_of("store", 100, {"tent": 3}) if stock.item == "tent")
    assert tents.left == tents.total - 3
    (beds,) = stocks_of("hospital", 400, {"bed": 30})
    assert (beds.item, beds.left) == ("bed", 370)
    assert stocks_of("school", 400, {}) == () and stocks_of("store", float("nan"), {}) == ()


def task(number: int, step: str, stage: Stage) -> Task:
    return given_task(id=number, incident=1, step=step, stage=stage)


def test_tasks_that_can_begin_want_the_units_of_their_steps_less_those_that_were_sent() -> None:
    plan: Plan = read_plan(PLAN, "test")
    tasks = [task(1, "out", Stage.ASSIGNED), task(2, "help", Stage.WAITING)]
    kinds = {"U1": "fire_brigade", "U2": "fire_brigade", "U3": "ambulance_crew"}
    here = replace(incident(), id=1)
    fire, medical = Want(1, 1, "fire_brigade"), Want(1, 2, "ambulance_crew")
    assert wanted(here, tasks, plan, kinds) == [fire, fire]
    going = [task(1, "out", Stage.UNDER_WAY), task(2, "help", Stage.ACCEPTED)]
    assert wanted(here, going, plan, kinds) == [fire, fire, medical]
    sent = replace(here, units=(SENT, replace(SENT, unit="U2", task=1), replace(SENT, unit="U3", released_us=5)))
    assert wanted(sent, going, plan, kinds) == [medical]
    assert wanted(here, [task(1, "out", Stage.REPORTED)], plan, kinds) == []
    assert wanted(here, going, None, kinds) == []


def test_who_comes_later_than_was_said_is_late_but_not_for_a_minute() -> None:
    now_us = 104 * MINUTE_US
    on_time, late = arrival(SENT, 7.9, now_us), arrival(SENT, 8.1, now_us)
    assert (on_time.expected_us, on_time.late) == (round(111.9 * MINUTE_US), False)
    assert late.late and not late.arrived
    far = replace(SENT, eta_us=150 * MINUTE_US)  # fifty minutes: ten more aren't late
    assert not arrival(far, 55.9, now_us).late and arrival(far, 56.1, now_us).late
    there = arrival(replace(SENT, arrived_us=113 * MINUTE_US), None, 200 * MINUTE_US)
    assert there.arrived and there.late and there.expected_us == 113 * MINUTE_US
    unseen = arrival(SENT, None, now_us)
    assert (unseen.expected_us, unseen.late) == (SENT.eta_us, False)
    assert arrival(SENT, None, 113 * MINUTE_US).late
    unknown = arrival(replace(SENT, eta_us=0), None, now_us)
    assert (unknown.expected_us, unknown.late) == (0, False)
