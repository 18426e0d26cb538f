"""Reports and cases over HTTP, on a real database: live, issued by who may, frozen; cases by likeness and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from feeds import all_feeds
from ops_center.api.cases import case_routes
from ops_center.api.incident_reports import report_routes
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import ManualClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.incidents import acts
from ops_center.incidents.incident import Act, Change, Incident
from ops_center.incidents.types import shipped_types
from ops_center.people.asking import asking
from ops_center.services.alarm_room import make_alarm_room
from ops_center.services.incidents.case_room import CaseRoom
from ops_center.services.incidents.cases import CaseDesk
from ops_center.services.incidents.reports import ReportDesk, Sources
from ops_center.services.plans import PlanDesk
from ops_center.store.incident_port import IncidentQuery, Locked, LogLine, Standing, Work
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.incidents.given import done, new, opened
from tests.servers.databases import empty_database
from tests.servers.webs import served

LI = Asker("li", (Grant(Role.COORDINATOR),))
LEADER = Asker("sun", (Grant(Role.LEADER),))


class Reader:
    """Incidents of the real store; everybody who is signed in may see them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def one(self, asker: Asker, number: int, /) -> Standing | None:
        return next(iter(self._store.incidents.find([number])), None) if asker.account else None

    def log(self, asker: Asker, number: int, after_id: int = 0, limit: int = 1000, /) -> Sequence[LogLine]:
        return self._store.incidents.log(number, after_id, limit)

    def search(self, asker: Asker, query: IncidentQuery, /) -> Sequence[Incident]:
        return self._store.incidents.search(query)


def write(store: Store, change: Change) -> None:
    assert isinstance(store.incidents.command([], lambda _: Work((change,)), None), Work)


@pytest.fixture(scope="module")
def store(plain_postgres: PostgresServer) -> Iterator[Store]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        held = open_store(url, Realm.SIMULATED)
        yield held
        held.close()


@pytest.fixture(scope="module")
def app(store: Store, small_city: CityPack) -> FastAPI:
    clock, reader, tree = ManualClock(), Reader(store), shipped_types()

    def note(asker: Asker, number: int, report: int, locked: Locked) -> Work:
        incident = locked.standing[number].incident
        return Work((acts.told(incident, Act.REPORT, asker.account, clock.now_us(), "", {"report": report}),))

    alarms = make_alarm_room(store, lambda: Catalog(0, {}, {}), dict, all_feeds(), clock)
    plans = PlanDesk(store.plans, clock, tree)
    may = lambda asker, _: Role.COORDINATOR in asker.roles  # noqa: E731 - the desk of incidents says it
    sources = Sources(small_city, store, alarms, plans, Realm.SIMULATED, clock, lambda *_: (), note, may)
    room = CaseRoom(ReportDesk(reader, sources), CaseDesk(reader, tree, small_city, lambda: 0), reader)
    made = FastAPI()
    made.include_router(report_routes(room))
    made.include_router(case_routes(room))
    lon, lat = small_city.manifest.bounds.centre
    here = replace(opened().places[0], coordinates=((lon, lat),))
    write(store, done_change(opened(places=(here,))))
    old = new(id=3, title="滨河路爆管", places=(here,))
    led = done(acts.open_(done(acts.report(old)), "li", old.reported_us, "wang"))
    end = acts.close(done(acts.resolve(led, "li", old.reported_us + 5, 0)), "li", old.reported_us + 9, "阀门图须更新")
    assert isinstance(end, Change)
    write(store, end)
    return made


def done_change(incident: Incident) -> Change:
    answer = acts.note(incident, "li", incident.opened_us, "水位上升 <b>快</b>")
    assert isinstance(answer, Change)
    return answer


class As:
    """Lets somebody ask an application."""

    def __init__(self, app: FastAPI, who: Asker) -> None:
        self._app, self._who = app, who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with asking(self._who):
            await self._app(scope, receive, send)


