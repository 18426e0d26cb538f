"""Who goes: the shared-out choice is the best there is, and a ranking says why."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.dispatch_cases import brute_force, case
from ops_center.incidents.dispatch import (
    COVER_MIN,
    Demand,
    Unit,
    Ways,
    cost_of,
    greedy,
    rank,
    share_out,
)

CASES = 200


@pytest.mark.parametrize(
    "seeds", [range(start, start + 50) for start in range(0, CASES, 50)], ids=lambda r: f"{r[0]}-{r[-1]}"
)
def test_it_is_the_best_of_all_choices(seeds: range) -> None:
    for seed in seeds:
        units, demands, ways = case(seed)
        chosen = share_out(units, demands, ways)
        assert len(set(chosen.values())) == len(chosen), "nobody is in two places"
        assert cost_of(chosen, units, demands, ways) == pytest.approx(brute_force(units, demands, ways)), seed


def test_it_is_never_worse_than_by_hand_and_often_better() -> None:
    ratios = []
    for seed in range(CASES):
        units, demands, ways = case(seed)
        best, by_hand = (cost_of(way(units, demands, ways), units, demands, ways) for way in (share_out, greedy))
        assert best <= by_hand + 1e-6
        ratios.append(by_hand / best)
    assert max(ratios) > 1.1


def ways(
    to_demand: list[list[float]], to_zone: list[list[float]] | None = None, shares: tuple[float, ...] = (1.0,)
) -> Ways:
    zones = to_zone or [[COVER_MIN + 1]] * len(to_demand)
    return Ways(np.array(to_demand, float), np.array(zones, float), np.array(shares))


def test_the_last_of_a_quarter_doesnt_leave_lightly() -> None:
    """The nearest is the only one who covers a zone: the next, two minutes farther, goes instead."""
    units = [Unit("a", "fire_brigade"), Unit("b", "fire_brigade")]
    roads = ways([[4.0], [6.0]], [[5.0], [99.0]])
    assert share_out(units, [Demand(1, "fire_brigade", 4)], roads) == {0: 1}
    assert share_out(units, [Demand(1, "fire_brigade", 1)], roads) == {0: 0}, (
        "where it is grave every minute counts more"
    )
    first, second = rank(units, Demand(1, "fire_brigade", 4), roads)
    assert [first.unit.id, second.unit.id] == ["b", "a"]
    assert [reason.label.en for reason in second.reasons] == [
        "4 min by road",
        "100% of the people lose their cover in time",
    ]
    assert second.minutes == pytest.approx(sum(reason.minutes for reason in second.reasons))


def test_who_has_no_way_or_cant_do_it_is_not_offered() -> None:
    units = [
        Unit("cut off", "fire_brigade"),
        Unit("other", "ambulance_crew"),
        Unit("able", "rescue_team", ("fire_brigade",), 2),
    ]
    roads = ways([[np.nan], [1.0], [9.0]])
    (only,) = rank(units, Demand(1, "fire_brigade", 3), roads)
    assert only.unit.id == "able"
    assert [reason.label.en for reason in only.reasons] == [
        "9 min by road", "has 2 tasks already", "not of this kind, but able to",
    ]  # fmt: skip
    assert share_out(units[:2], [Demand(1, "fire_brigade", 3)], ways([[np.nan], [1.0]])) == {}


def test_the_gravest_is_served_when_there_are_too_few() -> None:
    units = [Unit("a", "fire_brigade")]
    demands = [Demand(1, "fire_brigade", 4), Demand(2, "fire_brigade", 1)]
    assert share_out(units, demands, ways([[2.0, 20.0]])) == {1: 0}
