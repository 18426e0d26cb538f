"""What somebody is shown and may change is what their grants cover: the rest looks as if it did not exist."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Center
from tests.api.test_things import SENSOR


def thing(thing_id: str, department: str, district: str) -> dict[str, Any]:
    return {**SENSOR, "thing_id": thing_id, "department": department, "district": district}


@pytest.fixture
def city(center: Center) -> Center:
    for given in (thing("p1", "police", "D1"), thing("p2", "police", "D2"), thing("w1", "water", "D1")):
        center.http.post("/api/things", json=given).raise_for_status()
    center.http.post("/api/things", json=thing("c0", "", "")).raise_for_status()
    return center


def listed(center: Center) -> list[str]:
    return [found["thing_id"] for found in center.http.get("/api/things").json()["things"]]


@pytest.mark.parametrize(
    ("grants", "shown"),
    [
        (["operator"], ["p1", "p2", "w1", "c0"]),
        (["operator/*/D1"], ["p1", "w1"]),
        (["department/police"], ["p1", "p2"]),
        (["department/police/D2"], ["p2"]),
        (["department/police/D2", "leader/water"], ["p2", "w1"]),
        (["operator/nobody"], []),
    ],
)
def test_only_what_the_grants_cover_is_shown(city: Center, grants: list[str], shown: list[str]) -> None:
    keys = {t["thing_id"]: t["key"] for t in city.http.get("/api/things").json()["things"]}
    streams = {name: city.http.get(f"/api/things/traffic/{name}").json()["datastreams"][0]["id"] for name in keys}
    city.become(*grants)
    assert listed(city) == shown
    for name in keys:
        expected = 200 if name in shown else 404
        assert city.http.get(f"/api/things/traffic/{name}").status_code == expected, name
        assert city.http.get(f"/api/datastreams/{streams[name]}").status_code == expected, name
        assert city.http.get(f"/api/datastreams/{streams[name]}/series").status_code == expected, name


@pytest.mark.parametrize("grants", [["auditor"], ["field_unit"], []])
def test_roles_without_the_picture_get_none_of_it(city: Center, grants: list[str]) -> None:
    city.become(*grants)
    for address in ("/api/things", "/api/things/traffic/p1", "/api/quarantine", "/snapshots/x"):
        assert city.http.get(address).status_code == 403, address


def test_a_department_changes_its_own_things_and_no_others(city: Center) -> None:
    city.become("department/police/D1")
    http = city.http
    assert http.post("/api/things", json=thing("p3", "police", "D1")).status_code == 201
    assert http.patch("/api/things/traffic/p1", json={"longitude": 118.9}).status_code == 200
    refused = http.post("/api/things", json=thing("p4", "police", "D2"))
    assert refused.status_code == 403 and refused.json()["title"] == "not allowed"
    assert http.patch("/api/things/traffic/p1", json={"department": "water"}).status_code == 403, "given away"
    assert http.patch("/api/things/traffic/w1", json={"longitude": 1}).status_code == 404
    assert http.delete("/api/things/traffic/p2").status_code == 404
    assert http.delete("/api/things/traffic/p3").status_code == 200


def test_nobody_takes_a_thing_by_registering_it_as_theirs(city: Center) -> None:
    city.become("department/police")
    taken = city.http.post("/api/things", json=thing("w1", "police", "D1"))
    assert taken.status_code == 403
    city.become("administrator")
    assert city.http.get("/api/things/traffic/w1").json()["department"] == "water"


def test_who_only_looks_changes_nothing(city: Center) -> None:
    for role in ("operator", "leader", "display", "coordinator", "commander"):
        city.become(role)
        assert city.http.delete("/api/things/traffic/p1").status_code == 403, role


def test_the_quarantine_is_for_those_whose_scope_is_the_city(city: Center) -> None:
    for grants, status in (
        (["operator"], 200),
        (["operator/police"], 403),
        (["leader"], 403),
        (["administrator"], 200),
    ):
        city.become(*grants)
        assert city.http.get("/api/quarantine").status_code == status, grants
        assert city.http.post("/api/quarantine/release").status_code == status, grants


def test_who_changes_the_catalog_stands_in_the_audit_with_the_change_and_only_then(city: Center) -> None:
    before = len(city.store.audit.page(before=None, limit=100))
    city.become("department/police")
    city.http.post("/api/things", json=thing("p9", "police", "D1")).raise_for_status()
    city.http.post("/api/things", json=thing("p9", "police", "D1")).raise_for_status()  # the same again
    city.http.post("/api/things", json=thing("w9", "water", "D1"))  # refused
    city.http.delete("/api/things/traffic/p9").raise_for_status()
    rows = city.store.audit.page(before=None, limit=100)
    new = [(row.actor, row.action, row.subject) for row in rows[: len(rows) - before]][::-1]
    actor = city.asks[-1].account.name
    assert new == [(actor, "things.registered", "traffic/p9"), (actor, "things.retired", "traffic/p9")]
