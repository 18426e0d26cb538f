"""Things over HTTP: registered, looked up, changed, moved, retired; and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ops_center.domain.catalog import Thing
from ops_center.domain.observations import ObservationBatch, PositionBatch
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from tests.api.conftest import Center
from tests.servers.webs import until

SENSOR: dict[str, Any] = {
    "producer": "traffic",
    "thing_id": "ts-9",
    "kind": "traffic_sensor",
    "feed": "traffic",
    "name": {"zh": "中山路", "en": "Zhongshan Road"},
    "longitude": 118.78,
    "latitude": 32.06,
    "district": "D01",
    "attributes": {"road_id": "r1"},
    "datastreams": [{"observed_property": "vehicle_speed", "unit": "km/h", "interval_s": 60}],
}


def test_a_thing_is_registered_and_found(center: Center) -> None:
    before = center.http.get("/api/health").json()["catalog_version"]
    answer = center.http.post("/api/things", json=SENSOR)
    assert answer.status_code == 201, answer.text
    assert answer.json()["catalog_version"] > before
    assert center.http.post("/api/things", json=SENSOR).json() == answer.json(), "the same again changes nothing"
    found = center.http.get("/api/things/traffic/ts-9").json()
    assert (found["name"]["zh"], found["attributes"]["road_id"], found["retired"]) == ("中山路", "r1", False)
    assert [s["observed_property"] for s in found["datastreams"]] == ["vehicle_speed"]
    assert found["datastreams"][0]["latest"] is None


def test_its_latest_value_is_shown(center: Center) -> None:
    center.http.post("/api/things", json=SENSOR)
    key = center.http.get("/api/things/traffic/ts-9").json()["datastreams"][0]["id"]
    now = np.array([SystemClock().now_us()])
    keys, flags = np.array([key], np.int32), np.array([1], np.uint8)
    center.writer.apply(
        ObservationBatch(keys, now, np.array([43.5]), flags, now, int(now[0])), PositionBatch.empty(), ()
    )
    center.writer.flush()
    latest = until(lambda: center.http.get(f"/api/datastreams/{key}").json()["latest"])
    assert (latest["result"], latest["quality"], latest["aged"]) == (43.5, ["OUT_OF_RANGE"], False)


def test_a_thing_is_changed_moved_and_retired(center: Center) -> None:
    center.http.post("/api/things", json=SENSOR)
    change = {"name": {"zh": "北京路", "en": "Beijing Road"}, "longitude": 118.9}
    assert center.http.patch("/api/things/traffic/ts-9", json=change).status_code == 200
    found = center.http.get("/api/things/traffic/ts-9").json()
    assert (found["name"]["en"], found["longitude"], found["latitude"]) == ("Beijing Road", 118.9, 32.06)
    more = {"datastreams": [{"observed_property": "lane_occupancy", "unit": "%", "interval_s": 60}]}
    assert center.http.patch("/api/things/traffic/ts-9", json=more).status_code == 200, "datastreams are added"
    found = center.http.get("/api/things/traffic/ts-9").json()
    assert sorted(s["observed_property"] for s in found["datastreams"]) == ["lane_occupancy", "vehicle_speed"]
    assert center.http.delete("/api/things/traffic/ts-9").status_code == 200
    assert center.http.get("/api/things/traffic/ts-9").json()["retired"]
    assert center.http.get("/api/things").json()["things"] == []
    assert len(center.http.get("/api/things", params={"retired": True}).json()["things"]) == 1


def test_many_things_are_listed_page_by_page(center: Center) -> None:
    for number in range(5):
        center.http.post("/api/things", json={**SENSOR, "thing_id": f"ts-{number}", "district": f"D0{number % 2}"})
    first = center.http.get("/api/things", params={"limit": 3}).json()
    second = center.http.get("/api/things", params={"limit": 3, "after": first["next"]}).json()
    assert [t["thing_id"] for t in first["things"] + second["things"]] == [f"ts-{n}" for n in range(5)]
    assert second["next"] is None
    assert len(center.http.get("/api/things", params={"district": "D01"}).json()["things"]) == 2


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"thing_id": ""}, "thing_id"),
        ({"thing_id": "a/b"}, "thing_id"),
        ({"longitude": 181}, "longitude"),
        ({"latitude": None}, "latitude"),
        ({"name": {"zh": " ", "en": "x"}}, "zh"),
        ({"feed": "nothing"}, "no feed"),
        ({"kind": "volcano"}, "volcano"),
        ({"surprise": 1}, "surprise"),
        ({"attributes": {"x": "y" * 20_000}}, "attributes"),
        ({"attributes": {"x": json.loads("[" * 30 + "]" * 30)}}, "attributes"),
        ({"attributes": {"x": "\ud800"}}, "attributes"),
        ({"department": "\0"}, "department"),
        ({"longitude": "118.78"}, "longitude"),
        ({"datastreams": [{"observed_property": "magma_level", "unit": "m", "interval_s": 1}]}, "magma_level"),
        ({"datastreams": [{"observed_property": "vehicle_speed", "unit": "furlong", "interval_s": 1}]}, "furlong"),
        ({"datastreams": [{"observed_property": "vehicle_speed", "unit": "km/h", "interval_s": 0}]}, "interval_s"),
    ],
)
def test_a_wrong_registration_is_refused_and_says_where(center: Center, wrong: dict[str, Any], where: str) -> None:
    body = json.dumps({**SENSOR, **wrong}).encode()
    answer = center.http.post("/api/things", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert where in answer.text


def test_what_is_not_registered_is_not_found(center: Center) -> None:
    assert center.http.get("/api/things/traffic/none").status_code == 404
    assert center.http.patch("/api/things/traffic/none", json={}).status_code == 404
    assert center.http.delete("/api/things/traffic/none").status_code in {404, 422}
    assert center.http.get("/api/datastreams/4711").status_code == 404
    assert center.http.get("/api/datastreams/4711/series").status_code == 404


def test_an_address_that_nobody_has_is_not_found_and_another_method_is_told_which(center: Center) -> None:
    assert center.http.get("/api/nothing/here").status_code == 404
    other = center.http.get("/api/quarantine/release")
    assert (other.status_code, other.headers["allow"]) == (405, "POST")
    other = center.http.put("/api/things/traffic/ts-9")
    assert (other.status_code, other.headers["allow"]) == (405, "DELETE, GET, PATCH")
    assert other.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("query", [{"kind": "\0"}, {"feed": "A"}, {"district": "\n"}, {"after": 2**40}])
def test_a_filter_that_nothing_can_have_is_refused(center: Center, query: dict[str, Any]) -> None:
    assert center.http.get("/api/things", params=query).status_code == 422


def test_a_thing_that_came_otherwise_with_names_beyond_these_bounds_is_shown_and_not_changed(center: Center) -> None:
    """The topic and packs allow longer names and ids with a slash."""
    names = Label("长" * 300, "long " * 60)
    thing = Thing(-1, "traffic", "ts-long", "traffic_sensor", "traffic", names, 118.7, 32.0)
    center.store.catalog.register([thing], [], "test")
    center.system.look()
    assert center.http.get("/api/things/traffic/ts-long").json()["name"]["zh"] == "长" * 300
    answer = center.http.patch("/api/things/traffic/ts-long", json={"longitude": 118.8})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "name" in answer.json()["detail"]
