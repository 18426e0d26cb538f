"""A main bursts, and a city deals with it: one grouped alarm, an incident, a plan, crews, a phone, a report, a case.

The whole center as one command starts it, and browsers of four people; what each does is a click or a key on a page of
theirs, and is looked for on the pages of the others. ``OPS_WRITE_DOCS=1`` writes docs/walkthrough.md with the pictures
that the story makes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.end_to_end.everything import Everything
from tests.end_to_end.roles import PHONE, WITHIN_MS, People, Person
from tests.end_to_end.walkthrough import Walkthrough
from tests.stages import wait_until

pytestmark = [pytest.mark.timeout(900), pytest.mark.browser]

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
        "The coordinator has closed the streets around the hole, the roads are violet on every map; the way around "
        "them is proposed, and drawn for everybody by one more click.",
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
    "board": ("Closed", "It has left the board of what is open, and stands among what is closed."),
    "case": ("A case", "The next time a main bursts, the opening names it first among what is most alike."),
}
"""picture → title and what is said about it in the walkthrough"""
FOUND_MS = 420_000
"""so long may it take until the rules have found the burst"""
LESSONS = "阀门井一次找到；联合处置群应在接警时即建立。"
OUTLOOK = "抢修按计划进行，预计今晚恢复供水。"
CLOSED_ROADS = """
() => [...opsCenter.incidentRoom.map.picture.layers.get("roads")?.cells.values() ?? []].reduce((sum, { frame }) => {
  const { buffer, byteOffset } = frame.arrays.color.value;
  return sum + new Uint32Array(buffer, byteOffset, frame.header.n).filter((color) => color === 0xffff8cc4).length;
}, 0)
"""
"""roads that the traffic layer of a room's map draws in the violet of what is closed"""


@dataclass
class Story:
    """Who plays, and what the incident is."""

    people: People
    pictures: Walkthrough
    number: int = 0

    @property
    def room(self) -> str:
        return f"/incidents/{self.number}"


@pytest.fixture
def center(open_folder: Path) -> Iterator[Everything]:
    folder = open_folder / "burst"
    folder.mkdir(mode=0o755, exist_ok=True)
    made = Everything(folder, OPS_SCENARIO="burst", OPS_SCENARIO_AGO_S=str(BEGAN_S))
    with made.stage, made.http:
        wait_until(lambda: bool(made.health()), "the center", 120, 0.5)
        yield made


@pytest.fixture
def story(browser: Browser, center: Everything) -> Iterator[Story]:
    with closing(People(browser, str(center.http.base_url))) as people:
        yield Story(people, Walkthrough(writes=bool(os.environ.get("OPS_WRITE_DOCS"))))


def test_a_burst_main_becomes_a_case(story: Story) -> None:
    operator = _an_operator_opens_it_from_one_alarm(story)
    crew = story.people.enters("demo-water-crew", "/field", PHONE)
    coordinator = story.people.enters("demo-coordinator", f"{story.room}?tab=units")
    unit = _crews_are_shared_out(story, coordinator, operator)
    _the_street_is_closed_and_led_around(story, coordinator, operator)
    leader = story.people.enters("demo-leader", "/leader")
    _a_crew_accepts_and_arrives(story, crew, unit, coordinator)
    _the_leader_sees_it(story, leader)
    _the_report_is_issued(story, operator, leader)
    _everything_is_done(story, crew, coordinator, operator)
    _it_closes(story, coordinator, operator)
    _it_is_a_case(story, operator)
    story.pictures.write(STEPS)


def _asks_for_an_incident(operator: Person) -> None:
    """Choose the first alarm and ask; a key that comes before the list listens is pressed once more, as people do."""

    def chosen() -> bool:
        operator.page.keyboard.press("ArrowDown")
        return bool(operator.page.evaluate("Boolean(opsCenter.alarms && opsCenter.alarms.rows.cursor)"))

    wait_until(chosen, "an alarm is chosen", 60, 0.5)
    operator.page.keyboard.press("Home")
    operator.page.keyboard.press("Shift+I")
    operator.page.wait_for_selector('html[data-incident-proposal="ready"]')


def _an_operator_opens_it_from_one_alarm(story: Story) -> Person:
    operator = story.people.enters("demo-operator", "/alarms")
    burst = operator.page.locator("#alarm-page .alarm-row").filter(has_text="probable burst")
    expect(burst).to_have_count(1, timeout=FOUND_MS)
    first = operator.at("#alarm-page .alarm-row")
    expect(first).to_contain_text("probable burst", timeout=WITHIN_MS)  # the most urgent is the first
    story.pictures.picture(operator.page, "alarm")
    _asks_for_an_incident(operator)
    story.pictures.picture(operator.page, "proposal")
    operator.page.keyboard.press("Enter")
    operator.page.wait_for_url("**/incidents/*", wait_until="commit")
    story.number = int(operator.page.url.rsplit("/", 1)[1].split("?")[0])
    operator.counts("#incident-tasks article", 10)  # what the plan asks of four departments
    operator.press("#incident-report")  # from here on the live report says what the others do
    operator.at("#report-issue")
    return operator


