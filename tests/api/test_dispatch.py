"""Who goes, over HTTP, on a served center: from a report to a unit that is followed; what is asked about roads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops_center.bootstrap import import_plans
from ops_center.city.pack import CityPack
from ops_center.city.road_graph import RoadGraph
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until


@pytest.fixture(scope="module")
def city(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with alarm_city(plain_postgres.url_of("postgres"), valkey_url, folder, state) as made:
        import_plans(made.center.settings)
        yield made


@pytest.fixture(scope="module")
def whole(city: AlarmCity) -> Iterator[httpx.Client]:
    with city.center.http(city.center.secret("zhao", Grant(Role.COMMANDER))) as client:
        yield client


@pytest.fixture(scope="module")
def fire(city: AlarmCity) -> Iterator[httpx.Client]:
    with city.center.http(city.center.secret("huo", Grant(Role.DEPARTMENT, "fire"))) as client:
        yield client


@pytest.fixture(scope="module")
def middle(small_city: CityPack) -> tuple[float, float]:
    """A crossing in the middle of the city."""
    return crossing(small_city, 0.0)


def crossing(city: CityPack, east_m: float) -> tuple[float, float]:
    """The crossing nearest to a place so far east of the middle."""
    xy = RoadGraph.of_roads(city.features("roads"), city.metric).node_xy_m
    node = xy[((xy - xy.mean(axis=0) - (east_m, 0.0)) ** 2).sum(axis=1).argmin()]
    lon, lat = city.metric.to_lonlat(*node)
    return float(lon), float(lat)


def got(client: httpx.Client, path: str, **query: Any) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def done(client: httpx.Client, incident: int, **command: Any) -> Any:
    answer = client.post(f"/api/incidents/{incident}/commands", json=command)
    assert answer.status_code == 200, answer.text
    return answer.json()


def burst(client: httpx.Client, place: tuple[float, float]) -> int:
    report = {
        "type": "water_main_burst", "level": 3, "title": "爆管", "places": [{"kind": "point", "coordinates": [place]}],
        "lead_department": "water_company", "departments": ["water_company"], "open": True, "plan": "burst_main",
    }  # fmt: skip
    answer = client.post("/api/incidents", json=report)
    assert answer.status_code in {200, 201}, answer.text
    return int(answer.json()["incident"]["id"])


def square(place: tuple[float, float], half: float = 0.0012) -> list[tuple[float, float]]:
    lon, lat = place
    return [(lon + dx * half, lat + dy * half) for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def test_from_what_is_wanted_to_a_unit_that_is_followed(whole: httpx.Client, middle: tuple[float, float]) -> None:
    incident = burst(whole, middle)
    wait_until(lambda: got(whole, f"/api/incidents/{incident}/dispatch")["wanted"], "the incident wants units")
    wanted = got(whole, f"/api/incidents/{incident}/dispatch")["wanted"]
    want = next(one for one in wanted if one["kind"] == "traffic_police")
    best = got(whole, f"/api/incidents/{incident}/candidates", kind="traffic_police")[0]
    assert best["route"]["minutes"] == pytest.approx(best["travel_min"], abs=0.01)
    assert best["reasons"][0]["label"]["zh"].startswith("路程")
    held = done(whole, incident, do="assign_unit", unit=best["unit"]["id"], task=want["task"])["incident"]["units"]
    assert held[0]["eta_us"] > held[0]["assigned_us"] and len(held[0]["route"]) > 1

    def is_followed() -> bool:
        units = got(whole, f"/api/incidents/{incident}/dispatch")["units"]
        return [one["unit"]["id"] for one in units] == [best["unit"]["id"]]

    wait_until(is_followed, "the unit is followed")
    found = got(whole, f"/api/incidents/{incident}/dispatch")
    assert want not in found["wanted"]
    assert found["units"][0]["planned_us"] == held[0]["eta_us"] and not found["units"][0]["late"]
    unit = next(one for one in got(whole, "/api/units") if one["id"] == best["unit"]["id"])
    assert (unit["status"], unit["incident"]) == ("assigned", incident)
    proposal = whole.post("/api/dispatch/share-out", json={"incidents": []}).json()
    assert {one["kind"] for one in proposal["sent"] + proposal["unmet"]} == {one["kind"] for one in found["wanted"]}
    assert best["unit"]["id"] not in {one["unit"]["id"] for one in proposal["sent"]}


def test_what_is_closed_is_gone_round_and_what_lies_inside_is_told(whole: httpx.Client, small_city: CityPack) -> None:
    there = crossing(small_city, 900.0)
    incident = burst(whole, there)
    ring = square(there)
    done(whole, incident, do="draw", kind="closure", place={"kind": "area", "coordinates": ring})
    wait_until(lambda: got(whole, "/api/routing/diversions", incident=incident), "the closure is known")
    around = got(whole, "/api/routing/diversions", incident=incident)
    assert all(one["route"] is None or one["route"]["minutes"] > one["minutes_before"] for one in around)
    polygon = "polygon:" + ";".join(f"{lon},{lat}" for lon, lat in square(there, 0.01))
    inside = got(whole, f"/api/incidents/{incident}/inside", area=polygon)
    assert inside["residents"] > 0 and inside["buildings"] > 0
    crossed = "polygon:0,0;1,1;1,0;0,1"
    assert whole.get(f"/api/incidents/{incident}/inside", params={"area": crossed}).status_code == 422
    for path in ("dispatch", "candidates?kind=patrol", f"inside?area={polygon}"):
        assert whole.get(f"/api/incidents/999999/{path}").status_code == 404


def test_ways_and_what_is_reached(whole: httpx.Client, middle: tuple[float, float]) -> None:
    lon, lat = middle
    ends = {"from_longitude": lon, "from_latitude": lat, "to_longitude": lon + 0.01, "to_latitude": lat + 0.005}
    calm, urgent = (got(whole, "/api/routing/route", **ends, urgent=urgent) for urgent in (False, True))
    assert 0 < urgent["minutes"] < calm["minutes"] and len(calm["coordinates"]) > 2
    assert whole.get("/api/routing/route", params={**ends, "to_longitude": 0.0}).status_code == 404
    rings = got(whole, "/api/routing/isochrone", longitude=lon, latitude=lat, minutes=[2, 1])
    assert [one["minutes"] for one in rings] == [1, 2] and all(one["areas"] for one in rings)


def test_a_department_sees_what_is_its_own(fire: httpx.Client, whole: httpx.Client) -> None:
    assert {one["department"] for one in got(fire, "/api/units")} == {"fire"}
    assert len(got(whole, "/api/units")) > len(got(fire, "/api/units"))
    stores = got(whole, "/api/resources", kind="store")
    assert stores and all(one["left"] <= one["total"] for store in stores for one in store["stocks"])
    assert got(fire, "/api/resources", kind="store") == []
