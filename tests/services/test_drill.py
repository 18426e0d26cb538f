"""Nothing of a drill leaves: one play in a drill and in a simulation, at real servers of mail and webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import psycopg.sql
import pytest

from alerts.alarm import Act, Turn
from alerts.route import read_route
from ops_center.city.pack import CityPack
from ops_center.domain.audit import AuditEntry
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US, ManualClock
from ops_center.incidents.plan import read_plan, shipped_files
from ops_center.services.field.escalating import Escalations
from ops_center.services.field.planning import IncidentPlanner
from ops_center.services.incidents import commands as c
from ops_center.services.incidents.desk import IncidentDesk
from ops_center.services.incidents.known import known_of
from ops_center.services.incidents.watch import IncidentWatch
from ops_center.services.notifications.planning import Planner
from ops_center.services.notifications.sending import Sender
from ops_center.services.wall_room import Scenes, make_wall_room
from ops_center.store.alarm_port import BookWork
from ops_center.store.incident_port import Standing
from ops_center.store.notification_port import Notification, NotificationQuery
from ops_center.store.opening import open_store
from ops_center.walls.wall import Wall
from tests.alerts.test_cap import RULES
from tests.incidents.given import T0
from tests.servers.hooks import hook_server
from tests.servers.mail_servers import mail_server
from tests.services.notifying_center import ZONE, doors_to
from tests.store.alarm_shapes import alarm, entry, taken_book
from tests.store.persons import add

PEOPLE = {"wang": "commander", "pipes": "department/water_company", "coord": "coordinator"}
OPERATOR = Asker("li", (Grant(Role.OPERATOR),))


@pytest.fixture(scope="module")
def url(alarms_url: str) -> Iterator[str]:
    store = open_store(alarms_url, Realm.LIVE)
    for name, grant in PEOPLE.items():
        add(store, name, grant)
    store.close()
    yield alarms_url


class Play:
    """What happens in a realm, and its notifier; the routes are those that may tell of what isn't real."""

    def __init__(self, url: str, realm: Realm, pack: CityPack, ports: tuple[int, int]) -> None:
        self.url, self.realm, self.clock = url, realm, ManualClock(T0 + MINUTE_US)
        self.store = open_store(url, realm)
        plans = {plan.name: (plan, 1) for plan in (read_plan(text, origin) for origin, text in shipped_files())}
        known = known_of(pack, lambda: plans, lambda *_: "")
        self.desk = IncidentDesk(self.store, IncidentWatch(self.store.incidents), known, self.clock)
        self.planners = (
            Planner(self.store, realm, ZONE, self.clock, RULES.get, lambda _: Label("鼓楼区", "Gulou")),
            IncidentPlanner(self.store, realm, self.clock),
            Escalations(self.store, self.clock),
        )
        self.sender = Sender(self.store, doors_to(*ports, clock=self.clock), realm, ZONE, self.clock)
        for channel, target in (("mail", "duty@city.example"), ("webhook", "duty")):
            form = {"name": channel, "label": {"zh": "值班", "en": "duty"}, "channel": channel, "targets": [target]}
            said = AuditEntry(self.clock.us, "li", "notifications.route_saved", channel)
            self.store.routes.save_route(read_route({**form, "test_target": True, "acts": ["raised"]}), said)

    def goes(self, minutes: float) -> None:
        self.clock.advance(60 * minutes)
        while sum(one.turn() for one in self.planners) + self.sender.turn():
            self.sender.finish()
        self.sender.finish()

    def does(self, incident: int, command: Any) -> None:
        done = self.desk.do(OPERATOR, incident, command)
        assert isinstance(done, Standing), done

    def notices(self) -> list[Notification]:
        return list(self.store.notifications.journal(NotificationQuery(limit=1000)))


def play(one: Play) -> int:
    """An alarm, an incident with a plan, a mention, tasks that are late, a report, and the incident on the wall."""
    book = taken_book(one.url, one.realm)
    raised = alarm(1, raised_us=one.clock.us, changed_us=one.clock.us)
    book.commit(lambda _: BookWork([Turn(raised, (entry(raised, Act.RAISED),))]))
    book.close()
    one.goes(0)
    here = c.PlaceIn("point", ((118.7, 32.0),))
    told = c.Report("water_main_burst", 2, "演练：云台路爆管", lead_department="water_company", places=(here,),
                    alarms=(1,), open=True, commander="wang", plan="burst_main")  # fmt: skip
    made = one.desk.report(OPERATOR, told)
    assert isinstance(made, Standing), made
    number = made.incident.id
    one.does(number, c.Note("请 @wang 核对阀门"))
    one.goes(5)
    for _ in range(3):
        one.goes(60)
    one.does(number, c.ReportIssued(1))
    scenes = Scenes(dict, lambda _: None)
    wall = Wall("main", Label("主屏", "Main wall"), 2, 1)
    room = make_wall_room(one.store, {"main": wall}, scenes, lambda *_: Label("爆管", "burst"), one.clock, 1.5)
    room.desk.watch.look()
    assert room.desk.send(OPERATOR, "main", 0, ("incident", str(number))) is not None
    one.goes(5)
    return number


def rows_of(url: str, realm: Realm) -> dict[str, int]:
    """Return how many rows each table of a realm has."""
    found = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
    with psycopg.connect(url) as connection:
        names = [str(row[0]) for row in connection.execute(found, (realm.schema,))]
        count = "SELECT count(*) FROM {}.{}"
        parts = [
            (name, psycopg.sql.SQL(count).format(*map(psycopg.sql.Identifier, (realm.schema, name)))) for name in names
        ]
        return {name: int(connection.execute(part).fetchone()[0]) for name, part in parts}  # type: ignore[index]


@pytest.mark.parametrize(("realm", "leaves"), [(Realm.DRILL, False), (Realm.SIMULATED, True)])
def test_nothing_of_a_drill_leaves_though_its_people_are_told(
    url: str, small_city: CityPack, realm: Realm, leaves: bool
) -> None:
    before = rows_of(url, Realm.LIVE)
    with mail_server(None) as box, hook_server() as hook:
        one = Play(url, realm, small_city, (box.port, hook.port))
        number = play(one)
        acts = [line.detail.get("did", line.act.value) for line in one.store.incidents.log(number)]
        assert {"given", "escalated", "noted", "report_issued"} <= set(acts), "all of it happened"
        assert one.store.walls.history("main", 5)[0].state.sent[0].subject == str(number)
        assert bool(box.mails) is bool(hook.asked) is leaves, "the same play leaves a simulation by these very doors"
        assert all("爆管" not in str(mail) for mail in box.mails), "no incident leaves by a notice, whatever the realm"
        told = one.notices()
        assert {"wang", "pipes", "coord"} <= {n.wanted.target for n in told if n.wanted.channel == "browser"}
        assert all(n.wanted.content.subject.startswith(f"[{realm.banner.zh}]") for n in told if realm.banner)
        one.store.close()
    assert rows_of(url, Realm.LIVE) == before, "and what is live has heard nothing"
