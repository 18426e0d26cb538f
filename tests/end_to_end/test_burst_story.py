"""A main bursts, and a city deals with it: one grouped alarm, an incident, a plan, crews, a phone, a report, a case.

The whole center as one command starts it, and browsers of five people. ``OPS_WRITE_DOCS=1`` writes docs/walkthrough.md
with the pictures that the story makes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.everything import Everything
from tests.end_to_end.walkthrough import Walkthrough
from tests.stages import wait_until

pytestmark = [pytest.mark.timeout(400), pytest.mark.browser]

DESK, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
WITHIN_MS = 60_000
BEGAN_S = 240
"""so long ago the story began when the center starts: the main burst a minute later"""
STEPS = {
    "alarm": (
        "One alarm",
        "A main has burst. Dozens of sensors notice; they are one alarm, because the network explains the others. "
        "The operator sees one line.",
    ),
    "proposal": (
        "Three keystrokes",
        "Down chooses it, `I` asks, `Enter` accepts. Type, level, place, district, cameras, weather, roads, the plan, "
        "who is on duty and what happened before are there already.",
    ),
    "crews": (
        "Who goes",
        "The plan has become tasks. The optimiser shares out the crews that are free, by time on the roads as they are "
        "now; one click accepts.",
    ),
    "room": (
        "One picture",
        "Log, map, tasks. A way around the closed street is proposed and drawn; everybody in the incident sees it "
        "within a second.",
    ),
    "phone": (
        "The crew's phone",
        "Its task, until when, and where. Three buttons: accept, under way, arrived.",
    ),
    "leader": (
        "What the leader sees",
        "Open incidents by level and how the response does; every number opens what it is made of, down to this "
        "incident.",
    ),
    "report": ("The situation report", "Made from the log while it goes on; issued, it is numbered and frozen."),
    "case": ("A case", "Closed with its lessons, it is found when something like it happens."),
}
"""picture → title and what is said about it in the walkthrough"""
LESSONS = "阀门井一次找到；联合处置群应在接警时即建立。"


@pytest.fixture
def center(open_folder: Path) -> Iterator[Everything]:
    folder = open_folder / "burst"
    folder.mkdir(mode=0o755, exist_ok=True)
    made = Everything(folder, OPS_SCENARIO="burst", OPS_SCENARIO_AGO_S=str(BEGAN_S))
    with made.stage, made.http:
        yield made


@pytest.fixture
def walkthrough() -> Walkthrough:
    return Walkthrough(writes=bool(os.environ.get("OPS_WRITE_DOCS")))


class People:
    """Browsers of people in different roles."""

    def __init__(self, browser: Browser, center: Everything) -> None:
        self._browser, self._center = browser, center
        self.pages: dict[str, Page] = {}

    def page(self, account: str, viewport: Mapping[str, int] = DESK) -> Page:
        """Return somebody's page, signed in by a click, in English."""
        if account not in self.pages:
            context = self._browser.new_context(viewport=viewport, base_url=str(self._center.http.base_url))  # type: ignore[arg-type]
            context.set_default_timeout(WITHIN_MS)
            context.add_init_script('localStorage.setItem("ops-center.language", "en")')
            page = self.pages[account] = context.new_page()
            page.goto("/sign-in?next=/account")
            page.click(f'button[value="{account}"]')
            page.wait_for_url("**/account")
        return self.pages[account]

    def leaves(self, account: str) -> None:
        """Let somebody look at nothing: maps that nobody looks at take what the others are drawn with."""
        self.pages[account].goto("about:blank")

    def asked(self, account: str) -> httpx.Client:
        """Return what asks the open interface as somebody."""
        address = str(self._center.http.base_url)
        client = httpx.Client(base_url=address, headers={"origin": address}, timeout=20)
        client.post("/sign-in/demo", data={"account": account})
        return client