@contextmanager
def client(app: FastAPI, who: Asker) -> Iterator[httpx.Client]:
    with served(As(app, who)) as address, httpx.Client(base_url=f"http://{address}") as asking_client:
        yield asking_client


@pytest.fixture
def li(app: FastAPI) -> Iterator[httpx.Client]:
    with client(app, LI) as found:
        yield found


@pytest.fixture
def sun(app: FastAPI) -> Iterator[httpx.Client]:
    with client(app, LEADER) as found:
        yield found


def test_a_report_is_live_until_it_is_issued_and_then_stays(li: httpx.Client, store: Store) -> None:
    live = li.get("/incidents/7/report?language=en")
    assert live.status_code == 200 and "live, as of" in live.text and "report-issue" in live.text
    assert "&lt;b&gt;" in live.text and "<b>快" not in live.text
    found = li.post("/api/incidents/7/reports", json={"outlook": "by noon"})
    assert found.status_code == 200 and found.json()["number"] == 1 and found.json()["author"] == "li"
    frozen = li.get("/incidents/7/report?language=en&number=1").text
    write(store, done_change(store.incidents.find([7])[0].incident))
    assert li.get("/incidents/7/report?language=en&number=1").text == frozen
    assert "by noon" in frozen and "report-issue" not in frozen
    assert [one["number"] for one in li.get("/api/incidents/7/reports").json()] == [1]
    assert Act.REPORT in [line.act for line in store.incidents.log(7)]
    assert next(row.action for row in store.audit.page(action="incident.")) == "incident.report_issued"
    pdf = li.get("/incidents/7/report.pdf?number=1")
    assert pdf.headers["content-type"] == "application/pdf" and pdf.content.startswith(b"%PDF-")


def test_who_may_only_look_issues_nothing_and_what_is_not_there_is_said(sun: httpx.Client) -> None:
    assert "report-issue" not in sun.get("/incidents/7/report").text
    refused = sun.post("/api/incidents/7/reports", json={})
    assert refused.status_code == 403 and refused.json()["code"] == "forbidden" and refused.json()["zh"]
    assert sun.get("/incidents/99/report").status_code == 404 == sun.get("/incidents/7/report?number=9").status_code
    assert sun.post("/api/incidents/99/reports", json={}).status_code == 404
    assert sun.get("/api/incidents/99/alike").status_code == 404


def test_cases_are_found_by_likeness_and_by_words(li: httpx.Client) -> None:
    (one,) = li.get("/api/incidents/7/alike").json()
    assert one["id"] == 3 and one["lessons"] == "阀门图须更新" and one["likeness"] > 0.7
    assert set(one["parts"]) == {"type", "text", "place", "season"} and one["parts"]["type"] == 1
    assert [case["id"] for case in li.get("/api/cases?q=阀门").json()] == [3]
    assert li.get("/api/cases?q=地铁").json() == [] == li.get("/api/cases?type=fire").json()
    fits = ["q=burst+滨河", "level=3", "since=2025-10-09", "until=2025-10-09", "q=%233", "type=water_main_burst"]
    assert [[one["id"] for one in li.get(f"/api/cases?{asked}").json()] for asked in fits] == [[3]] * len(fits)
    for asked in ("level=1", "since=2025-10-10", "until=2025-10-08", "district=D02"):
        assert li.get(f"/api/cases?{asked}").json() == []
    assert li.get("/api/cases?since=1").status_code == 422


def test_a_case_tells_what_became_of_it_and_what_is_none_is_not_there(li: httpx.Client, sun: httpx.Client) -> None:
    found = li.get("/api/cases/3").json()
    assert found["may_write"] and not sun.get("/api/cases/3").json()["may_write"]
    assert [one["what"] for one in found["turns"]] == ["closed"] and found["minutes"]["arrive"] is None
    assert [one["text"] for one in found["versions"]] == [found["lessons"]] == ["阀门图须更新"]
    assert found["alike"] == [] and not found["simulated"]
    assert li.get("/api/cases/7").status_code == 404 == li.get("/api/cases/99").status_code
