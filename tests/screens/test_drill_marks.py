"""In a drill every page that shows an incident says so, on whatever screen, and so does the paper."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page

from ops_center.bootstrap import import_plans, import_scenes
from ops_center.city.pack import CityPack
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from tests.screens.alarm_city import AlarmCity, alarm_city
from tests.screens.live_city import wait_until
from tests.screens.people_center import Visitor

pytestmark = pytest.mark.browser
TITLE = "滨江大道爆管"


@pytest.fixture(scope="module")
def drill(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AlarmCity]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with alarm_city(plain_postgres.url_of("postgres"), valkey_url, folder, state, realm=Realm.DRILL) as made:
        import_plans(made.center.settings)
        import_scenes(made.center.settings)
        yield made


def test_every_screen_of_an_incident_says_that_it_is_a_drill(page: Page, drill: AlarmCity) -> None:
    coordinator = drill.center.secret("li.na", Grant(Role.COORDINATOR))
    thing = drill.catalog.things[drill.streams()[0].thing]
    place = {"kind": "point", "coordinates": [[thing.longitude, thing.latitude]], "name": "滨江大道"}
    report = {
        "type": "water_main_burst", "level": 2, "title": TITLE, "lead_department": "water_company", "open": True,
        "departments": ["water_company"], "places": [place], "plan": "burst_main",
    }  # fmt: skip
    with drill.center.http(coordinator) as http:
        answer = http.post("/api/incidents", json=report)
        assert answer.status_code == 200, answer.text
        number = int(answer.json()["incident"]["id"])
        pdf = http.get(f"/incidents/{number}/report.pdf")
        paper = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf.content)).pages)
        assert "演练" in paper and TITLE in paper

    visitor = Visitor(page, drill.center).holds(coordinator)

    def says_so(where: str) -> None:
        wait_until(lambda: "演练" in visitor.text(), f"{where} says that it is a drill", 60)

    for path in ("/incidents", f"/incidents/{number}", f"/incidents/{number}/report", "/wall/incident"):
        visitor.open(path)
        wait_until(lambda: TITLE in visitor.text(), f"{path} shows it", 60)
        says_so(path)
    page.set_viewport_size({"width": 390, "height": 844})
    visitor.open("/leader")
    says_so("the leader's page on a phone")
    visitor.holds(drill.center.secret("crew", Grant(Role.FIELD_UNIT, "water_company"))).open("/field")
    says_so("the phone of a crew")
