"""Plans: what is wrong with one is said, and opened they are tasks in their order."""

from __future__ import annotations

import pytest

from ops_center.incidents.incident import Level
from ops_center.incidents.plan import Plan, PlanError, fitting, read_plan, tasks_of
from ops_center.incidents.task import Stage
from tests.incidents.given import T0

STEP = """
[[steps]]
id = "{id}"
title = {{ zh = "一", en = "one" }}
text = {{ zh = "做", en = "do" }}
department = "{department}"
accept_minutes = 5
done_minutes = 30
after = {after}
levels = {levels}
faster = {{ 1 = 0.5 }}
"""
HEAD = """
name = "burst"
label = { zh = "爆管", en = "burst main" }
types = ["water_main_burst"]
sources = ["assumed"]
"""


def step(
    name: str, after: list[str] | None = None, levels: tuple[int, ...] = (1, 2, 3, 4), department: str = "water"
) -> str:
    return STEP.format(id=name, after=after or [], levels=list(levels), department=department)


def plan(*steps: str) -> Plan:
    return read_plan(HEAD + "".join(steps), "burst.toml")


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([step("a"), step("a")], "step a is there twice"),
        ([step("a", ["b"])], "comes after b, which there is not"),
        ([step("a", ["b"]), step("b", ["a"])], "wait for each other"),
        ([step("a").replace("accept_minutes = 5", "accept_minutes = 50")], "to be done before it is to be accepted"),
        ([step("a").replace("done_minutes = 30", "done_minutes = -1")], "done_minutes"),
        ([step("a") + "colour = 1"], "colour"),
        ([], "steps"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(steps: list[str], says: str) -> None:
    with pytest.raises(PlanError, match=says) as caught:
        plan(*steps)
    assert str(caught.value).startswith("burst.toml: ")


def test_steps_become_tasks_of_the_level() -> None:
    made = plan(step("a"), step("b", ["a"], (1, 2)), step("c", ["b"], department="unknown"))
    at_two = tasks_of(made, Level.II, 7, {"water", "fire"}, "fire", T0)
    assert [(task.step, task.after, task.stage) for task in at_two] == [
        ("a", (), Stage.ASSIGNED), ("b", ("a",), Stage.WAITING), ("c", ("b",), Stage.WAITING),
    ]  # fmt: skip
    assert at_two[2].department == "fire", "nobody of the city does it: who leads does"
    at_four = tasks_of(made, Level.IV, 7, {"water"}, "water", T0)
    assert [(task.step, task.after) for task in at_four] == [("a", ()), ("c", ("a",))], "b is skipped, its order is not"
    (first, *_) = tasks_of(made, Level.I, 7, {"water"}, "water", T0)
    assert (first.accept_minutes, first.done_minutes) == (2.5, 15.0)


def test_the_most_special_plan_fits_first() -> None:
    special, general = plan(step("a")), plan(step("a"))
    plans = {"general": Plan("general", general.label, ("water",), ("x",), general.steps), "special": special,
             "grave": Plan("grave", general.label, ("water",), ("x",), general.steps, levels=(1,))}  # fmt: skip
    lineage = ["water_main_burst", "water", "accident"]
    assert fitting(plans, lineage, Level.III) == ["special", "general"]
    assert fitting(plans, lineage, Level.I) == ["special", "general", "grave"]
    assert fitting(plans, ["fire"], Level.I) == []
