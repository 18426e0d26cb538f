"""What ships: the tree of types and eight plans, each sound, in both languages, with its sources."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from ops_center.city.synthetic.organisations import DEPARTMENTS
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.words import ShortWords
from ops_center.incidents.incident import Level
from ops_center.incidents.parts import Casualties
from ops_center.incidents.plan import read_plan, tasks_of
from ops_center.incidents.types import IncidentType, TypeTree, level_by_casualties, shipped_types
from tests.incidents.given import T0

PLANS = {path.name: path.read_text("utf-8") for path in files("ops_center.incidents").joinpath("plans").iterdir()}
WANTED = {
    "burst_main", "gas_leak", "multi_vehicle_crash", "hazardous_goods", "urban_flooding", "fire",
    "severe_air_pollution", "big_event_crowding",
}  # fmt: skip
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_eight_plans_ship() -> None:
    assert {name.removesuffix(".toml") for name in PLANS} == WANTED


@pytest.mark.parametrize("name", sorted(PLANS))
def test_a_shipped_plan_can_be_carried_out_in_the_demo_city(name: str) -> None:
    plan = read_plan(PLANS[name], name)
    assert plan.name == name.removesuffix(".toml")
    assert len(plan.sources) >= 3
    assert all(code in shipped_types().types for code in plan.types)
    assert {step.department for step in plan.steps} <= {code for code, *_ in DEPARTMENTS}
    words = [one for step in plan.steps for one in (step.title, step.text)] + [
        *plan.objectives,
        *plan.hazards,
        plan.label,
    ]
    for one in words:
        assert CHINESE.search(one.zh)
        assert not CHINESE.search(one.en)
    for level in Level:
        tasks = tasks_of(plan, level, 1, {code for code, *_ in DEPARTMENTS}, "city_command", T0)
        assert any(task.begins_us for task in tasks), "something begins at once"
        assert len(tasks) >= 8
    gravest = {task.step: task for task in tasks_of(plan, Level.I, 1, set(), "city_command", T0)}
    ordinary = tasks_of(plan, Level.IV, 1, set(), "city_command", T0)
    assert all(gravest[task.step].done_minutes < task.done_minutes for task in ordinary), "graver is faster"


def test_the_tree_has_the_four_classes_and_no_orphans() -> None:
    tree = shipped_types()
    assert [one.code for one in tree.below("")] == ["natural_disaster", "accident", "public_health", "social_security"]
    assert tree.lineage("water_main_burst") == ("water_main_burst", "utility_failure", "accident")
    assert tree.steps_apart("gas_leak", "water_main_burst") == 2
    assert tree.steps_apart("gas_leak", "gas_leak") == 0
    assert tree.steps_apart("gas_leak", "storm") > tree.steps_apart("gas_leak", "fire")


@pytest.mark.parametrize("parents", [("b", "a"), ("", "unknown")])
def test_a_tree_that_is_none_is_refused(parents: tuple[str, str]) -> None:
    types = [IncidentType(code, ShortWords("类", "type"), parent) for code, parent in zip("ab", parents, strict=True)]
    with pytest.raises(ConfigurationError):
        TypeTree(types)


@pytest.mark.parametrize(
    ("people", "level"),
    [
        (Casualties(), Level.IV), (Casualties(dead=2, injured=9), Level.IV), (Casualties(dead=3), Level.III),
        (Casualties(injured=50), Level.II), (Casualties(missing=60, trapped=40), Level.I),
        (Casualties(dead=30), Level.I),
    ],
)  # fmt: skip
def test_how_grave_it_is_by_the_people_it_hurt(people: Casualties, level: Level) -> None:
    assert level_by_casualties(people) is level
