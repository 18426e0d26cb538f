"""Incidents over HTTP and on /live, on a whole center: what a command says, who is refused, what is proposed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from websockets.sync.client import connect

from ops_center.api.cookies import LOOPBACK_NAME
from ops_center.bootstrap import import_plans
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from tests.screens.alarm_city import AlarmCity, alarm_city


@pytest.fixture(scope="module")
def city(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with alarm_city(plain_postgres.url_of("postgres"), valkey_url, folder, state) as made:
        import_plans(made.center.settings)
        yield made


@pytest.fixture(scope="module")
def secrets(city: AlarmCity) -> dict[str, str]:
    return {
        name: city.center.secret(f"{name}.one", grant)
        for name, grant in {
            "operator": Grant(Role.OPERATOR),
            "coordinator": Grant(Role.COORDINATOR),
            "leader": Grant(Role.LEADER),
            "elsewhere": Grant(Role.DEPARTMENT, "fire"),
        }.items()
    }


def report(http: httpx.Client, **more: Any) -> dict[str, Any]:
    given = {
        "type": "water_main_burst", "level": 3, "title": "云台路爆管", "lead_department": "water_company",
        "departments": ["water_company"], "places": [{"kind": "point", "coordinates": [[118.7, 32.0]]}], **more,
    }  # fmt: skip
    answer = http.post("/api/incidents", json=given)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def do(http: httpx.Client, number: int, name: str, **more: Any) -> httpx.Response:
    return http.post(f"/api/incidents/{number}/commands", json={"do": name, **more})


def test_an_incident_is_opened_with_its_plan_and_worked_to_its_end(city: AlarmCity, secrets: dict[str, str]) -> None:
    with city.center.http(secrets["operator"]) as http, city.center.http(secrets["coordinator"]) as other:
        made = report(http, open=True, plan="burst_main")
        number, tasks = made["incident"]["id"], made["tasks"]
        assert (made["incident"]["state"], made["may_change"], made["drill"]) == ("open", True, False)
        assert len(tasks) > 3
        assert {task["stage"] for task in tasks} == {"assigned", "waiting"}

        first = next(task["id"] for task in tasks if task["stage"] == "assigned")
        assert do(http, number, "task_start", task=first).status_code == 200
        assert do(http, number, "task_report", task=first, result="止水").status_code == 200
        own = do(http, number, "task_verify", task=first)
        assert (own.status_code, own.json()["code"]) == (409, "own")
        assert do(other, number, "task_verify", task=first).status_code == 200
        early = do(http, number, "resolve", text="完成")
        assert (early.status_code, early.json()["code"]) == (409, "tasks")
        for task in tasks:
            if task["id"] != first:
                assert do(http, number, "task_cancel", task=task["id"], reason="不需要").status_code == 200
        assert do(http, number, "contain", text="").status_code == 200
        assert do(http, number, "resolve", text="完成").status_code == 200
        closed = do(http, number, "close", lessons="阀门标识要清楚").json()
        assert closed["incident"]["state"] == "closed"
        lines = http.get(f"/api/incidents/{number}/log").json()["lines"]
        assert [line["id"] for line in lines] == sorted(line["id"] for line in lines)
        assert [line["act"] for line in lines][:2] == ["reported", "opened"]
        assert http.get(f"/api/incidents/{number}/log?after={lines[-1]['id']}").json() == {"lines": []}
        found = http.get("/api/incidents", params={"state": "closed", "text": "云台路"}).json()["incidents"]
        assert number in [one["id"] for one in found]
        assert http.get("/api/incidents", params={"text": "没有这样的事"}).json()["incidents"] == []


def test_two_who_change_the_same_fact_are_told_and_different_facts_meet(
    city: AlarmCity, secrets: dict[str, str]
) -> None:
    with city.center.http(secrets["operator"]) as http, city.center.http(secrets["coordinator"]) as other:
        made = report(http)
        number, seen = made["incident"]["id"], made["incident"]["version"]
        assert do(http, number, "change", seen=seen, facts={"title": "甲"}).status_code == 200
        passed = do(other, number, "change", seen=seen, facts={"title": "乙"})
        assert (passed.status_code, passed.json()["code"]) == (409, "passed")
        assert passed.json()["zh"]
        met = do(other, number, "change", seen=seen, facts={"level": 2}).json()["incident"]
        assert (met["title"], met["level"]) == ("甲", 2)


def test_who_may_not_is_refused_and_who_may_not_see_learns_nothing(city: AlarmCity, secrets: dict[str, str]) -> None:
    with city.center.http(secrets["operator"]) as http:
        number = report(http)["incident"]["id"]
    with city.center.http(secrets["leader"]) as http:
        assert http.get(f"/api/incidents/{number}").json()["may_change"] is False
        assert do(http, number, "verify").status_code == 403
    with city.center.http(secrets["elsewhere"]) as http:
        assert http.get(f"/api/incidents/{number}").status_code == 404
        assert do(http, number, "note", text="?").status_code == 404
        assert http.get(f"/api/incidents/{number}/log").json() == {"lines": []}
    with city.center.http() as http:
        assert http.get(f"/api/incidents/{number}").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"do": "fly"}, {"do": "note"}, {"do": "note", "text": "x", "more": 1}, {"do": "note", "text": "x" * 4001},
        {"do": "draw", "kind": "cordon", "place": {"kind": "area", "coordinates": [[200, 0]]}},
        {"do": "report_issued", "report": 1},
    ],
)  # fmt: skip
def test_what_is_no_command_is_no_request(city: AlarmCity, secrets: dict[str, str], wrong: dict[str, Any]) -> None:
    with city.center.http(secrets["operator"]) as http:
        assert http.post("/api/incidents/1/commands", json=wrong).status_code == 422


def test_an_alarm_proposes_what_is_to_be_opened(city: AlarmCity, secrets: dict[str, str]) -> None:
    pressure = next(one for one in city.streams() if one.observed_property == "water_pressure")
    city.raise_all([city.alarm(77, pressure)])
    with city.center.http(secrets["operator"]) as http:
        found = http.get("/api/incidents/context", params={"alarm": 77}).json()
        assert (found["suggested_type"], found["alarms"]) == ("water_main_burst", [77])
        assert found["plans"][0]["name"] == "burst_main"
        assert len(found["cameras"]) == 3
        assert found["district"]
        assert found["on_duty"]
        assert found["title"]["zh"]
        assert http.get("/api/incidents/context").status_code == 422
        assert http.get("/api/incidents/context", params={"alarm": 99_999}).status_code == 404


def test_a_page_hears_of_a_change_on_live(city: AlarmCity, secrets: dict[str, str]) -> None:
    headers = {"Cookie": f"{LOOPBACK_NAME}={secrets['coordinator']}", "Origin": city.center.url}
    address = city.center.url.replace("http", "ws") + "/live"
    with city.center.http(secrets["operator"]) as http, connect(address, additional_headers=headers) as line:
        number = report(http)["incident"]["id"]
        line.send(msgspec.json.encode({"subscribe": {"layers": [], "incidents": True}}).decode())
        first = _next_frame(line)
        assert first["complete"]
        assert number in [row["id"] for row in first["set"]]
        assert do(http, number, "verify").status_code == 200
        then = _next_frame(line)
        assert [(row["id"], row["state"]) for row in then["set"]] == [(number, "verified")]
        assert do(http, number, "dismiss", reason="误报").status_code == 200
        assert _next_frame(line)["gone"] == [number]


def _next_frame(line: Any) -> dict[str, Any]:
    while True:
        said = line.recv(timeout=20)
        if isinstance(said, str) and "incidents" in (decoded := msgspec.json.decode(said)):
            return dict(decoded["incidents"])


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def test_a_file_is_told_by_its_bytes_and_only_a_picture_is_shown(city: AlarmCity, secrets: dict[str, str]) -> None:
    kind = {"content-type": "application/octet-stream"}
    with city.center.http(secrets["operator"]) as http, city.center.http(secrets["elsewhere"]) as fire:
        number = report(http)["incident"]["id"]

        def add(name: str, held: bytes) -> httpx.Response:
            return http.post(f"/api/incidents/{number}/files", params={"name": name}, content=held, headers=kind)

        refused = add("图.png", b"PK\x03\x04 no picture \x00")
        assert (refused.status_code, refused.json()["code"]) == (409, "kind")
        for name, held, shown in (("现场.png", PNG, True), ("page.html", b"<script>alert(1)</script>", False)):
            answer = add(name, held)
            assert answer.status_code == 200, answer.text
            digest = answer.json()["incident"]["files"][-1]
            file = http.get(f"/api/incidents/{number}/files/{digest}")
            assert file.content == held
            assert file.headers["content-disposition"].startswith("inline" if shown else "attachment")
            assert file.headers["content-type"] == ("image/png" if shown else "application/octet-stream")
            assert file.headers["x-content-type-options"] == "nosniff"
            assert fire.get(f"/api/incidents/{number}/files/{digest}").status_code == 404
        assert [one["name"] for one in answer.json()["incident"]["attached"]] == ["现场.png", "page.html"]
