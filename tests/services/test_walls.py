"""The wall desk on a real database, as two web processes have it: who steers, who is passed, what the schedule does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import ManualClock
from ops_center.services.wall_room import Scenes, WallRoom, make_wall_room
from ops_center.services.wall_schedule import FOLLOW_ENDS_S
from ops_center.services.walls import Refused, SceneName
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from ops_center.store.wall_port import Shows
from ops_center.walls.state import Kind, View, WallState, hanging
from ops_center.walls.wall import Wall
from tests.services.alarm_center import AUDITOR, DISPLAY, LEADER, POLICE_IN_GULOU, WATER, who
from tests.store.shapes import REALM, T0, number

WANG, LI = who("wang", "coordinator"), who("li", "operator")
HALF = who("he", "coordinator/*/gulou")
PLACE = View(118.78, 32.06, 12.0)
WALL = Wall("main", Label("主屏", "Main wall"), 3, 1)


@dataclass
class Center:
    """One web process."""

    store: Store
    clock: ManualClock
    room: WallRoom
    scenes: dict[str, SceneName]
    due: list[str | None]

    def state(self) -> WallState:
        self.room.desk.watch.look()
        return self.room.desk.state("main").state


@dataclass
class Centers:
    url: str
    made: list[Center] = field(default_factory=list)
    clock: ManualClock = field(default_factory=lambda: ManualClock(T0))
    scenes: dict[str, SceneName] = field(default_factory=dict)
    due: list[str | None] = field(default_factory=lambda: [None])

    def start(self) -> Center:
        store = open_store(self.url, REALM)
        scenes = Scenes(lambda: self.scenes, lambda now_us: self.due[-1])
        room = make_wall_room(store, {"main": WALL}, scenes, name_of, self.clock, 1.5)
        self.made.append(Center(store, self.clock, room, self.scenes, self.due))
        room.desk.watch.look()
        return self.made[-1]


def name_of(asker: Asker, kind: Kind, subject: str) -> Label | None:
    return None if subject == "hidden" else Label(f"名{subject}", f"name {subject}")


@pytest.fixture
def centers(alarms_url: str) -> Iterator[Centers]:
    with psycopg.connect(alarms_url, autocommit=True) as connection:
        connection.execute("TRUNCATE realm_simulated.wall, realm_simulated.wall_change, realm_simulated.wall_display")
    found = Centers(alarms_url)
    found.scenes |= {
        "daily": SceneName(1, Label("日常", "Daily")),
        "flood": SceneName(4, Label("防汛", "Flood")),
    }
    yield found
    for one in found.made:
        one.store.close()


@pytest.fixture
def center(centers: Centers) -> Center:
    return centers.start()


def test_a_scene_is_hung_ahead_of_time_and_the_audit_says_by_whom(center: Center, centers: Centers) -> None:
    found = center.room.desk.set_scene(WANG, "main", "flood", expected=0)
    assert isinstance(found, WallState)
    assert (found.scene, found.version, found.switch_at_us) == ("flood", 4, T0 + 1_500_000)
    assert found.auto is False
    said = "SELECT count(*) FROM center.audit WHERE action = 'wall.scene_set' AND actor = 'wang' AND subject = 'main'"
    assert number(centers.url, said) == 1
    assert [(one.act, one.author) for one in center.room.desk.history("main")] == [("scene_set", "wang")]


@pytest.mark.parametrize("asker", [HALF, LEADER, DISPLAY, WATER, POLICE_IN_GULOU, AUDITOR], ids=lambda one: one.account)
def test_who_does_not_hold_a_steering_role_over_the_whole_city_steers_nothing(center: Center, asker: Asker) -> None:
    desk = center.room.desk
    for found in (
        desk.set_scene(asker, "main", "flood"),
        desk.send(asker, "main", 0, ("alarm", "7")),
        desk.follow(asker, "main", True),
        desk.release(asker, "main"),
    ):
        assert isinstance(found, Refused) and found.code == "forbidden"
    assert center.state() == WallState()


def test_of_two_who_saw_the_same_the_second_is_told_by_whom_and_changes_nothing(centers: Centers) -> None:
    one, other = centers.start(), centers.start()
    first = one.room.desk.set_scene(WANG, "main", "flood", expected=0)
    second = other.room.desk.set_scene(LI, "main", "daily", expected=0)
    assert isinstance(first, WallState)
    assert isinstance(second, Refused) and second.code == "passed"
    assert "wang set a scene just now" in second.label.en and "wang" in second.label.zh
    assert other.state() == first
    again = other.room.desk.set_scene(LI, "main", "daily", expected=first.seq)
    assert isinstance(again, WallState) and again.scene == "daily"


def test_what_is_sent_without_looking_is_hung_whatever_hangs_there(centers: Centers) -> None:
    one, other = centers.start(), centers.start()
    for desk, number_, display in ((one.room.desk, "7", 1), (other.room.desk, "8", 2), (one.room.desk, "9", 3)):
        assert isinstance(desk.send(LI, "main", display, ("alarm", number_)), WallState)
    state = other.state()
    assert [(sent.display, sent.subject, sent.name["en"]) for sent in state.sent] == [
        (1, "7", "name 7"),
        (2, "8", "name 8"),
        (3, "9", "name 9"),
    ]
    back = one.room.desk.take_back(WANG, "main", [state.sent[1].id], expected=state.seq)
    assert isinstance(back, WallState) and [sent.subject for sent in back.sent] == ["7", "9"]
    gone = one.room.desk.take_back(WANG, "main", [state.sent[1].id])
    assert isinstance(gone, Refused) and gone.code == "unknown"


def test_what_is_not_there_or_may_not_be_seen_is_not_sent(center: Center) -> None:
    desk = center.room.desk
    for found in (
        desk.send(LI, "main", 4, ("alarm", "7")),
        desk.send(LI, "side", 0, ("alarm", "7")),
        desk.send(LI, "main", 0, ("alarm", "hidden")),
        desk.send(LI, "main", 0, ("view", "")),
        desk.send(LI, "main", 0, ("alarm", "7"), PLACE),
        desk.set_scene(LI, "main", "party"),
    ):
        assert isinstance(found, Refused) and found.code == "unknown"


def test_a_map_follows_the_desk_that_is_followed_and_nobody_else(center: Center) -> None:
    desk = center.room.desk
    assert desk.move(DISPLAY, "main", PLACE) == 1, "who stands before a display may drag its map"
    assert isinstance(desk.follow(WANG, "main", True), WallState)
    refused = desk.move(DISPLAY, "main", PLACE)
    assert isinstance(refused, Refused) and refused.code == "followed" and "wang" in refused.label.en
    center.clock.advance(1)
    assert desk.move(WANG, "main", View(1.0, 2.0, 3.0)) == 2
    row = desk.state("main")
    assert hanging(row.state, row.moved, 1).view == View(1.0, 2.0, 3.0)
    assert isinstance(desk.follow(WANG, "main", False), WallState)
    assert desk.move(DISPLAY, "main", PLACE) == 3
    assert isinstance(desk.move(WATER, "main", PLACE), Refused)


def test_a_desk_that_is_heard_of_no_more_is_not_followed_for_ever(center: Center) -> None:
    desk, schedule = center.room.desk, center.room.schedule
    desk.follow(WANG, "main", True)
    center.clock.advance(FOLLOW_ENDS_S - 1)
    desk.move(WANG, "main", PLACE)
    center.clock.advance(2)
    assert schedule.step() == 0
    center.clock.advance(FOLLOW_ENDS_S)
    assert schedule.step() == 1
    assert center.state().follow is None


def test_the_schedule_hangs_what_is_due_once_however_many_processes_run(centers: Centers) -> None:
    one, other = centers.start(), centers.start()
    centers.due.append("daily")
    assert one.room.schedule.step() + other.room.schedule.step() == 1
    assert (one.state().scene, one.state().by, one.state().auto) == ("daily", "system", True)
    assert number(centers.url, "SELECT count(*) FROM realm_simulated.wall_change") == 1
    centers.clock.advance(10)
    assert one.room.schedule.step() + other.room.schedule.step() == 0, "it hangs there"


def test_a_chosen_scene_stays_until_the_wall_is_released(center: Center) -> None:
    center.room.desk.set_scene(WANG, "main", "flood")
    center.due.append("daily")
    center.clock.advance(10)
    assert center.room.schedule.step() == 0
    center.room.desk.release(WANG, "main")
    assert center.room.schedule.step() == 1
    assert center.state().scene == "daily"


def test_a_scene_that_is_saved_anew_is_hung_anew(center: Center) -> None:
    center.room.desk.set_scene(WANG, "main", "flood")
    center.scenes["flood"] = SceneName(5, Label("防汛", "Flood"))
    assert center.room.schedule.step() == 0, "not while displays still prepare the one before"
    center.clock.advance(2)
    assert center.room.schedule.step() == 1
    state = center.state()
    assert (state.scene, state.version, state.auto) == ("flood", 5, False)


def test_what_hangs_there_survives_the_process(centers: Centers) -> None:
    first = centers.start()
    hung = first.room.desk.set_scene(WANG, "main", "flood")
    first.store.close()
    assert centers.start().state() == hung


def test_displays_are_on_as_long_as_they_say_so(center: Center) -> None:
    desk = center.room.desk
    assert desk.report(DISPLAY, "main", 2, "page-1", Shows(seq=3, scene="daily", version=1)) is None
    assert isinstance(desk.report(DISPLAY, "main", 9, "page-1", Shows()), Refused)
    desk.watch._displays_read_s = float("-inf")
    desk.watch.look()
    assert [(one.display, one.account, one.shows.seq) for one in desk.watch.displays("main")] == [(2, "wall-1", 3)]
    center.clock.advance(30)
    desk.watch._displays_read_s = float("-inf")
    desk.watch.look()
    assert desk.watch.displays("main") == []
