"""What a crew says from the field, and the commands that it means. Values only; called by ``desk``.

A crew says one thing ("accept"), the incident hears two: what becomes of the task, and what its unit does. The first
one decides; the others are done as far as they can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from ops_center.incidents.incident import Incident
from ops_center.services.incidents import commands as c

Act = Literal["accept", "refuse", "start", "arrive", "photo", "done"]


class FieldAct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a crew says; what comes again under the same key is not done again."""

    incident: c.Id
    task: c.Number
    """0: of the unit alone, which is on its way to the incident"""
    act: Act
    key: Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern="^[A-Za-z0-9-]+$")]
    at_us: c.TimeUs
    """when it happened, by the clock of the phone"""
    text: c.Text = ""
    """the reason of a refusal, the result of what is done"""
    files: c.Files = ()


def commands_of(said: FieldAct, incident: Incident, unit: str) -> Iterator[c.Command]:
    """Yield the commands, the one that decides first. ``unit``: that the crew holds; "": none."""
    yield from _of_task(said) if said.task else ()
    yield from _of_unit(said, incident, unit) if unit else ()


def _of_task(said: FieldAct) -> Iterator[c.Command]:
    key, at_us = said.key, said.at_us
    match said.act:
        case "accept":
            yield c.TaskAccept(said.task, key=key, at_us=at_us)
        case "refuse":
            yield c.TaskRefuse(said.task, said.text, key=key, at_us=at_us)
        case "start":
            yield c.TaskStart(said.task, key=key, at_us=at_us)
        case "photo":
            yield c.TaskPhoto(said.task, said.files, key=key, at_us=at_us)
        case "done":
            yield c.TaskReport(said.task, said.text, said.files, key=key, at_us=at_us)


def _of_unit(said: FieldAct, incident: Incident, unit: str) -> Iterator[c.Command]:
    """A unit goes with the task that its crew takes, and is free when the task is done or refused."""
    held = incident.held(unit)
    if held is None and said.act in {"accept", "start", "arrive"}:
        yield c.AssignUnit(unit, said.task)
    if said.act == "start":
        yield c.UnitUnderWay(unit, said.at_us)
    elif said.act == "arrive":
        yield c.UnitArrived(unit, said.at_us)
    elif said.act in {"refuse", "done"} and held is not None and held.task == said.task:
        yield c.ReleaseUnit(unit)
