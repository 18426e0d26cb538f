"""The desk of incidents on real PostgreSQL: a hundred who command at once, and what is joined and parted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
import pytest

from ops_center.city.pack import CityPack
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.text import Label
from ops_center.domain.time import SystemClock
from ops_center.incidents.incident import Act, Incident, Outcome, Refusal
from ops_center.incidents.parts import Assignment
from ops_center.incidents.plan import read_plan, shipped_files
from ops_center.services.attachments import as_attachment
from ops_center.services.incidents import commands as c
from ops_center.services.incidents.desk import IncidentDesk
from ops_center.services.incidents.known import Known, Stock, UnitEntry, Way, known_of
from ops_center.services.incidents.watch import IncidentWatch
from ops_center.store.alarm_port import Attachment
from ops_center.store.incident_port import Standing, Work
from ops_center.store.opening import open_store
from ops_center.store.port import Store

WRITERS, PROCESSES = 100, 5
OPERATOR = Asker("li", (Grant(Role.OPERATOR),))
HERE = c.PlaceIn("point", ((118.7, 32.0),))


class OneCrew:
    """A crew that is a minute away, and a store."""

    def unit(self, unit: str) -> UnitEntry | None:
        return UnitEntry(Label("抢修一队", "repair crew 1"), "water_company", "") if unit == "F1" else None

    def way(self, unit: str, incident: Incident, now_us: int) -> Way:
        return Way(now_us + 60_000_000, ((118.69, 32.0), (118.7, 32.0)))

    def stock(self, store: str, item: str) -> Stock | None:
        return Stock(10.0, "t") if item == "sandbags" else None


@pytest.fixture(scope="module")
def known(small_city: CityPack) -> Known:
    plans = {plan.name: (plan, 1) for plan in (read_plan(text, origin) for origin, text in shipped_files())}
    made = known_of(small_city, lambda: plans, lambda *_: "")
    made.fleet = OneCrew()
    return made


@pytest.fixture
def stores(alarms_url: str) -> Iterator[list[Store]]:
    opened = [open_store(alarms_url, Realm.SIMULATED) for _ in range(PROCESSES)]
    yield opened
    for one in opened:
        one.close()


@pytest.fixture
def desks(stores: list[Store], known: Known) -> list[IncidentDesk]:
    """One for each process: they share nothing but the database."""
    return [IncidentDesk(store, IncidentWatch(store.incidents), known, SystemClock()) for store in stores]


def opened(desk: IncidentDesk, **more: Any) -> Incident:
    given = c.Report("water_main_burst", 3, "云台路爆管", lead_department="water_company", places=(HERE,), open=True)
    made = desk.report(OPERATOR, msgspec.structs.replace(given, **more))
    assert isinstance(made, Standing), made
    return made.incident


def command_of(number: int, seen: int) -> Any:
    title = f"title {number}"
    return (
        c.Note(f"line {number}"),
        c.Draw(kind="staging", label=title, place=HERE),
        c.Change(seen, c.Facts(title=title)),
        c.AssignUnit("F1"),
        c.GiveTask(title=title, department="water_company"),
    )[number % 5]


def test_a_hundred_who_do_different_things_lose_nothing(stores: list[Store], desks: list[IncidentDesk]) -> None:
    one, other = opened(desks[0]), opened(desks[0])
    before = {one.id: one.version, other.id: other.version}
    go, outcomes, lock = threading.Barrier(WRITERS), Counter[tuple[str, str]](), threading.Lock()

    def write(number: int) -> None:
        asker = Asker(f"w{number}", OPERATOR.grants)
        target = other if number % 10 == 8 else one  # both want the crew
        command = command_of(number, target.version)
        go.wait(60)
        made = desks[number % PROCESSES].do(asker, target.id, command)
        with lock:
            outcomes[type(command).__name__, made.code if isinstance(made, Refusal) else "done"] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert outcomes["Note", "done"] == outcomes["Draw", "done"] == outcomes["GiveTask", "done"] == 20
    assert (outcomes["Change", "done"], outcomes["Change", "passed"]) == (1, 19), "who came later was told"
    refused = outcomes["AssignUnit", "busy"] + outcomes["AssignUnit", "same"]
    assert (outcomes["AssignUnit", "done"], refused) == (1, 19), "one crew is sent once, to one of the two"
    standing = {it.incident.id: it for it in stores[0].incidents.find([one.id, other.id])}
    now = standing[one.id].incident
    assert sorted(drawn.id for drawn in now.drawings) == list(range(1, 21))
    assert len({task.id for task in standing[one.id].tasks}) == 20
    held: list[Assignment] = [unit for it in standing.values() for unit in it.incident.units]
    assert [(unit.unit, unit.route[-1]) for unit in held] == [("F1", (118.7, 32.0))]
    for number, it in standing.items():
        lines = stores[0].incidents.log(number)
        assert it.incident.version == len(lines), "every line is one version"
        assert [line.id for line in lines] == sorted(line.id for line in lines)
        assert it.incident.version >= before[number]
    noted = [line.who for line in stores[0].incidents.log(one.id) if line.act is Act.NOTED]
    assert len(set(noted)) == 20
    audited = [row for row in stores[0].audit.page(limit=200) if row.actor.startswith("w")]
    assert len(audited) == sum(many for (_, what), many in outcomes.items() if what == "done"), (
        "and what is done is told"
    )


def test_what_is_merged_goes_on_in_the_other(desks: list[IncidentDesk]) -> None:
    desk = desks[0]
    one, into = opened(desk, plan="burst_main"), opened(desk)
    assert isinstance(desk.do(OPERATOR, one.id, c.TakeStock("S1", "sandbags", 4.0)), Standing)
    too_much = desk.do(OPERATOR, one.id, c.TakeStock("S1", "sandbags", 40.0))
    assert isinstance(too_much, Refusal) and too_much.code == "quantity"
    assert isinstance(desk.do(OPERATOR, one.id, c.Merge(into.id, "同一处")), Standing)
    gone, kept = desk.one(OPERATOR, one.id), desk.one(OPERATOR, into.id)
    assert gone is not None and kept is not None
    assert (gone.incident.outcome, gone.incident.merged_into, gone.tasks) == (Outcome.MERGED, into.id, ())
    assert len(kept.tasks) > 3, "open tasks are done there"
    assert kept.incident.drawings and kept.incident.stocks[0].quantity == 4.0
    assert {task.department for task in kept.tasks} <= set(kept.incident.departments), "who does them sees it"


def test_a_department_commands_what_it_leads_and_takes_part_in_the_rest(desks: list[IncidentDesk]) -> None:
    desk = desks[0]
    made = opened(desk)
    water = Asker("water", (Grant(Role.DEPARTMENT, "water_company"),))
    police = Asker("police", (Grant(Role.DEPARTMENT, "traffic_police"),))
    unknown = desk.do(police, made.id, c.Note("?"))
    assert isinstance(unknown, Refusal) and unknown.code == "unknown", "nobody asked them yet"
    given = desk.do(water, made.id, c.GiveTask(title="封路", department="traffic_police"))
    assert isinstance(given, Standing)
    (task,) = given.tasks
    assert isinstance(desk.do(police, made.id, c.TaskAccept(task.id)), Standing)
    assert isinstance(desk.do(police, made.id, c.Note("到场")), Standing)
    for command in (c.Contain(), c.AssignUnit("F1"), c.TaskCancel(task.id, "不需要")):
        refused = desk.do(police, made.id, command)
        assert isinstance(refused, Refusal) and refused.code == "forbidden", command


def test_the_line_of_a_report_is_judged_while_it_is_issued(stores: list[Store], desks: list[IncidentDesk]) -> None:
    number = opened(desks[0]).id
    police = Asker("police", (Grant(Role.DEPARTMENT, "traffic_police"),))

    def line_of(asker: Asker) -> Work | Refusal:
        return stores[0].incidents.command([number], partial(desks[0].note_report, asker, number, 3), None)

    refused = line_of(police)
    assert isinstance(refused, Refusal) and refused.code == "unknown"
    assert isinstance(line_of(OPERATOR), Work)
    assert desks[1].log(OPERATOR, number)[-1].detail == {"report": 3}


@pytest.mark.parametrize(
    ("kind", "what", "code"),
    [
        ("files", ("0" * 64,), "files"),
        ("files", ("0" * 259,), "files"),
        ("files", (3,), "what"),
        ("alarms", (4_000_000,), "alarm"),
        ("links", (4_000_000,), "linked"),
    ],
)
def test_what_is_linked_is_there(desks: list[IncidentDesk], kind: Any, what: tuple[Any, ...], code: str) -> None:
    refused = desks[0].do(OPERATOR, opened(desks[0]).id, c.Link(kind, what))
    assert isinstance(refused, Refusal) and refused.code == code


def test_a_store_is_never_overdrawn(stores: list[Store], desks: list[IncidentDesk]) -> None:
    """Ten want a quarter of it in the same moment, for two incidents, through desks that know nothing of each other."""
    one, other = opened(desks[0]), opened(desks[0])
    go, outcomes, lock = threading.Barrier(10), Counter[str](), threading.Lock()

    def take(number: int) -> None:
        go.wait(60)
        made = desks[number % PROCESSES].do(OPERATOR, (one, other)[number % 2].id, c.TakeStock("S2", "sandbags", 2.5))
        with lock:
            outcomes[made.code if isinstance(made, Refusal) else "done"] += 1

    threads = [threading.Thread(target=take, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes == {"done": 4, "quantity": 6}
    held = [use for it in stores[0].incidents.find([one.id, other.id]) for use in it.incident.stocks]
    assert sum(use.quantity for use in held) == 10.0
    giver = next(it.incident.id for it in stores[0].incidents.find([one.id, other.id]) if it.incident.stocks)
    assert isinstance(desks[1].do(OPERATOR, giver, c.ReturnStock("S2", "sandbags", 2.5)), Standing)
    assert isinstance(desks[2].do(OPERATOR, other.id, c.TakeStock("S2", "sandbags", 2.5)), Standing), "it is back"


def test_a_file_its_line_and_the_audit_are_written_together_or_not_at_all(
    stores: list[Store], desks: list[IncidentDesk]
) -> None:
    store, desk = stores[0], desks[0]
    made = opened(desk)
    page, plan = file_of(b"<!doctype html><script>alert(1)</script>"), file_of(b"%PDF-1.7 valves")
    stranger = desk.attach(Asker("fire", (Grant(Role.DEPARTMENT, "fire"),)), made.id, plan, "阀门图.pdf")
    assert isinstance(stranger, Refusal) and stranger.code == "unknown"
    assert store.desk.attachment(plan.hash) is None, "what is refused leaves nothing behind"

    water = Asker("water", (Grant(Role.DEPARTMENT, "water_company"),))
    assert isinstance(desk.attach(water, made.id, plan, "阀门图.pdf"), Standing), "who takes part may"
    (known,) = (one.incident.attached[0] for one in store.incidents.find([made.id]))
    assert (known.hash, known.name, known.kind, known.by) == (plan.hash, "阀门图.pdf", "application/pdf", "water")
    line = store.incidents.log(made.id)[-1]
    assert (line.act, line.who, line.detail["name"]) == (Act.LINKED, "water", "阀门图.pdf")
    (row,) = [row for row in store.audit.page(limit=20) if row.action == "incident.file_added"]
    assert (row.actor, row.subject, row.detail["hash"]) == ("water", str(made.id), plan.hash)
    found = desk.file(water, made.id, plan.hash)
    assert found is not None and (found[0].bytes, found[1]) == (plan.bytes, "阀门图.pdf")

    again = desk.attach(OPERATOR, made.id, plan, "同一份.pdf")
    assert isinstance(again, Refusal) and again.code == "same"
    into = opened(desk)
    assert isinstance(desk.attach(OPERATOR, into.id, page, "page.txt"), Standing)
    assert isinstance(desk.do(OPERATOR, made.id, c.Merge(into.id, "同一处")), Standing)
    for file, name in ((plan, "阀门图.pdf"), (page, "page.txt")):
        kept = desk.file(OPERATOR, into.id, file.hash)
        assert kept is not None and kept[1] == name, "and it goes on with the other"


def file_of(held: bytes) -> Attachment:
    made = as_attachment(held)
    assert isinstance(made, Attachment), made
    return made
