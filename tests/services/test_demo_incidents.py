"""The demo's past: sixty closed incidents that could have happened, written once; the response figures made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import count

import numpy as np
import pytest

from ops_center.city.make import make_city
from ops_center.city.pack import CityPack
from ops_center.domain.realms import Realm
from ops_center.domain.time import DAY_US, ManualClock, in_zone
from ops_center.incidents.incident import Outcome
from ops_center.incidents.plan import read_plan, shipped_files
from ops_center.indicators.evidence import CITY
from ops_center.indicators.form import Incidents
from ops_center.indicators.response import found_in, past_in
from ops_center.services.demo_incidents.course import Course
from ops_center.services.demo_incidents.occasions import occasions
from ops_center.services.demo_incidents.spots import Ground
from ops_center.services.demo_incidents.wording import MARK
from ops_center.services.demo_incidents.writing import write_incidents
from ops_center.services.response import ResponseBoard, read_response
from ops_center.store.incident_port import IncidentQuery, Locked, Work
from ops_center.store.opening import open_store
from ops_center.store.port import Store

NOW_US = 1_780_000_000_000_000
SEED = 7
PLANS = {plan.name: plan for plan in (read_plan(text, origin) for origin, text in shipped_files())}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> CityPack:
    return make_city(3, 500, tmp_path_factory.mktemp("demo") / "city")


@pytest.fixture(scope="module")
def works(pack: CityPack) -> list[Work]:
    return play(pack)


def play(pack: CityPack) -> list[Work]:
    ground, tasks = Ground(pack), count(1)
    return [
        Course(one, ground, PLANS[one.kind.plan], SEED, NOW_US).work(
            Locked({}, number, lambda _: 0, lambda: next(tasks), lambda _store, _item: 0.0)
        )
        for number, one in enumerate(occasions(ground, SEED, NOW_US), 1)
    ]


def test_sixty_of_all_plans_happened_within_the_year_and_are_over(works: list[Work], pack: CityPack) -> None:
    ends = [work.changes[-1].incident for work in works]
    assert len(ends) == 60
    assert {one.plan for one in ends} == set(PLANS)
    assert all(one.outcome is Outcome.HANDLED and one.closed_us < NOW_US for one in ends)
    assert all(one.occurred_us > NOW_US - 366 * DAY_US for one in ends)
    assert [one.occurred_us for one in ends] == sorted(one.occurred_us for one in ends)
    months = {
        plan: {in_zone(one.occurred_us, "Asia/Shanghai").month for one in ends if one.plan == plan} for plan in PLANS
    }
    assert months["urban_flooding"] <= set(range(3, 11))
    assert months["severe_air_pollution"] <= {10, 11, 12, 1, 2, 3}
    districts = set(pack.table("districts")["district_id"])
    assert {one.district for one in ends} <= districts
    assert len({one.district for one in ends}) > 1


def test_each_says_that_it_is_simulated_and_teaches_something_of_its_own(works: list[Work]) -> None:
    ends = [work.changes[-1].incident for work in works]
    assert all(one.title.startswith(MARK) and "(simulated)" in one.title for one in ends)
    assert all(one.is_simulated for one in ends)
    taught = [line for one in ends for line in one.lessons.split("\n")]
    assert len(taught) == len(set(taught)) == 120
    assert not [one for one in ends if "{" in one.title + one.description + one.lessons]


def test_some_tasks_are_late_some_refused_and_given_to_others(works: list[Work]) -> None:
    tasks = [task for work in works for task in work.tasks]
    late = sum(task.reported_us > task.done_by_us for task in tasks) / len(tasks)
    assert 0.05 < late < 0.3
    did = Counter(str(entry.detail.get("did", "")) for work in works for one in work.changes for entry in one.entries)
    assert did["refused"] == did["assigned"] - sum(len(work.changes[-1].incident.units) for work in works)
    assert min(did[word] for word in ("refused", "escalated", "arrived", "begins")) > 0
    assert did["verified"] == len(tasks)


def test_the_log_reads_in_the_order_of_time(works: list[Work]) -> None:
    for work in works:
        times = [entry.at_us for change in work.changes for entry in change.entries]
        assert times == sorted(times)


def test_the_same_city_had_the_same_past(pack: CityPack, works: list[Work]) -> None:
    assert play(pack) == works


@pytest.fixture
def store(alarms_url: str) -> Iterator[Store]:
    with closing(open_store(alarms_url, Realm.SIMULATED)) as made:
        yield made


def test_it_is_written_once(store: Store, pack: CityPack) -> None:
    assert write_incidents(store.incidents, pack, SEED, NOW_US) == 60
    assert write_incidents(store.incidents, pack, SEED, NOW_US + DAY_US) == 0
    found = store.incidents.search(IncidentQuery(limit=1000))
    assert len(found) == 60
    assert store.incidents.open().standing == ()
    last = found[0]
    lines = store.incidents.log(last.id)
    (standing,) = store.incidents.find([last.id])
    named = {line.detail["task"] for line in lines if line.act.value == "task"}
    assert named == {task.id for task in standing.tasks}


def test_a_city_without_networks_has_what_it_can_have(pack: CityPack) -> None:
    bare = {name: pack.table(name) for name in ("districts", "roads", "organisations", "gazetteer")}
    found = Counter(one.kind.plan for one in occasions(Ground(CityPack(pack.manifest, bare)), SEED, NOW_US))
    assert set(found) == {"multi_vehicle_crash", "fire"}


def test_all_happened_within_the_city(works: list[Work], pack: CityPack) -> None:
    places = [work.changes[-1].incident.place for work in works]
    assert all(place is not None and pack.manifest.bounds.contains(*place).all() for place in places)


def test_response_figures_are_made_of_what_happened(store: Store, pack: CityPack) -> None:
    write_incidents(store.incidents, pack, SEED, NOW_US)
    board = ResponseBoard(store.incidents, ManualClock(NOW_US))
    newest = board.newest()
    assert newest is not None
    whole = read_response(store.incidents, 0, NOW_US)
    assert len(whole.spans) == 60
    assert {one for one in whole.steps if one.at_us > NOW_US - 60 * DAY_US} <= {*newest.steps}
    given = Incidents(take="tasks_in_time", days=365)
    assert 70 < found_in(given, CITY, whole, NOW_US).value < 95
    assert 2 < found_in(Incidents(take="verify_min", days=365), CITY, whole, NOW_US).value < 12
    assert found_in(Incidents(take="open"), CITY, whole, NOW_US).value == 0
    assert past_in(Incidents(take="open"), CITY, whole, np.array([whole.spans[-1].reported_us + 1])) >= 1
