"""Incidents and tasks that the tests share."""

from __future__ import annotations

from ops_center.domain.text import Label
from ops_center.incidents import acts
from ops_center.incidents.incident import Change, Incident, Level, State
from ops_center.incidents.parts import Place
from ops_center.incidents.task import Task

T0 = 1_760_000_000_000_000
HERE = Place("point", ((118.8, 32.05),), "滨江大道")


def new(**more: object) -> Incident:
    given: dict[str, object] = {
        "id": 7, "version": 0, "state": State.REPORTED, "type": "water_main_burst", "level": Level.III,
        "title": "滨江大道爆管", "occurred_us": T0 - 60_000_000, "reported_us": T0, "reported_by": "li",
        "lead_department": "water_company", "departments": ("water_company",), "district": "D01", "places": (HERE,),
        **more,
    }  # fmt: skip
    return Incident(**given)  # type: ignore[arg-type]


def done(answer: object) -> Incident:
    """Return the incident that a command made; it must not have been refused."""
    assert isinstance(answer, Change), answer
    return answer.incident


def opened(**more: object) -> Incident:
    return done(acts.open_(done(acts.report(new(**more))), "li", T0 + 1, "wang"))


def task(**more: object) -> Task:
    given: dict[str, object] = {
        "id": 1, "incident": 7, "title": Label("关闭阀门", "close the valves"), "department": "water_company",
        "accept_minutes": 5.0, "done_minutes": 30.0, "given_us": T0, **more,
    }  # fmt: skip
    return Task(**given)  # type: ignore[arg-type]
