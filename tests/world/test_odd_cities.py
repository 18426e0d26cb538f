"""Cities that lack what models expect, and clocks that do what clocks do."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from feeds import all_feeds
from ops_center.city.pack import CityPack
from ops_center.city.schema import LAYERS
from ops_center.domain.time import DAY_US, SECOND_US
from ops_center.world.scenario import SCENARIOS
from ops_center.world.world import World
from tests.feeds import cities

Change = Callable[[pd.DataFrame], pd.DataFrame]


def none(table: pd.DataFrame) -> pd.DataFrame:
    return table.iloc[:0]


def one(table: pd.DataFrame) -> pd.DataFrame:
    return table.iloc[:1]


ODD: dict[str, dict[str, Change]] = {
    "nothing": dict.fromkeys(LAYERS, none),
    "no roads": {"roads": none},
    "one road": {"roads": one},
    "no things": {"things": none, "datastreams": none, "cameras": none},
    "one thing": {"things": one},
    "no cameras": {"cameras": none},
    "nobody": {"population_grid": none, "facilities": none},
    "no districts": {"districts": none},
    "no pipes": {"pipe_links": none, "pipe_nodes": none},
    "only vehicles": {"things": lambda table: table[table["feed"] == "vehicles"]},
}


def changed(changes: dict[str, Change]) -> CityPack:
    pack = cities.city()
    same: Change = lambda table: table  # noqa: E731  shorter than a function
    return CityPack(pack.manifest, {name: changes.get(name, same)(pack.table(name)) for name in LAYERS})


@pytest.mark.parametrize("name", ODD)
def test_an_odd_city_lives_through_every_story(name: str) -> None:
    pack = changed(ODD[name])
    for scenario in SCENARIOS:
        world = World.from_pack(pack, seed=1, start_us=cities.START_US, scenario=scenario)
        for second in (0, 1, 2, 300):
            now_us = cities.START_US + second * SECOND_US
            world.step(now_us)
            for feed in all_feeds().values():
                feed.observe(world, now_us)


def test_time_may_stand_go_back_and_leap() -> None:
    world = cities.world("storm")
    seen_us = []
    for second in (0, 0, 5, 3, 4, 3600, 90_000, 90_001):
        world.step(cities.START_US + second * SECOND_US)
        seen_us.append(world.now_us)
        for feed in all_feeds().values():
            feed.observe(world, world.now_us)
    assert seen_us == sorted(seen_us)
    world.step(cities.START_US + 60 * DAY_US)
    assert world.now_us == cities.START_US + 60 * DAY_US


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(KeyError):
        World.from_pack(cities.city(), seed=1, start_us=0, scenario="earthquake")


def test_the_truth_can_be_asked() -> None:
    world = cities.world("crash")
    world.step(cities.START_US + 120 * SECOND_US)
    assert "crash" in {occurrence.kind for occurrence in world.truth}
