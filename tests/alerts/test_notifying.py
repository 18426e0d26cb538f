"""Who is told of what: routes, hours, delays, repetitions, rates, realms; by examples and by properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alarm import Act, Alarm, Aside, Priority, State
from alerts.notification_text import MAX_LINES, MAX_SUBJECT, Content, again, content_of, digest_of
from alerts.notifying import (
    LONGEST_RETRY_US,
    SETTLE_US,
    Change,
    Wanted,
    digest_due,
    pointless,
    repeat,
    retry_us,
    wanted,
)
from alerts.route import Hours, Route, read_route
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, MINUTE_US, SECOND_US
from tests.alerts.test_cap import NOW_US, RULES, alarm

ZONE = "Asia/Shanghai"


def route(**changed: Any) -> Route:
    form = {"name": "duty", "label": {"zh": "值班", "en": "duty"}, "channel": "mail", "targets": ["duty@city.example"]}
    return read_route({**form, **changed})


def plan(one: Alarm, *acts: Act, routes: list[Route], realm: Realm = Realm.LIVE) -> list[Wanted]:
    def said(alarm: Alarm, act: Act, route: Route) -> Content:
        return content_of(alarm, act, RULES.get(alarm.rule), Label("鼓楼区", "Gulou"), realm, ZONE, route.language)

    return list(wanted([Change(one, acts)], routes, realm, 9, NOW_US, said))


def test_each_target_of_each_route_that_asks_for_it_is_told_once() -> None:
    two = route(targets=["a@city.example", "b@city.example"])
    other = route(name="hook", channel="webhook", targets=["duty"], language="en")
    found = plan(alarm(), Act.RAISED, Act.JOINED, routes=[two, other, route(name="off", enabled=False)])
    assert [(one.route, one.target) for one in found] == [
        ("duty", "a@city.example"),
        ("duty", "b@city.example"),
        ("hook", "duty"),
    ]
    assert len({one.key for one in found}) == 3
    assert found[0].content.subject == "[高] 报警: 供水压力低, 鼓楼区"
    assert found[2].content.subject == "[high] raised: low water pressure, Gulou"
    assert found[2].content.facts["place"] == [118.8, 32.06]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, True),
        ({"acts": ["returned"]}, False),
        ({"priorities": [2]}, True),
        ({"priorities": [1]}, False),
        ({"rules": ["water_pressure_low"]}, True),
        ({"rules": ["another"]}, False),
        ({"departments": ["water_company"]}, True),
        ({"departments": ["fire"]}, False),
        ({"districts": ["D01"]}, True),
        ({"districts": ["D02"]}, False),
    ],
)
def test_a_route_asks_for_what_it_names(asked: dict[str, Any], told: bool) -> None:
    assert bool(plan(alarm(), Act.RAISED, routes=[route(**asked)])) == told


def test_whom_an_alarm_is_assigned_to_is_told_too() -> None:
    assert plan(alarm(assigned_department="fire"), Act.RAISED, routes=[route(departments=["fire"])])


def test_what_another_alarm_explains_is_never_told_alone() -> None:
    everything = route(acts=[act.value for act in (Act.RAISED, Act.RETURNED, Act.CLOSED)], priorities=[])
    assert plan(alarm(parent=3), Act.RAISED, Act.RETURNED, Act.CLOSED, routes=[everything]) == []
    assert plan(alarm(aside=Aside.SUPPRESSED), Act.RAISED, routes=[everything]) == []


def test_what_is_explained_before_it_is_due_is_not_sent() -> None:
    (one,) = plan(alarm(), Act.RAISED, routes=[route()])
    assert one.due_us == NOW_US + SETTLE_US
    assert why(alarm(parent=3), route()) == "grouped"
    assert why(alarm(aside=Aside.SHELVED), route()) == "set_aside"
    assert why(alarm(), route()) is None


def why(one: Alarm, given: Route | None, *, act: Act = Act.RAISED, number: int = 1, realm: Realm = Realm.LIVE) -> Any:
    return pointless(act, number, given, one, realm, NOW_US, ZONE)


def test_after_a_delay_only_what_nobody_acknowledged_is_sent() -> None:
    late = route(delay_min=5)
    assert [one.due_us for one in plan(alarm(), Act.RAISED, routes=[late])] == [NOW_US + 5 * MINUTE_US]
    assert why(alarm(), late) is None
    assert why(alarm(state=State.RETURNED), late) is None
    assert why(alarm(state=State.ACKNOWLEDGED), late) == "acknowledged"
    assert why(alarm(state=State.NORMAL), late) == "closed"
    assert why(alarm(state=State.ACKNOWLEDGED), route()) is None, "without a delay one is told that it was raised"
    assert why(alarm(state=State.ACKNOWLEDGED), route(repeat_min=5), number=2) == "acknowledged"


def test_it_is_repeated_until_somebody_acknowledges_but_not_for_ever() -> None:
    patient = route(repeat_min=10, repeat_most=3)
    (one,) = plan(alarm(), Act.RAISED, routes=[patient])
    numbers, keys = [], set()
    now = one
    while now is not None:
        numbers.append(now.number)
        keys.add(now.key)
        assert why(alarm(), patient, number=now.number) is None
        now = repeat(now, patient, now.due_us)  # type: ignore[assignment]
    assert numbers == [1, 2, 3] and len(keys) == 3
    assert repeat(replace(one, act="returned"), patient, NOW_US) is None
    assert repeat(one, route(), NOW_US) is None
    assert "(2)" in again(one.content, 2, "zh").subject


def test_a_route_that_was_switched_off_meanwhile_sends_nothing_more() -> None:
    assert why(alarm(), None) == "route"
    assert why(alarm(), route(enabled=False)) == "route"


@pytest.mark.parametrize(
    ("channel", "realm", "is_test", "told"),
    [
        ("mail", Realm.LIVE, False, True),
        ("mail", Realm.LIVE, True, True),
        ("mail", Realm.DRILL, False, False),
        ("mail", Realm.DRILL, True, False),
        ("webhook", Realm.DRILL, True, False),
        ("folder", Realm.DRILL, True, False),
        ("browser", Realm.DRILL, False, True),
        ("mail", Realm.SIMULATED, False, False),
        ("mail", Realm.SIMULATED, True, True),
        ("webhook", Realm.REPLAY, False, False),
        ("browser", Realm.SIMULATED, False, True),
    ],
)
def test_what_is_not_live_leaves_to_test_targets_alone_and_a_drill_to_nobody(
    channel: str, realm: Realm, is_test: bool, told: bool
) -> None:
    target = "duty@city.example" if channel == "mail" else "duty"
    one = route(channel=channel, targets=[target], test_target=is_test)
    found = plan(alarm(), Act.RAISED, routes=[one], realm=realm)
    assert bool(found) == told
    assert (why(alarm(), one, realm=realm) == "realm") != told
    banner = realm.banner
    assert all(banner is None or one.content.subject.startswith(f"[{banner.zh}]") for one in found)


@pytest.mark.parametrize(
    ("hours", "local", "holds"),
    [
        (([1, 2, 3, 4, 5], "08:00", "18:00"), "2026-11-30 08:00", True),  # a Monday
        (([1, 2, 3, 4, 5], "08:00", "18:00"), "2026-11-30 18:00", False),
        (([1, 2, 3, 4, 5], "08:00", "18:00"), "2026-11-29 10:00", False),
        (([5], "22:00", "06:00"), "2026-12-04 23:00", True),
        (([5], "22:00", "06:00"), "2026-12-05 05:59", True),
        (([5], "22:00", "06:00"), "2026-12-05 23:00", False),
        (([7], "22:00", "06:00"), "2026-11-30 05:00", True),
        (([1], "00:00", "00:00"), "2026-11-30 12:00", True),
    ],
)
def test_hours_of_the_week(hours: tuple[list[int], str, str], local: str, holds: bool) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(ZONE))
    assert Hours(*hours).hold(at) == holds


def test_hours_are_the_city_s_and_judged_when_it_would_be_sent() -> None:
    # NOW_US is Monday, 21 September 2026, 22:13 in Shanghai.
    night = {"days": [1], "begin": "20:00", "end": "23:00"}
    assert why(alarm(), route(hours=[night])) is None
    assert why(alarm(), route(hours=[{**night, "begin": "14:00", "end": "15:00"}])) == "hours"


def test_more_than_the_rate_waits_for_a_digest() -> None:
    slow = route(most=3, per_min=60)
    sent = [NOW_US - 50 * MINUTE_US, NOW_US - 20 * MINUTE_US]
    assert digest_due(sent, slow, NOW_US) is None
    assert digest_due([*sent, NOW_US], slow, NOW_US) == NOW_US + 10 * MINUTE_US
    assert digest_due([NOW_US - 2 * HOUR_US, *sent], slow, NOW_US) is None


@given(st.lists(st.integers(0, 2 * 3600), max_size=60), st.integers(1, 5), st.integers(1, 60))
def test_never_more_than_the_rate_within_any_period(seconds: list[int], most: int, per_min: int) -> None:
    one = route(most=most, per_min=per_min)
    sent: list[int] = []
    for at_us in sorted(NOW_US + second * SECOND_US for second in seconds):
        if digest_due(sent, one, at_us) is None:
            sent.append(at_us)
    period_us = per_min * MINUTE_US
    assert all(sum(us - period_us < other <= us for other in sent) <= most for us in sent)


def test_a_digest_holds_the_first_ones_and_the_number_of_all() -> None:
    found = [content_of(alarm(id=n), Act.RAISED, None, None, Realm.LIVE, ZONE, "en") for n in range(MAX_LINES + 7)]
    digest = digest_of(found, Realm.DRILL, "en")
    assert digest.subject == f"[DRILL] digest: {MAX_LINES + 7}"
    assert digest.text.endswith("and more: 7") and digest.facts["count"] == MAX_LINES + 7


@given(st.integers(1, 10**9), st.integers(1, 400))
def test_retries_wait_longer_and_longer_and_never_too_long(identifier: int, attempts: int) -> None:
    assert retry_us(identifier, attempts) == retry_us(identifier, attempts)
    assert 3.75 * SECOND_US <= retry_us(identifier, attempts) <= 1.25 * LONGEST_RETRY_US
    assert retry_us(identifier, attempts + 2) >= retry_us(identifier, attempts) or attempts > 6
    assert len({retry_us(n, 5) for n in range(identifier, identifier + 20)}) > 15, "they don't come back together"


@pytest.mark.parametrize(
    "wrong",
    [
        {"targets": ["duty@city.example\r\nBcc: all@city.example"]},
        {"targets": ["duty@city.example\n"]},
        {"targets": ["a@b@c"]},
        {"targets": ["-v"]},
        {"targets": []},
        {"targets": ["a@city.example", "a@city.example"]},
        {"channel": "webhook", "targets": ["http://10.0.0.1/"]},
        {"channel": "webhook", "targets": ["../hooks"]},
        {"acts": ["commented"]},
        {"acts": []},
        {"hours": [{"days": [8], "begin": "08:00", "end": "09:00"}]},
        {"hours": [{"days": [1], "begin": "24:00", "end": "09:00"}]},
        {"priorities": [5]},
        {"name": "Duty Room"},
        {"most": 0},
        {"delay_min": float("nan")},
        {"colour": "red"},
    ],
)
def test_a_route_that_can_t_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"^route: "):
        route(**wrong)


@given(
    name=st.text(), value=st.floats(), district=st.text(), priority=st.sampled_from(Priority), act=st.sampled_from(Act)
)
def test_whatever_an_alarm_holds_its_subject_is_one_line(
    name: str, value: float, district: str, priority: Priority, act: Act
) -> None:
    one = alarm(rule=name, value=value, district=district, priority=priority)
    for language in ("zh", "en"):
        found = content_of(one, act, None, None, Realm.SIMULATED, ZONE, language)  # type: ignore[arg-type]
        assert len(found.subject) <= MAX_SUBJECT and len(found.subject.splitlines()) == 1
        assert not [c for c in found.text if ord(c) < 32 and c not in "\n\t"]
