"""Search, selections and their copies over HTTP, on a served center with alarms in its store."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import httpx
import numpy as np
import pyogrio
import pytest

from alerts.alarm import Priority
from ops_center.city.pack import CityPack
from ops_center.domain.place import from_wgs84, to_wgs84
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until

EVERYWHERE = "box:-180,-90,180,90"


@pytest.fixture(scope="module")
def city(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with alarm_city(plain_postgres.url_of("postgres"), valkey_url, folder, state) as made:
        yield made


@pytest.fixture(scope="module")
def whole(city: AlarmCity) -> Iterator[httpx.Client]:
    with city.center.http(city.center.secret("cao", Grant(Role.COORDINATOR))) as client:
        yield client


@pytest.fixture(scope="module")
def water(city: AlarmCity) -> Iterator[httpx.Client]:
    with city.center.http(city.center.secret("shui", Grant(Role.DEPARTMENT, "water_company"))) as client:
        yield client


def hits(client: httpx.Client, **query: object) -> list[dict[str, object]]:
    answer = client.get("/api/search", params={"q": "", **query})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["hits"])


def test_a_vital_sign_is_found_by_chinese_initials_and_english(whole: httpx.Client, water: httpx.Client) -> None:
    for typed in ("拥堵", "yd", "congestion index"):
        first = next(hit for hit in hits(whole, q=typed, limit=50) if hit["kind"] == "vital")
        assert first["id"] == "congestion@city", typed
        assert first["longitude"] is None
    assert not [hit for hit in hits(water, q="congestion index", limit=50) if hit["kind"] == "vital"]


def test_an_incident_is_found_by_chinese_initials_and_number_open_ones_before_cases(whole: httpx.Client) -> None:
    given = {"type": "fire", "level": 3, "lead_department": "fire", "open": True}
    old, new = (
        whole.post("/api/incidents", json={**given, "title": title}) for title in ("磐石仓库火灾", "磐石厂房火灾")
    )
    assert old.status_code == new.status_code == 200, old.text
    first, second = (answer.json()["incident"]["id"] for answer in (old, new))
    for command in ({"do": "resolve", "text": ""}, {"do": "close", "lessons": "水源不足"}):
        assert whole.post(f"/api/incidents/{first}/commands", json=command).status_code == 200

    def found(typed: str) -> list[tuple[object, object]]:
        return [(hit["kind"], hit["id"]) for hit in hits(whole, q=typed) if hit["kind"] in {"incident", "case"}]

    wait_until(
        lambda: found("磐石") == [("incident", str(second)), ("case", str(first))], "both, the open one first", 20
    )
    assert found("pscf")[0] == ("incident", str(second))
    assert ("incident", str(second)) in found(f"#{second}")


def test_a_place_is_found_by_initials_and_what_is_near_comes_first(whole: httpx.Client, small_city: CityPack) -> None:
    district = small_city.features("districts").iloc[0]
    found = hits(whole, q=district["name_en"])
    assert found[0]["kind"] == "district" and found[0]["fit"] == "exact"
    sensors = [thing for thing in hits(whole, q="交通检测器", limit=50) if thing["kind"] == "thing"]
    last = sensors[-1]
    nearer = hits(whole, q="交通检测器", limit=50, longitude=last["longitude"], latitude=last["latitude"])
    assert nearer[0]["id"] == last["id"]


def test_what_is_in_alarm_comes_first_and_alarms_are_found_by_number_and_rule(
    whole: httpx.Client, city: AlarmCity
) -> None:
    pressure = [one for one in city.streams() if one.observed_property == "water_pressure"]
    city.raise_all([city.alarm(900, pressure[-1], priority=Priority.CRITICAL)])
    thing = city.catalog.things[pressure[-1].thing]
    which = f"{thing.producer}/{thing.thing_id}"

    def first() -> dict[str, object]:
        return next(one for one in hits(whole, q="供水压力计", limit=50) if one["kind"] == "thing")

    wait_until(lambda: first()["id"] == which, "the thing in alarm comes first")
    assert first()["alarm"] == {"id": 900, "priority": 1}
    for typed in ("900", "#900", "供水压力低", "gsyld"):
        found = hits(whole, q=typed)
        assert [one["id"] for one in found if one["kind"] == "alarm"] == ["900"], typed


def test_nobody_finds_what_isnt_theirs(whole: httpx.Client, water: httpx.Client) -> None:
    theirs = {one["kind"] for one in hits(water, q="camera", limit=50)}
    assert "camera" not in theirs
    assert "camera" in {one["kind"] for one in hits(whole, q="camera", limit=50)}
    assert any(one["kind"] == "thing" for one in hits(water, q="水压", limit=50))
    assert any(one["kind"] == "district" for one in hits(water, q="district", limit=50)), "the ground is everybody's"


def test_an_area_has_the_things_that_lie_in_it_and_no_others(
    whole: httpx.Client, city: AlarmCity, small_city: CityPack
) -> None:
    # Where things are now, as the center says: some move, and others may speak of them in the cache of this process.
    things = whole.get("/api/selection", params={"area": EVERYWHERE, "limit": 2000}).json()["things"]
    at = city.catalog.things[min(city.catalog.things)]
    x_m, y_m = small_city.metric.to_metres([one["longitude"] for one in things], [one["latitude"] for one in things])
    here_x_m, here_y_m = small_city.metric.to_metres(at.longitude, at.latitude)
    far_m = np.hypot(x_m - here_x_m, y_m - here_y_m)
    ordered, third = np.sort(far_m), len(far_m) // 3
    gap = third + int(np.argmax(np.diff(ordered)[third : 2 * third]))
    radius_m = float(ordered[gap : gap + 2].mean())  # where nothing lies on the edge
    answer = whole.get(
        "/api/selection", params={"area": f"circle:{at.longitude},{at.latitude},{radius_m}", "limit": 2000}
    )
    chosen = {one["id"] for one in answer.json()["things"]}
    assert chosen == {one["id"] for one, far in zip(things, far_m, strict=True) if far <= radius_m}
    assert 0 < len(chosen) < len(things) == len(city.catalog.things)
    data = whole.get("/api/selection", params={"area": EVERYWHERE, "limit": 5}).json()
    assert len(data["things"]) == 5 and data["count"] == len(city.catalog.things)
    assert sum(data["states"].values()) == data["count"] == sum(kind["count"] for kind in data["kinds"])
    cameras = whole.get("/api/selection", params={"area": EVERYWHERE, "kind": "camera", "limit": 0}).json()
    assert [kind["kind"] for kind in cameras["kinds"]] == ["camera"]


def test_a_selection_is_cut_by_rights(water: httpx.Client, city: AlarmCity) -> None:
    data = water.get("/api/selection", params={"area": EVERYWHERE, "limit": 2000}).json()
    assert data["count"] > 0 and {one["department"] for one in data["things"]} == {"water_company"}
    copy = water.get("/api/selection/export.csv", params={"area": EVERYWHERE}).text
    assert {row["department"] for row in csv.DictReader(io.StringIO(copy.lstrip("\ufeff")))} == {"water_company"}
    with city.center.http(city.center.secret("wall-9", Grant(Role.DISPLAY))) as display:
        assert display.get("/api/selection", params={"area": EVERYWHERE}).status_code == 403


@pytest.mark.parametrize(("crs", "code"), [("wgs84", 4326), ("cgcs2000", 4490), ("gcj02", None), ("bd09", None)])
def test_a_geopackage_is_opened_by_geopandas_in_the_coordinates_that_were_chosen(
    whole: httpx.Client, city: AlarmCity, tmp_path: Path, crs: str, code: int | None
) -> None:
    copy = whole.get("/api/selection/export.gpkg", params={"area": EVERYWHERE, "kind": "camera", "crs": crs})
    path = tmp_path / "selection.gpkg"
    path.write_bytes(copy.content)
    frame = gpd.read_file(path, layer="things")
    cameras = {one.thing_id: one for one in city.catalog.things.values() if one.kind == "camera"}
    assert set(frame["thing_id"]) == set(cameras) and set(frame["state"]) <= {"good", "silent", "alarm", "aged", "odd"}
    assert frame.crs is not None and frame.crs.to_epsg() == code
    row = frame.iloc[0]
    camera = cameras[row["thing_id"]]
    known = {"wgs84": "EPSG:4326", "cgcs2000": "EPSG:4490"}.get(crs, crs)
    there = from_wgs84(camera.longitude, camera.latitude, known)
    assert (row.geometry.x, row.geometry.y) == pytest.approx((float(there[0]), float(there[1])), abs=1e-6)
    back = to_wgs84(row.geometry.x, row.geometry.y, known)
    assert (float(back[0]), float(back[1])) == pytest.approx((camera.longitude, camera.latitude), abs=1e-6)
    about = dict(pyogrio.read_dataframe(path, layer="about")[["name", "value"]].itertuples(index=False))
    assert about["crs"] == crs and about["made_by"] == "cao" and about["realm"] == "simulated"


def test_a_copy_is_in_the_audit_before_it_is_sent(whole: httpx.Client, city: AlarmCity) -> None:
    area = "circle:118.8,32.0,1234"
    assert whole.get("/api/selection/export.csv", params={"area": area}).status_code == 200
    found = list(city.center.store.audit.page(before=None, limit=100, action="things.copied"))
    assert any(row.actor == "cao" and row.detail["area"] == area and row.detail["form"] == "csv" for row in found)


def test_districts_have_figures_to_compare(whole: httpx.Client, small_city: CityPack) -> None:
    codes = small_city.table("districts")["district_id"].tolist()
    tables = [whole.get("/api/selection/figures", params={"area": f"district:{code}"}).json() for code in codes[:2]]
    assert [one["name"] for one in tables[0]] == [one["name"] for one in tables[1]]
    figures = {one["name"]: one["value"] for one in tables[0]}
    by_state = [value for name, value in figures.items() if name.startswith("things_")]
    assert figures["things"] == sum(by_state) > 0


@pytest.mark.parametrize(
    "area",
    [
        "",
        "polygon:1,2",
        "polygon:0,0;1,1;1,0;0,1",
        "circle:0,0,0",
        "circle:0,0,1e9",
        "box:2,0,1,1",
        "polygon:400,0;1,1;1,0",
    ],
)
def test_what_is_no_area_is_refused(whole: httpx.Client, area: str) -> None:
    assert whole.get("/api/selection", params={"area": area}).status_code == 422
