"""The phone page of a crew, on a real center and in a real Chromium of a phone's size: whatever the line does, what was
pressed is done once, and what is refused is told.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, Route

from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.postgres import PostgresServer
from tests.screens.live_city import wait_until
from tests.screens.people_center import PeopleCenter, Visitor, people_center

pytestmark = pytest.mark.browser
WATER = Grant(Role.FIELD_UNIT, "water_company")
_GPS, _ORIENTATION, _LATITUDE, _LATITUDE_REF = 0x8825, 0x0112, 2, 1


@pytest.fixture(scope="module")
def center(
    plain_postgres: PostgresServer, small_city: CityPack, valkey_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleCenter]:
    folder, state = Path(str(small_city.folder)), tmp_path_factory.mktemp("state")
    with people_center(plain_postgres.url_of("postgres"), valkey_url, folder, state) as made:
        yield made


@pytest.fixture(scope="module")
def chief(center: PeopleCenter) -> Iterator[httpx.Client]:
    with center.http(center.secret("coordinator", Grant(Role.COORDINATOR))) as client:
        yield client


class Burst:
    """An incident with a task for the water company, and what a coordinator does to it."""

    def __init__(self, chief: httpx.Client, city: CityPack) -> None:
        self.chief = chief
        nodes = city.table("pipe_nodes")
        at = nodes[nodes["network"] == "water"].geometry.iloc[0]
        report = {
            "type": "water_main_burst", "level": 3, "title": "滨江大道爆管", "lead_department": "water_company",
            "places": [{"kind": "point", "coordinates": [[at.x, at.y]], "name": "滨江大道"}], "open": True,
        }  # fmt: skip
        self.id = int(self.ok(chief.post("/api/incidents", json=report))["incident"]["id"])
        given = {"do": "give_task", "title": "关闭阀门", "text": "先关上游", "department": "water_company"}
        self.task = int(self.does(given)["tasks"][0]["id"])

    @staticmethod
    def ok(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()

    def does(self, command: dict[str, object]) -> Any:
        return self.ok(self.chief.post(f"/api/incidents/{self.id}/commands", json=command))

    def standing(self) -> Any:
        return self.ok(self.chief.get(f"/api/incidents/{self.id}"))

    def stage(self) -> str:
        return str(self.standing()["tasks"][0]["stage"])

    def did(self) -> list[str]:
        """Return what the log says of tasks and units, in its order."""
        lines = self.ok(self.chief.get(f"/api/incidents/{self.id}/log"))
        rows = lines["lines"] if isinstance(lines, dict) else lines
        return [str(line["detail"]["did"]) for line in rows if "did" in line["detail"]]


@pytest.fixture
def burst(chief: httpx.Client, small_city: CityPack) -> Burst:
    return Burst(chief, small_city)


@pytest.fixture(scope="module")
def crew(browser: Browser, center: PeopleCenter) -> Iterator[Visitor]:
    """Somebody of the water company, whose phone shows the page all day."""
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce")
    with phone:
        made = Visitor(phone.new_page(), center).holds(center.secret("crew", WATER))
        made.open("/field")
        yield made


def signs_on(crew: Visitor, city: CityPack) -> str:
    units = city.table("units")
    unit = str(units[units["organisation"] == "water_company"]["unit_id"].iloc[0])
    crew.sees("[data-choose]")
    crew.page.click("[data-choose]")
    crew.page.click(f'[data-unit="{unit}"]')
    crew.sees(".field-unit:not(.field-none)")
    return unit


def opens(crew: Visitor, burst: Burst) -> None:
    """Open the task, which has come to the page by itself."""
    if crew.page.locator("[data-back]").count():
        crew.page.click("[data-back]")
    crew.sees(f'[data-task="{burst.task}"]')
    crew.page.click(f'[data-task="{burst.task}"]')


def presses(crew: Visitor, act: str) -> None:
    crew.sees(f'[data-act-of="{act}"]')
    crew.page.click(f'[data-act-of="{act}"]')


def photo_with_a_place() -> bytes:
    """A picture held upright by a phone that wrote where it was."""
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    exif.get_ifd(_GPS).update({_LATITUDE_REF: "N", _LATITUDE: (32.0, 3.0, 0.0)})
    made = io.BytesIO()
    Image.new("RGB", (2400, 1200), (200, 30, 30)).save(made, "JPEG", exif=exif)
    return made.getvalue()


def test_a_crew_takes_a_task_from_its_phone_until_it_is_done(
    crew: Visitor, small_city: CityPack, chief: httpx.Client
) -> None:
    unit = signs_on(crew, small_city)
    burst = Burst(chief, small_city)
    opens(crew, burst)
    assert crew.page.evaluate("document.documentElement.scrollWidth") == 390
    for act, stage in (("accept", "accepted"), ("start", "under_way")):
        presses(crew, act)
        wait_until(lambda stage=stage: burst.stage() == stage, stage, 20)
    small = crew.page.evaluate(
        """[...document.querySelectorAll("#field button, #field a, #desk .bar button, #desk .bar summary")]
           .filter((one) => one.offsetParent && !one.closest("#pages"))
           .map((one) => [one.textContent, one.getBoundingClientRect()])
           .filter(([, box]) => box.width < 44 || box.height < 44).map(([text]) => text)"""
    )
    assert small == [], "gloves"
    presses(crew, "arrive")
    wait_until(lambda: burst.standing()["incident"]["units"][0]["arrived_us"] > 0, "the unit is there", 20)
    crew.page.set_input_files(
        "#field-camera", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photo_with_a_place()}
    )
    wait_until(lambda: len(burst.standing()["tasks"][0]["files"]) == 1, "the photo is kept", 20)
    presses(crew, "done")
    crew.page.click(".field-chip")
    crew.page.click('.field-form [type="submit"]')
    wait_until(lambda: burst.stage() == "reported", "it is reported", 20)
    wait_until(lambda: burst.standing()["incident"]["units"][0]["released_us"] > 0, "its unit is free", 20)
    standing = burst.standing()
    task, sent = standing["tasks"][0], standing["incident"]["units"][0]
    assert (task["result"], sent["unit"]) == ("已完成，现场恢复正常", unit)
    kept = chief.get(f"/api/field/incidents/{burst.id}/files/{task['files'][0]}")
    picture = Image.open(io.BytesIO(kept.content))
    assert picture.size == (800, 1600), "upright, and no larger than it has to be"
    assert not picture.getexif(), "neither place nor phone"
    assert crew.errors == []
    for button in ("[data-back]", "[data-choose]", "[data-off]"):
        crew.page.click(button)
    crew.sees(".field-unit.field-none")


def test_a_button_is_not_replaced_under_a_finger(crew: Visitor, burst: Burst) -> None:
    opens(crew, burst)
    crew.sees('[data-act-of="accept"]')
    button = crew.page.query_selector('[data-act-of="accept"]')
    assert button is not None
    gone = "(button) => !button.isConnected"
    button.hover()
    crew.page.mouse.down()
    crew.page.evaluate("opsCenter.fieldPage.render()")
    assert not button.evaluate(gone)
    crew.page.mouse.up()
    wait_until(lambda: burst.stage() == "accepted", "it was pressed", 20)

    crew.sees('[data-act-of="start"]')
    button = crew.page.query_selector('[data-act-of="start"]')
    assert button is not None
    button.dispatch_event("pointerdown")
    crew.page.evaluate("opsCenter.fieldPage.render()")
    wait_until(lambda: button.evaluate(gone), "a finger that never goes up holds nothing up", 10)


def test_an_answer_that_is_lost_doubles_nothing(crew: Visitor, burst: Burst) -> None:
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort() if len(lost) == 1 else route.fulfill(status=503)

    crew.page.route("**/api/field/acts", lose, times=2)
    opens(crew, burst)
    presses(crew, "accept")
    wait_until(lambda: crew.page.evaluate("localStorage['ops-center.field-queue']") == "[]", "it was answered", 30)
    assert lost == [200, 200], "done, and done already: both answers were lost"
    assert burst.did() == ["given", "accepted"]


def test_what_is_refused_is_told_until_it_was_read(crew: Visitor, burst: Burst) -> None:
    opens(crew, burst)
    crew.page.context.set_offline(True)
    presses(crew, "accept")
    burst.does({"do": "task_cancel", "task": burst.task, "reason": "已由他人处理"})
    crew.page.context.set_offline(False)
    crew.sees(".field-refused")
    assert "任务当前为“已取消”" in crew.page.inner_text(".field-refused")
    crew.page.click(".field-refused [data-drop]")
    crew.page.wait_for_selector(".field-refused", state="detached")
    assert burst.did() == ["given", "cancelled"]


def test_what_was_pressed_without_a_line_is_done_when_it_is_back_though_the_page_was_closed(
    crew: Visitor, burst: Burst
) -> None:
    opens(crew, burst)
    crew.page.context.set_offline(True)
    presses(crew, "accept")
    presses(crew, "start")  # what waits counts at once
    crew.sees(".field-line .field-waits")
    assert burst.stage() == "assigned"
    crew.page.close()
    crew.page.context.set_offline(False)
    again = Visitor(crew.page.context.new_page(), crew.center)
    again.open("/field")
    wait_until(lambda: burst.stage() == "under_way", "both were sent in their order", 20)
    assert burst.did() == ["given", "accepted", "under_way"]
    wait_until(lambda: again.page.evaluate("localStorage['ops-center.field-queue']") == "[]", "nothing waits", 20)


def test_a_crew_has_its_own_department_and_no_other(center: PeopleCenter, burst: Burst, small_city: CityPack) -> None:
    units = small_city.table("units")
    foreign = str(units[units["organisation"] == "fire"]["unit_id"].iloc[0])
    with (
        center.http(center.secret("fire-crew", Grant(Role.FIELD_UNIT, "fire"))) as fire,
        center.http(center.secret("pipe-crew", WATER)) as pipes,
    ):
        assert pipes.get("/api/field").status_code == 200, pipes.get("/api/field").text
        seen = {one["id"] for one in pipes.get("/api/field").json()["tasks"]}
        assert burst.task in seen
        assert burst.task not in {one["id"] for one in fire.get("/api/field").json()["tasks"]}
        assert pipes.post("/api/field/sign-on", json={"unit": foreign}).status_code == 409
        said = {"incident": burst.id, "task": burst.task, "act": "accept", "key": "0123456789", "at_us": 0}
        assert fire.post("/api/field/acts", json=said).status_code == 409
        assert pipes.post("/api/field/acts", json={**said, "act": "refuse"}).json()["code"] == "reason"
        assert burst.stage() == "assigned"
        text = pipes.post(
            f"/api/field/photos?incident={burst.id}&task={burst.task}&key=0123456789&at_us=0", content=b"x"
        )
        assert (text.status_code, text.json()["code"]) == (409, "kind")
    with center.http() as nobody:
        assert nobody.get("/api/field").status_code == 401
