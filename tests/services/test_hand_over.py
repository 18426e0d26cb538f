"""A shift is handed over with what stands, written down from data in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alerts.alarm import Aside, Refusal
from ops_center.domain.audit import AuditEntry
from ops_center.domain.people import Account, Credentials
from ops_center.domain.rights import Grant, Role
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, MINUTE_US
from ops_center.services.hand_over import HandOvers
from ops_center.store.alarm_port import HandOver
from ops_center.store.opening import open_store
from tests.services.alarm_center import LEADER, OPERATOR, POLICE_IN_GULOU, WATER, AlarmCenter, make_alarm_center, who
from tests.store.alarm_shapes import alarm, without_alarms
from tests.store.persons import last_entry
from tests.store.shapes import REALM, T0

NAMES = {"water_pressure_low": Label("供水压力低", "low water pressure"), "traffic_jam": Label("拥堵", "jam")}


@pytest.fixture
def center(alarms_url: str) -> Iterator[AlarmCenter]:
    without_alarms(alarms_url)
    store = open_store(alarms_url, REALM)
    if store.accounts.find("wang") is None:
        wang = Account(0, "wang", "Wang", (Grant(Role.OPERATOR),), "local", "zh", T0)
        store.accounts.add(wang, Credentials(), AuditEntry(T0, "test", "account.added", "wang"))
        reader = Account(0, "xu", "Xu", (Grant(Role.LEADER), Grant(Role.DEPARTMENT, "water")), "local", "zh", T0)
        store.accounts.add(reader, Credentials(), AuditEntry(T0, "test", "account.added", "xu"))
    made = make_alarm_center(alarms_url, store)
    made.have(
        alarm(1),
        alarm(2, aside=Aside.SHELVED, aside_until_us=T0 + HOUR_US, aside_reason="道路施工", aside_by="li"),
        alarm(3, department="police", district="gulou", rule="traffic_jam", priority=4),
    )
    yield made
    made.book.close()
    store.close()


@pytest.fixture
def shifts(center: AlarmCenter) -> HandOvers:
    return HandOvers(center.store, center.desk, NAMES.__getitem__, "Asia/Shanghai", center.clock)


def test_what_stands_is_said_in_both_languages(center: AlarmCenter, shifts: HandOvers) -> None:
    center.desk.acknowledge(OPERATOR, [3])
    center.desk.assign(OPERATOR, [3], "police", "li")
    center.watch.look()
    done = shifts.hand_over(OPERATOR, "wang", T0 - HOUR_US, "泵 2 在修")
    assert isinstance(done, HandOver)
    rows = done.figures["rows"]
    assert {kind: done.figures[kind] for kind in done.figures if kind != "rows"} == {
        "standing": [1, 3],
        "unacknowledged": [1],
        "assigned": [3],
        "shelved": [2],
        "out_of_service": [],
        "suppressed": 0,
        "raised": 3,
        "acknowledged": 1,
        "worst": [
            {"rule": "water_pressure_low", "label": {"zh": "供水压力低", "en": "low water pressure"}, "times": 2},
            {"rule": "traffic_jam", "label": {"zh": "拥堵", "en": "jam"}, "times": 1},
        ],
        "floods": [],
    }
    (shelved,) = rows["shelved"]
    assert (shelved["until"], shelved["reason"], shelved["by"]) == (T0 + HOUR_US, "道路施工", "li")
    assert [row["rule"]["en"] for row in rows["standing"]] == ["low water pressure", "jam"]
    assert done.text.zh.splitlines() == [
        "班次 11-15 05:14 至 11-15 06:15：触发3次。",
        "未确认 1条：#1 供水压力低（11-15 06:14起）。",
        "仍在列表 2条：#1 供水压力低（11-15 06:14起）；#3 拥堵（11-15 06:14起）。",
        "已搁置 1条：#2 供水压力低（11-15 06:14起，至11-15 07:14，道路施工）。",
        "已停用 0条。",
        "交班人名下 1条：#3 拥堵（11-15 06:14起）。",
        "最频繁：供水压力低 2次；拥堵 1次。",
    ]
    assert "Not acknowledged: 1 — #1 low water pressure (since 11-15 06:14)." in done.text.en
    assert shifts.list(OPERATOR) == [done]
    assert center.store.audit.page(limit=1)[0].action == "alarms.handed_over"


def test_the_next_shift_begins_with_it(center: AlarmCenter, shifts: HandOvers) -> None:
    assert shifts.begun_us(who("wang", "operator")) == center.clock.now_us() - 8 * HOUR_US
    shifts.hand_over(OPERATOR, "wang", T0)
    assert shifts.begun_us(who("wang", "operator")) == center.clock.now_us()


def test_what_somebody_had_goes_to_who_comes(center: AlarmCenter, shifts: HandOvers) -> None:
    center.desk.assign(OPERATOR, [1], "water", "li")
    center.watch.look()
    shifts.hand_over(OPERATOR, "wang", T0)
    assert center.alarm(1).assigned_person == "wang"


def test_what_is_written_and_what_it_gives_away_are_one_transaction(
    center: AlarmCenter, shifts: HandOvers, monkeypatch: pytest.MonkeyPatch
) -> None:
    center.desk.assign(OPERATOR, [1], "water", "li")
    center.watch.look()
    before = [one.id for one in center.store.desk.hand_overs()]

    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("killed here")

    with monkeypatch.context() as patched:
        patched.setattr("alerts.transitions.hand_over", breaks)
        with pytest.raises(RuntimeError):
            shifts.hand_over(OPERATOR, "wang", T0)
    assert [one.id for one in center.store.desk.hand_overs()] == before, "nothing of it is written"
    assert center.alarm(1).assigned_person == "li"
    done = shifts.hand_over(OPERATOR, "wang", T0)
    assert isinstance(done, HandOver) and center.alarm(1).assigned_person == "wang"
    entry = last_entry(center.store)
    assert (entry.action, entry.detail["hand_over"], entry.detail["alarms"]) == ("alarms.handed_over", done.id, [1])


def test_a_department_hands_over_its_own_alone(center: AlarmCenter, shifts: HandOvers) -> None:
    done = shifts.hand_over(WATER, "wang", T0, department="water")
    assert isinstance(done, HandOver)
    assert done.figures["standing"] == [1]
    assert shifts.list(WATER) == [done]
    assert shifts.list(POLICE_IN_GULOU) == []


def test_what_is_refused_is_said(center: AlarmCenter, shifts: HandOvers) -> None:
    refusals = {
        "forbidden": shifts.hand_over(LEADER, "wang", T0),
        "yourself": shifts.hand_over(who("wang", "operator"), "wang", T0),
        "nobody": shifts.hand_over(OPERATOR, "who-is-that", T0),
        "unfit": shifts.hand_over(OPERATOR, "xu", T0),
        "span": shifts.hand_over(OPERATOR, "wang", T0 - 30 * HOUR_US),
        "too_long": shifts.hand_over(OPERATOR, "wang", T0, "x" * 3000),
    }
    assert {name: one.code for name, one in refusals.items() if isinstance(one, Refusal)} == {n: n for n in refusals}
    assert isinstance(shifts.hand_over(WATER, "wang", T0), Refusal), "the whole city isn't a department's"
    assert shifts.list(OPERATOR) == []


def test_a_flood_of_the_shift_is_told(center: AlarmCenter, shifts: HandOvers) -> None:
    first_us = T0 + 20 * MINUTE_US
    burst = [alarm(10 + n, raised_us=first_us + n, changed_us=first_us + n) for n in range(12)]
    center.have(*burst)
    found = shifts.draft(OPERATOR, T0 - HOUR_US)
    assert found.figures["floods"] == [{"since": first_us, "until": first_us + 11, "alarms": 12}]
    assert "报警洪泛 11-15 06:34 至 11-15 06:34：12条。" in found.text.zh.splitlines()


def test_whoever_was_passed_is_told_by_whom_and_nothing_is_written(center: AlarmCenter, shifts: HandOvers) -> None:
    center.desk.assign(OPERATOR, [1], "water", "li")
    first = shifts.hand_over(who("hu", "operator"), "wang", T0, seen=0)
    assert isinstance(first, HandOver)
    passed = shifts.hand_over(OPERATOR, "wang", T0, seen=0)
    assert isinstance(passed, Refusal)
    assert passed.label.en == "hu handed over to wang at 06:15:00; look again, then hand over"
    assert shifts.list(OPERATOR) == [first]
    assert center.alarm(1).assigned_person == "li"
    assert isinstance(shifts.hand_over(WATER, "wang", T0, department="water", seen=0), HandOver), "another scope"
    assert isinstance(shifts.hand_over(OPERATOR, "wang", T0, seen=first.id), HandOver), "they know of it"


def test_a_shift_is_offered_to_those_who_may_act_on_all_of_it(center: AlarmCenter, shifts: HandOvers) -> None:
    def names(department: str = "") -> set[str]:
        return {one.account for one in shifts.successors(OPERATOR, department)} & {"wang", "xu"}

    assert (names(), names("water"), names("police")) == ({"wang"}, {"wang", "xu"}, {"wang"})
    assert shifts.successors(LEADER) == ()
    assert "wang" not in {one.account for one in shifts.successors(who("wang", "operator"))}


def test_one_is_read_by_those_who_may_see_its_scope(center: AlarmCenter, shifts: HandOvers) -> None:
    done = shifts.hand_over(OPERATOR, "wang", T0)
    assert isinstance(done, HandOver)
    assert shifts.find(LEADER, done.id) == done
    assert shifts.find(WATER, done.id) is None
    assert shifts.find(LEADER, done.id + 1) is None
