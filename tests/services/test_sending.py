"""Who is sent where in a city from its pack: units, candidates with reasons, sharing out, closures, what is inside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
import shapely

from layers.contract import LiveFrame
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Thing
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US, ManualClock
from ops_center.incidents.incident import Incident, Level, State
from ops_center.incidents.parts import Assignment, Drawing, Place, StockUse
from ops_center.incidents.plan import read_plan, shipped_files
from ops_center.incidents.resources import KINDS, Status
from ops_center.incidents.task import Stage, Task
from ops_center.services.incidents.sending_room import LiveIncidents, SendingRoom
from ops_center.services.selection.areas import Area
from ops_center.store.incident_port import Standing
from tests.incidents.given import opened, task

ALL = Asker("zhao", (Grant(Role.COMMANDER),))
FIRE = Asker("huo", (Grant(Role.DEPARTMENT, "fire"),))


@dataclass
class Trial:
    """A city in which incidents are what the test says."""

    pack: CityPack
    clock: ManualClock = field(default_factory=lambda: ManualClock(1_790_000_000_000_000))
    standing: dict[int, Standing] = field(default_factory=dict)
    catalog: Catalog = field(default_factory=Catalog.empty)
    fix: tuple[float, float] | None = None
    """of the only vehicle in the catalog"""

    def __post_init__(self) -> None:
        plans = {plan.name: (plan, 1) for plan in (read_plan(text, origin) for origin, text in shipped_files())}
        live = LiveIncidents(
            lambda: [one.incident for one in self.standing.values()],
            lambda _asker, number: self.standing.get(number),
            lambda: plans,
        )
        self.room = SendingRoom(self.pack, self.frame, live, self.clock)

    def frame(self) -> LiveFrame:
        some = np.array([0] if self.fix else [], np.int32)
        lon, lat = (np.array([axis] if self.fix else []) for axis in (self.fix or (0.0, 0.0)))
        return LiveFrame(
            self.catalog, np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.uint8), some,
            np.full(len(some), self.clock.us - 1), lon, lat, np.zeros(len(some)), np.zeros(len(some)), (),
            self.clock.us,
        )  # fmt: skip

    def put(self, incident: Incident, *tasks: Task) -> Incident:
        self.standing[incident.id] = Standing(incident, tasks)
        return incident

    def burst(self, number: int, row: int, level: Level = Level.III, **more: object) -> Incident:
        """A burst main beside a road of the city, with its first tasks."""
        node = self.room.router.network.graph.node_xy_m[row]
        here = tuple(float(axis) for axis in self.pack.metric.to_lonlat(*node))
        made = replace(
            opened(id=number, level=level, places=(Place("point", (here,)),), plan="burst_main"),
            **more,  # type: ignore[arg-type]
        )
        steps = [
            task(id=10 * number + k, incident=number, step=step, stage=Stage.ASSIGNED)
            for k, step in enumerate(("locate", "traffic"))
        ]
        return self.put(made, *steps)


@pytest.fixture
def trial(small_city: CityPack) -> Trial:
    return Trial(small_city)


def sent(unit: str, **more: int) -> Assignment:
    return Assignment(unit=unit, assigned_us=1, by="wang", **more)


def test_units_are_seen_by_their_department_with_kind_type_shift_and_status(trial: Trial) -> None:
    units = trial.room.resources.units(ALL)
    assert len(units) == len(trial.pack.table("units"))
    assert {one.kind for one in units} == set(KINDS) and {one.type for one in units} <= {1, 2, 3, 4}
    assert {one.status for one in units} == {Status.FREE}, "somebody is on duty day and night"
    mine = trial.room.resources.units(FIRE)
    assert mine and {one.department for one in mine} == {"fire"}
    trial.burst(1, 5, units=(sent(mine[0].id, arrived_us=2), sent(units[0].id)))
    by_id = {one.id: one for one in trial.room.resources.units(ALL)}
    there = by_id[mine[0].id]
    assert (there.status, there.incident) == (Status.ON_SCENE, 1)
    assert (there.longitude, there.latitude) == pytest.approx(trial.standing[1].incident.place)
    assert trial.room.unit_status() == {mine[0].id: "on_scene", units[0].id: "assigned"}


def test_a_unit_is_where_its_vehicle_says_else_where_it_is_based(trial: Trial) -> None:
    with_vehicle = next(one for one in trial.room.resources.units(ALL) if one.vehicle)
    thing = Thing(0, "vehicles", with_vehicle.vehicle, "fire", "vehicles", Label("车", "car"), 0.0, 0.0)
    trial.catalog, trial.fix = Catalog(1, [thing], []), (118.5, 32.5)
    moved = trial.room.resources.unit(with_vehicle.id)
    assert moved is not None
    assert (moved.longitude, moved.latitude, moved.at_us) == (118.5, 32.5, trial.clock.us - 1)
    assert with_vehicle.at_us == 0


def test_candidates_are_the_nearest_by_road_with_reasons_and_a_way(trial: Trial) -> None:
    incident = trial.burst(1, 7)
    found = trial.room.dispatch.rank(ALL, 1, "traffic_police")
    assert found
    assert [one.choice.minutes for one in found] == sorted(one.choice.minutes for one in found)
    best = found[0]
    assert best.route is not None and best.unit.kind in {"traffic_police", "patrol"}
    assert best.route.minutes == pytest.approx(best.choice.travel_min, rel=1e-6)
    assert best.choice.reasons[0].label.en.endswith("min by road")
    np.testing.assert_allclose(best.route.coordinates[-1], incident.place, atol=1e-5)
    eta_us, way = trial.room.dispatch.expected(best.unit.id, incident)
    assert eta_us == trial.clock.us + round(best.route.minutes * MINUTE_US) and len(way) == len(best.route.coordinates)
    assert trial.room.dispatch.rank(ALL, 99, "traffic_police") is None
    trial.put(replace(incident, units=(sent(best.unit.id),)))
    again = trial.room.dispatch.rank(ALL, 1, "traffic_police")
    assert again is not None and best.unit.id not in {one.unit.id for one in again}, "it is there already"


def test_several_incidents_are_served_together_and_what_nobody_can_do_is_said(trial: Trial) -> None:
    for number, row in ((1, 3), (2, 40)):
        trial.burst(number, row)
    proposal = trial.room.dispatch.share_out(ALL, [1, 2, 99])
    assert {(one.want.incident, one.want.kind) for one in proposal.sent} == {
        (number, kind) for number in (1, 2) for kind in ("water_repair", "traffic_police")
    }
    assert len({one.unit.id for one in proposal.sent}) == 4 and not proposal.unmet
    for one in proposal.sent:
        assert one.want.kind == one.unit.kind or one.want.kind in KINDS[one.unit.kind].also
    alone = trial.room.dispatch.share_out(FIRE, [1])
    assert not alone.sent and len(alone.unmet) == 2, "the fire brigade repairs no mains"


def test_what_an_incident_closes_is_closed_to_all_but_those_who_are_sent_there(trial: Trial) -> None:
    nodes = trial.room.router.network.graph.node_xy_m
    middle = int(np.hypot(*(nodes - nodes.mean(axis=0)).T).argmin())
    incident = trial.burst(1, middle)
    assert incident.place is not None
    circle = shapely.Point(trial.pack.metric.to_metres(*incident.place)).buffer(120)
    ring = [trial.pack.metric.to_lonlat(x, y) for x, y in shapely.get_coordinates(circle)[:-1:4]]
    around = Place("area", tuple((float(lon), float(lat)) for lon, lat in ring))
    drawing = Drawing(id=1, kind="closure", place=around, by="wang", at_us=1)
    far = trial.burst(2, 60)
    free = trial.room.router.minutes([far.place], [incident.place])[0, 0]
    assert free > 0 and trial.room.closed_roads() == frozenset()
    trial.put(replace(incident, drawings=(drawing,)))
    assert np.isnan(trial.room.router.minutes([far.place], [incident.place])[0, 0])
    assert trial.room.router.minutes([far.place], [incident.place], incident=1)[0, 0] == pytest.approx(free)
    assert trial.room.dispatch.rank(ALL, 1, "traffic_police")
    assert trial.room.closed_roads()
    around_it = trial.room.router.diversion(trial.room.closures())
    assert around_it and all(one.route is None or one.route.minutes > one.minutes_before for one in around_it)
    trial.put(replace(incident, drawings=(drawing,), state=State.CLOSED))
    assert trial.room.router.minutes([far.place], [incident.place])[0, 0] == pytest.approx(free)
    assert trial.room.closed_roads() == frozenset()


def test_who_is_on_the_way_is_followed_against_what_was_expected(trial: Trial) -> None:
    incident = trial.burst(1, 7)
    unit = next(one for one in trial.room.resources.units(ALL) if one.vehicle and one.kind == "traffic_police")
    thing = Thing(0, "vehicles", unit.vehicle, "police", "vehicles", Label("车", "car"), 0.0, 0.0)
    trial.catalog, trial.fix = Catalog(1, [thing], []), (unit.longitude, unit.latitude)
    eta_us, _ = trial.room.dispatch.expected(unit.id, incident)
    going = Assignment(unit=unit.id, assigned_us=trial.clock.us, eta_us=eta_us, under_way_us=1, by="wang")
    trial.put(replace(incident, units=(going,)))
    (now,) = trial.room.dispatch.follow(trial.standing[1])
    assert now.route is not None and not now.arrival.late and now.arrival.expected_us == pytest.approx(eta_us, abs=9)
    trial.clock.advance(600)
    (later,) = trial.room.dispatch.follow(trial.standing[1])
    assert later.arrival.late, "ten minutes later it still stands where it was"


def test_stores_hold_less_what_live_incidents_took(trial: Trial) -> None:
    store = trial.room.resources.stocks(ALL)[0]
    sandbags = store.stocks[0]
    trial.burst(1, 5, stocks=(StockUse(store=store.id, item="sandbag", quantity=50, unit="", at_us=1, by="wang"),))
    now = trial.room.resources.stocks(ALL)[0].stocks[0]
    assert (now.total, now.left) == (sandbags.total, sandbags.total - 50)
    assert trial.room.resources.total(store.id, "sandbag") == (sandbags.total, "pieces")
    assert trial.room.resources.total(store.id, "no such item") is None
    assert trial.room.resources.total("no such store", "sandbag") is None
    assert all(one.stocks[0].item == "place" for one in trial.room.resources.shelters(ALL))
    assert all(one.stocks[0].item == "bed" for one in trial.room.resources.hospitals(ALL))


def test_what_lies_inside_an_area_is_counted_by_the_part_that_is_inside(trial: Trial) -> None:
    bounds = trial.pack.manifest.bounds
    everything = Area.parse(f"box:{bounds.west},{bounds.south},{bounds.east},{bounds.north}")
    whole = trial.room.inside.of(ALL, everything)
    grid = trial.pack.table("population_grid")
    assert whole.residents == pytest.approx(grid["residents"].sum())
    assert sum(whole.facilities.values()) == len(trial.pack.table("facilities"))
    assert whole.buildings == len(trial.pack.table("buildings"))
    middle = (bounds.west + bounds.east) / 2
    halves = [
        trial.room.inside.of(ALL, Area.parse(f"box:{west},{bounds.south},{east},{bounds.north}"))
        for west, east in ((bounds.west, middle), (middle, bounds.east))
    ]
    assert sum(half.residents for half in halves) == pytest.approx(whole.residents, rel=1e-3)
    assert all(half.residents < whole.residents for half in halves)
    kinds = [place.vulnerable for place in whole.places]
    assert kinds == sorted(kinds, reverse=True), "the vulnerable first"
    assert set(trial.room.inside.of(FIRE, everything).facilities) == {"fire_station"}
