"""Cases: which are most like one that has just begun."""

from __future__ import annotations

import math
from dataclasses import replace

from ops_center.domain.time import DAY_US
from ops_center.incidents.cases import Cases, grams
from ops_center.incidents.incident import Incident, Outcome, State
from ops_center.incidents.parts import Place
from ops_center.incidents.types import shipped_types
from tests.incidents.given import T0, new


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return math.dist(one, other) * 100_000


def closed(number: int, kind: str, title: str, longitude: float = 118.8, days_ago: int = 0, **more: object) -> Incident:
    given = {
        "state": State.CLOSED,
        "outcome": Outcome.HANDLED,
        "closed_us": T0 + number,
        "occurred_us": T0 - days_ago * DAY_US,
    }
    return new(id=number, type=kind, title=title, places=(Place("point", ((longitude, 32.05),)),), **given, **more)  # type: ignore[arg-type]


CASES = [
    closed(1, "water_main_burst", "滨江大道DN600供水管爆裂，路面积水"),
    closed(2, "water_main_burst", "城北支路阀门漏水", 119.5, 180),
    closed(3, "gas_leak", "滨江大道燃气泄漏，疏散居民"),
    closed(4, "storm", "大风刮倒广告牌", 119.9, 180),
]


def test_the_most_alike_come_first_each_with_its_parts() -> None:
    found = Cases(CASES, shipped_types()).most_alike(new(title="滨江大道供水管爆裂"), metres)
    assert [one.case.id for one in found] == [1, 3, 2], "near and of a kin before far and of the kind"
    first = found[0]
    assert first.parts["type"] == first.parts["place"] == 1.0
    assert 0.9 < first.parts["season"] <= 1.0
    assert 0.5 < first.parts["text"] < 1.0
    assert first.likeness <= 1.0
    assert found[2].parts["place"] < 0.01
    assert found[2].parts["season"] < 0.01


def test_the_same_again_is_as_like_as_can_be() -> None:
    again = replace(CASES[0], id=9, state=State.REPORTED)
    (first, *_) = Cases(CASES, shipped_types()).most_alike(again, metres)
    assert first.likeness > 0.999


def test_what_was_false_or_merged_teaches_nothing() -> None:
    false = replace(CASES[0], outcome=Outcome.FALSE)
    merged = replace(CASES[0], outcome=Outcome.MERGED)
    assert Cases([false, merged], shipped_types()).most_alike(new(), metres) == []


def test_without_a_place_the_district_says_a_little() -> None:
    nowhere = new(places=(), title="某地积水")
    parts = [one.parts["place"] for one in Cases(CASES[:1], shipped_types()).most_alike(nowhere, metres)]
    assert parts == [0.5]


def test_chinese_is_compared_in_pairs_and_other_words_whole() -> None:
    assert grams("DN600 供水管 water") == ["dn600", "供水", "水管", "water"]
    assert grams("水") == ["水"]