@pytest.fixture
def people(browser: Browser, center: Everything) -> Iterator[People]:
    expect.set_options(timeout=WITHIN_MS)
    made = People(browser, center)
    yield made
    expect.set_options(timeout=5000)
    for page in made.pages.values():
        page.context.close()


def test_a_burst_main_becomes_a_case(center: Everything, people: People, walkthrough: Walkthrough) -> None:
    wait_until(lambda: bool(center.health()), "the center", 120, 0.5)
    with closing(people.asked("demo-coordinator")) as client:
        wait_until(lambda: bool(grouped(client)), "one grouped alarm", 120, 0.5)
        number = _opened_in_three_keystrokes(people, walkthrough)
        assert standing(client, number)["incident"]["plan"] == "burst_main"
        crew = _crews_are_shared_out(people, walkthrough, client, number)
        _a_crew_accepts_and_arrives(people, walkthrough, client, number, crew)
        _the_leader_sees_it(people, walkthrough, number)
        _everything_is_done(people, client, number)
        _the_report_is_issued(people, walkthrough, client, number)
        _it_closes_and_becomes_a_case(people, walkthrough, client, number)
    walkthrough.write(STEPS)


def grouped(client: httpx.Client) -> dict[str, Any] | None:
    """Return the one alarm that stands for the burst: it explains others and is explained by none."""
    answer = client.get("/api/alarms", params={"limit": 500})
    alarms = answer.json()["alarms"] if answer.status_code == 200 else []
    parents = {alarm["parent"] for alarm in alarms if alarm.get("parent")}
    found = [alarm for alarm in alarms if alarm["id"] in parents and not alarm.get("parent")]
    return found[0] if len(found) == 1 and len(parents) == 1 else None


def standing(client: httpx.Client, number: int) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/incidents/{number}").json()
    return found


def press(page: Page, button: str) -> None:
    """Press a button as soon as it is there.

    A page whose map is drawn by software is never still for two frames, and lists are painted anew meanwhile.
    """
    page.wait_for_selector(button)
    page.evaluate("button => document.querySelector(button).click()", button)


