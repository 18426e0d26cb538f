"""Plans (预案): what is to be done about an incident of a type and level, by whom, in which order, until when.

A plan is a TOML file (``ops_center/incidents/plans``) or an edited version in the database; opened, its steps become
tasks. Pure. Called by ``ops_center.services`` and the editor.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from typing import Annotated, Any

import msgspec

from ops_center.domain.errors import PlanError
from ops_center.domain.faults import Fault, converted
from ops_center.domain.text import Label
from ops_center.domain.words import Words
from ops_center.incidents.incident import Level
from ops_center.incidents.task import Stage, Task

MOST_STEPS = 60
Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Minutes = Annotated[float, msgspec.Meta(gt=0, le=7 * 24 * 60)]
Grade = Annotated[int, msgspec.Meta(ge=1, le=4)]


class Drawing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is drawn on the map around the incident when the plan is opened."""

    kind: Annotated[str, msgspec.Meta(pattern="^(cordon|evacuation|staging|closure)$")]
    radius_m: Annotated[float, msgspec.Meta(gt=0, le=20_000)]
    label: Words
    levels: tuple[Grade, ...] = (1, 2, 3, 4)


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to be done."""

    id: Code
    title: Words
    text: Words
    department: Code
    """code of an organisation; a city that has none of it gives the task to the leading department"""
    accept_minutes: Minutes
    done_minutes: Minutes
    after: tuple[Code, ...] = ()
    levels: tuple[Grade, ...] = (1, 2, 3, 4)
    """at which levels it is done"""
    faster: Mapping[Grade, Annotated[float, msgspec.Meta(gt=0, le=1)]] = {}
    """level → share of the minutes that there are at it"""
    units: tuple[Code, ...] = ()
    """kinds of units that it wants"""


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan as its file says it."""

    name: Code
    label: Words
    types: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1)]
    """types of incidents that it is for, and those below them in the tree"""
    sources: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    """laws, standards, published plans that its steps and times come from; what is assumed says so"""
    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1, max_length=MOST_STEPS)]
    levels: tuple[Grade, ...] = (1, 2, 3, 4)
    enabled: bool = True
    """whether it is proposed and can be opened"""
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] = 1
    """its number in the database; files leave it out"""
    drawings: tuple[Drawing, ...] = ()
    objectives: tuple[Words, ...] = ()
    """what the command wants to reach, in order (ICS 202)"""
    hazards: tuple[Words, ...] = ()
    """what endangers those who help (ICS 208)"""


def read_plan(text: str, origin: str) -> Plan:
    """Return the plan that a TOML text says. Raises PlanError with ``origin`` and every fault."""
    try:
        found = judged(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PlanError(f"{origin}: {error}") from None
    if isinstance(found, Plan):
        return found
    raise PlanError("; ".join(f"{origin}: {fault.field}: {fault.what.en}" for fault in found))


def judged(form: Any) -> Plan | tuple[Fault, ...]:
    """Return the plan of decoded JSON or TOML, or what is wrong with it, each with its field."""
    plan = converted(form, Plan)
    if isinstance(plan, Fault):
        return (plan,)
    return tuple(faults_of(plan)) or plan


def faults_of(plan: Plan) -> Iterator[Fault]:
    """Yield what is wrong with a plan beyond the form of its fields."""
    ids = [step.id for step in plan.steps]
    for place, step in enumerate(plan.steps):
        where = f"steps[{place}]"
        if step.id in ids[:place]:
            yield Fault(f"{where}.id", Label(f"步骤编号 {step.id} 重复", f"step {step.id} is there twice"))
        for before in sorted(set(step.after) - set(ids)):
            en = f"step {step.id} comes after {before}, which there is not"
            yield Fault(f"{where}.after", Label(f"步骤 {step.id} 的前置步骤 {before} 不存在", en))
        if step.accept_minutes > step.done_minutes:
            said = f"步骤 {step.id} 的接受时限长于完成时限", f"step {step.id} is to be done before it is to be accepted"
            yield Fault(f"{where}.accept_minutes", Label(*said))
    try:
        TopologicalSorter({step.id: step.after for step in plan.steps}).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1]
        said = f"步骤相互等待：{' → '.join(ring)}", f"steps wait for each other: {' → '.join(ring)}"
        yield Fault(f"steps[{ids.index(ring[0])}].after", Label(*said))


def tasks_of(
    plan: Plan, level: Level, incident: int, departments: Collection[str], lead: str, now_us: int
) -> Sequence[Task]:
    """Return the tasks of a plan at a level, without ids; what waits for nothing can begin now.

    ``departments``: organisations that the city has; ``lead`` does what is meant for others.
    """
    chosen = [step for step in plan.steps if level in step.levels]
    there = {step.id for step in chosen}
    tasks = []
    for step in chosen:
        after = tuple(name for name in _before(step, plan, there))
        share = step.faster.get(int(level), 1.0)
        task = Task(
            id=0, incident=incident, step=step.id, after=after, title=step.title.label(), text=step.text.label(),
            department=step.department if step.department in departments else lead,
            accept_minutes=step.accept_minutes * share, done_minutes=step.done_minutes * share, given_us=now_us,
        )  # fmt: skip
        tasks.append(task if after else replace(task, stage=Stage.ASSIGNED, begins_us=now_us))
    return tasks


def _before(step: Step, plan: Plan, there: Collection[str]) -> dict[str, None]:
    """Return the steps that a step waits for at this level: through those that aren't done at it."""
    by_id = {one.id: one for one in plan.steps}
    found: dict[str, None] = {}
    for name in step.after:
        found.update({name: None} if name in there else _before(by_id[name], plan, there))
    return found


def fitting(plans: Mapping[str, Plan], lineage: Sequence[str], level: Level) -> list[str]:
    """Return the names of the plans for a type at a level, the most special first.

    ``lineage``: the type and those above it in the tree, from the leaf up.
    """
    rank = {code: place for place, code in enumerate(lineage)}
    found: list[tuple[int, str]] = []
    for name, plan in plans.items():
        places = [rank[code] for code in plan.types if code in rank]
        if places and level in plan.levels:
            found.append((min(places), name))
    return [name for _, name in sorted(found)]


def as_plain(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON values: what the database keeps of a version."""
    plain: dict[str, Any] = msgspec.to_builtins(plan, str_keys=True)
    return plain


def shipped_files() -> Sequence[tuple[str, str]]:
    """Return (name, text) of the files of plans that ship, by name."""
    folder = files("ops_center.incidents") / "plans"
    return sorted((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".toml"))