def _crews_are_shared_out(story: Story, coordinator: Person, operator: Person) -> str:
    """The optimiser's proposal is accepted; returns the unit that is to find the hole."""
    coordinator.press('#incident-dispatch [data-share="ask"]')
    coordinator.at("#incident-dispatch .dispatch-proposal")
    coordinator.sees_the_map()
    story.pictures.picture(coordinator.page, "crews")
    sent = coordinator.page.locator("#incident-dispatch .dispatch-list li").count()
    assert sent >= 3, "a crew for each task that wants one and can begin"
    coordinator.press('#incident-dispatch [data-share="accept"]')
    coordinator.counts("#incident-dispatch .dispatch-follow li", sent)
    unit = coordinator.page.evaluate(
        "() => { const { tasks, incident } = opsCenter.incidentRoom.standing;"
        " const first = tasks.find((task) => task.step === 'locate');"
        " return incident.units.find(({ task }) => task === first.id).unit; }"
    )
    operator.says("#report", coordinator.at(f'.dispatch-follow [data-unit-row="{unit}"] b').inner_text())
    return str(unit)


def _the_street_is_closed_and_led_around(story: Story, coordinator: Person, operator: Person) -> None:
    closed = coordinator.page.evaluate(CLOSED_ROADS)
    drawn = coordinator.page.locator(".shape-drawing").count()
    coordinator.draws_an_area("closure")
    coordinator.counts(".shape-drawing", drawn + 1)
    coordinator.page.wait_for_function(f"before => ({CLOSED_ROADS})() > before", arg=closed)
    coordinator.press('#incident-dispatch [data-around="ways"]')
    coordinator.press("#incident-dispatch [data-divert]")
    coordinator.counts(".shape-drawing.d-diversion", 1)
    operator.says("#report", "diversion")
    coordinator.press(".incident-map-bar > button:last-child")  # the whole scene
    story.pictures.picture(coordinator.page, "room")


def _a_crew_accepts_and_arrives(story: Story, crew: Person, unit: str, coordinator: Person) -> None:
    crew.press("[data-choose]")
    crew.press(f'[data-unit="{unit}"]')
    crew.press(".field-card[data-task]")
    story.pictures.picture(crew.page, "phone")
    for act in ("accept", "start", "arrive"):
        crew.press(f'[data-act-of="{act}"]')
    coordinator.says("#incident-units", "there")


def _the_leader_sees_it(story: Story, leader: Person) -> None:
    leader.at(f'#leader .leader-incidents a[href="{story.room}"]')
    leader.press('#leader [data-indicator="open_incidents"]')
    leader.at(f'#leader-detail a[href="{story.room}"]')
    story.pictures.picture(leader.page, "leader")


def _the_report_is_issued(story: Story, operator: Person, leader: Person) -> None:
    operator.at("#report-issue textarea").fill(OUTLOOK)
    operator.press("#report-issue button")
    operator.page.wait_for_url("**/report?number=*")
    story.pictures.picture(operator.page, "report")
    leader.page.goto(f"{story.room}/report?number=1&language=en")
    leader.says("#report", OUTLOOK)
    leader.counts("#report-issue", 0)


def _everything_is_done(story: Story, crew: Person, coordinator: Person, operator: Person) -> None:
    """The crew says that it is done; of the others the coordinator hears by telephone. Who commands verifies."""
    crew.press('[data-act-of="done"]')
    crew.press(".field-chip")
    crew.press('.field-form [type="submit"]')
    steps = coordinator.page.evaluate("() => opsCenter.incidentRoom.tasks.map(({ step, id }) => [step, id])")
    for step, task in steps:
        if step == "locate":
            coordinator.at(f'#incident-tasks article[data-task="{task}"] .stage-reported')
            continue
        coordinator.press(f'#incident-tasks article[data-task="{task}"] summary.copy')
        coordinator.press(f'#incident-tasks article[data-task="{task}"] [data-act="task_report"]')
        coordinator.answers("已完成")
    coordinator.press(".incident-back")
    coordinator.says(f'.board-row[href="{story.room}"] .at-tasks', "10 of 10 done")
    operator.press(f'nav a[href="{story.room}"]')
    for _, task in steps:
        operator.press(f'#incident-tasks article[data-task="{task}"] [data-act="task_verify"]')


def _it_closes(story: Story, coordinator: Person, operator: Person) -> None:
    """Who commands ends it in the room; the coordinator sees it leave the board of what is open."""
    row = f'.board-row[href="{story.room}"]'
    for act, text in (("contain", ""), ("resolve", ""), ("close", LESSONS)):
        operator.decides(act, text)
    operator.says(".incident-steps .now", "closed")
    coordinator.counts(".board-row:not(.gone)", 0)
    coordinator.press('[data-filter="show"][data-value="closed"]')
    coordinator.at("#board-find").fill("burst water main")
    coordinator.says(f"{row} .at-tasks", "10 of 10 done")
    story.pictures.picture(coordinator.page, "board")


def _it_is_a_case(story: Story, operator: Person) -> None:
    """The lesson is there when it happens again: asked of the same alarm, the opening names what was done about it."""
    operator.page.goto("/alarms")
    operator.at("#alarm-page .alarm-row")
    _asks_for_an_incident(operator)
    expect(
        operator.page.locator(f'.incident-known dd a[href="{story.room.replace("/incidents/", "/cases/")}"]')
    ).to_be_visible(timeout=WITHIN_MS)
    story.pictures.picture(operator.page, "case")