def units_of(client: httpx.Client, number: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = standing(client, number)["incident"]["units"]
    return found


def acts_of(client: httpx.Client, number: int) -> list[str]:
    """Return what the lines of the log say was done, in their order."""
    return [line["act"] for line in client.get(f"/api/incidents/{number}/log").json()["lines"]]


def kinds_drawn(client: httpx.Client, number: int) -> set[str]:
    return {drawing["kind"] for drawing in standing(client, number)["incident"]["drawings"]}


def do(client: httpx.Client, number: int, **command: object) -> dict[str, Any]:
    answer = client.post(f"/api/incidents/{number}/commands", json=command)
    assert answer.status_code == 200, (command, answer.text)
    found: dict[str, Any] = answer.json()
    return found


def _opened_in_three_keystrokes(people: People, walkthrough: Walkthrough) -> int:
    page = people.page("demo-operator")
    page.goto("/alarms")
    expect(page.locator("#alarm-page .alarm-row").first).to_be_visible()
    walkthrough.picture(page, "alarm")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+I")
    page.wait_for_selector('html[data-incident-proposal="ready"]')
    walkthrough.picture(page, "proposal")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/*")
    expect(page.locator("#incident-tasks article").first).to_be_visible()
    number = int(page.url.rsplit("/", 1)[1].split("?")[0])
    people.leaves("demo-operator")
    return number


def _crews_are_shared_out(people: People, walkthrough: Walkthrough, client: httpx.Client, number: int) -> str:
    page = people.page("demo-coordinator")
    page.goto(f"/incidents/{number}?tab=units")
    press(page, '#incident-dispatch [data-share="ask"]')
    expect(page.locator("#incident-dispatch .dispatch-proposal")).to_be_visible()
    walkthrough.picture(page, "crews")
    press(page, '#incident-dispatch [data-share="accept"]')
    wait_until(lambda: bool(standing(client, number)["incident"]["units"]), "crews that are sent", 60)
    _the_street_is_closed(client, number)
    press(page, '#incident-dispatch [data-around="ways"]')
    press(page, "#incident-dispatch [data-divert]")
    wait_until(lambda: "diversion" in kinds_drawn(client, number), "a diversion on the picture", 60)
    walkthrough.picture(page, "room")
    people.leaves("demo-coordinator")
    tasks = {task["id"]: task for task in standing(client, number)["tasks"]}
    units = standing(client, number)["incident"]["units"]
    return str(next(unit["unit"] for unit in units if tasks[unit["task"]]["department"] == "water_company"))


def _the_street_is_closed(client: httpx.Client, number: int) -> None:
    """The traffic police close the streets around the hole; what they drew is what roads are closed by."""
    longitude, latitude = standing(client, number)["incident"]["place"]
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    ring = [[longitude + 0.003 * x, latitude + 0.0027 * y] for x, y in corners]
    place = {"kind": "area", "coordinates": ring, "name": ""}
    do(client, number, do="draw", kind="closure", label="封路", place=place)
    asked = {"incident": str(number)}
    wait_until(
        lambda: any(one["route"] for one in client.get("/api/routing/diversions", params=asked).json()),
        "a way around what was closed",
        60,
    )


def _a_crew_accepts_and_arrives(
    people: People, walkthrough: Walkthrough, client: httpx.Client, number: int, crew: str
) -> None:
    page = people.page("demo-water-crew", PHONE)
    page.goto("/field")
    press(page, "[data-choose]")
    press(page, f'[data-unit="{crew}"]')
    press(page, "[data-task]")
    walkthrough.picture(page, "phone")
    for act in ("accept", "start", "arrive"):
        press(page, f'[data-act-of="{act}"]')
    wait_until(lambda: any(unit["arrived_us"] for unit in units_of(client, number)), "a crew there", 60)


def _the_leader_sees_it(people: People, walkthrough: Walkthrough, number: int) -> None:
    page = people.page("demo-leader")
    page.goto("/leader?indicator=open_incidents&area=city")
    expect(page.locator(f'#leader-detail a[href="/incidents/{number}"]')).to_be_visible()
    walkthrough.picture(page, "leader")


def _everything_is_done(people: People, client: httpx.Client, number: int) -> None:
    """Crews and command do the rest of the plan, through the open interface that their pages use, too."""
    with closing(people.asked("demo-commander")) as commander:
        while tasks := [task for task in standing(client, number)["tasks"] if task["stage"] != "verified"]:
            for task in tasks:
                if task["stage"] in {"assigned", "accepted", "under_way"}:
                    do(client, number, do="task_report", task=task["id"], result="已完成", files=[])
                    do(commander, number, do="task_verify", task=task["id"])


def _the_report_is_issued(people: People, walkthrough: Walkthrough, client: httpx.Client, number: int) -> None:
    page = people.page("demo-coordinator")
    page.goto(f"/incidents/{number}/report?language=en")
    press(page, "#report-issue button")
    page.wait_for_url("**/report?number=*")
    wait_until(lambda: "report_issued" in acts_of(client, number), "the report in the log", 60)
    walkthrough.picture(page, "report")


def _it_closes_and_becomes_a_case(people: People, walkthrough: Walkthrough, client: httpx.Client, number: int) -> None:
    do(client, number, do="contain", text="流量归零")
    do(client, number, do="resolve", text="恢复供水")
    do(client, number, do="close", lessons=LESSONS)
    found = client.get("/api/cases", params={"q": "阀门井"}).json()
    assert number in [case["id"] for case in found]
    page = people.page("demo-coordinator")
    page.goto(f"/incidents/{number}")
    expect(page.locator("#incident-head").get_by_text("closed").first).to_be_visible()
    walkthrough.picture(page, "case")
