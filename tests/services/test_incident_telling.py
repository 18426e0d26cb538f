"""Who is told of incidents, once each: tasks, mentions, command, what is late; with two workers and after a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import pytest

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import Fenced
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US, ManualClock
from ops_center.incidents import acts, task
from ops_center.incidents.incident import Act, Change, Incident, Refusal
from ops_center.incidents.task import Stage, Task, TaskChange
from ops_center.services.field.escalating import Escalations
from ops_center.services.field.planning import IncidentPlanner
from ops_center.services.notices import NoticeWatch
from ops_center.services.notifications.sending import Sender
from ops_center.store.incident_port import Locked, Work
from ops_center.store.notification_port import Notification, NotificationQuery
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.incidents.given import T0, opened
from tests.incidents.given import task as a_task
from tests.services.notifying_center import ZONE, doors_to
from tests.store.persons import add
from tests.store.shapes import REALM

_EMPTY = f"""
ALTER TABLE {REALM.schema}.incident_log DISABLE TRIGGER changed;
TRUNCATE {REALM.schema}.incident_log, {REALM.schema}.incident_task, {REALM.schema}.incident,
         {REALM.schema}.unit_sign_on, {REALM.schema}.notification CASCADE;
ALTER TABLE {REALM.schema}.incident_log ENABLE ALWAYS TRIGGER changed;
TRUNCATE center.account CASCADE
"""
GRANTS = {
    "wang": "commander", "li": "operator", "coord": "coordinator", "pipes": "department/water_company",
    "cops": "department/traffic_police", "crew": "field_unit/water_company", "idle": "field_unit/water_company",
    "elsewhere": "department/water_company/D09",
}  # fmt: skip


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T0 + MINUTE_US)


@pytest.fixture
def told_store(alarms_url: str) -> Iterator[Store]:
    with psycopg.connect(alarms_url, autocommit=True) as connection:
        connection.execute(_EMPTY)
    store = open_store(alarms_url, REALM)
    for name, grant in GRANTS.items():
        add(store, name, grant)
    store.sign_ons.sign_on("U1", AuditEntry(T0, "crew", "unit.signed_on", "U1"))
    yield store
    store.close()


class Incidents:
    """One incident with a task, and what happens to it as services write it."""

    def __init__(self, store: Store, **more: object) -> None:
        self.store = store
        made = store.incidents.command([], lambda locked: self._begun(locked, more), None)
        assert isinstance(made, Work)
        self.id, self.task = made.changes[0].incident.id, made.tasks[0].id

    def _begun(self, locked: Locked, more: dict[str, object]) -> Work:
        incident = opened(id=locked.next_id, departments=("water_company", "traffic_police"))
        number = locked.next_task()
        given = a_task(id=number, incident=incident.id, **{"stage": Stage.ASSIGNED, "begins_us": T0, **more})
        line = acts.told(incident, Act.TASK, "li", T0, "", {"task": number, "did": "given"})
        return Work((line,), (given,))

    def does(self, act: Callable[[Incident, Task], Change | TaskChange | Refusal], who: str = "li") -> None:
        def done(locked: Locked) -> Work | Refusal:
            standing = locked.standing[self.id]
            made = act(standing.incident, standing.tasks[0])
            if isinstance(made, TaskChange):
                line = acts.told(standing.incident, Act.TASK, who, T0, made.text, made.said)
                return Work((line,), (made.task,))
            return Work((made,)) if isinstance(made, Change) else made

        assert isinstance(self.store.incidents.command([self.id], done, None), Work)


def told(store: Store) -> list[tuple[str, str]]:
    """Return who is told what, in the order in which it was planned."""
    rows: list[Notification] = [*store.notifications.journal(NotificationQuery(limit=1000))][::-1]
    return [(one.wanted.target, one.wanted.content.subject) for one in rows]


def plan(store: Store, clock: ManualClock) -> None:
    while IncidentPlanner(store, REALM, clock).turn():
        pass


def test_a_new_task_is_told_to_its_department_and_to_the_crews_that_are_on(
    told_store: Store, clock: ManualClock
) -> None:
    made = Incidents(told_store)
    plan(told_store, clock)
    assert told(told_store) == [(name, "[模拟数据] 新任务：关闭阀门（滨江大道爆管）") for name in ("crew", "pipes")], (
        "not to who gave it, to a crew that is off, to another department or district"
    )
    (first, *_) = [*told_store.notifications.journal(NotificationQuery())][::-1]
    assert first.wanted.content.facts["link"] == f"/field?task={made.task}"
    assert (first.wanted.channel, first.wanted.route, first.department) == ("browser", "", "water_company")


def test_who_has_the_task_by_name_is_told_alone_and_a_task_that_waits_is_told_when_it_begins(
    told_store: Store, clock: ManualClock
) -> None:
    made = Incidents(told_store, stage=Stage.WAITING, begins_us=0, person="idle")
    plan(told_store, clock)
    assert told(told_store) == []
    made.does(lambda incident, one: task.begin_ready([one], T0)[0])
    plan(told_store, clock)
    assert [who for who, _ in told(told_store)] == ["idle"]


def test_mentions_and_command_reach_who_is_meant_in_their_language(told_store: Store, clock: ManualClock) -> None:
    store = told_store
    pipes = store.accounts.find("pipes")
    assert pipes is not None
    store.accounts.change(pipes.key, AuditEntry(T0, "pipes", "account.changed", "pipes"), language="en")
    made = Incidents(store, stage=Stage.WAITING)
    made.does(lambda one, _: acts.note(one, "li", T0, "阀门在哪里 @pipes @nobody @li @elsewhere"))
    made.does(lambda one, _: acts.hand_over_command(one, "wang", T0, "coord", "交接完毕"))
    plan(store, clock)
    assert told(store) == [
        ("pipes", "[SIMULATED DATA] Li mentioned you, 滨江大道爆管: 阀门在哪里 @pipes @nobody @li @elsewhere"),
        ("coord", "[模拟数据] 请您指挥：滨江大道爆管。交接完毕"),
    ]


def test_it_reaches_the_pages_of_who_is_told_and_of_nobody_else(told_store: Store, clock: ManualClock) -> None:
    Incidents(told_store)
    plan(told_store, clock)
    sender = Sender(told_store, doors_to(), REALM, ZONE, clock)
    sender.turn()
    sender.close()
    watch = NoticeWatch(told_store.notices, clock)
    watch.look()
    unread = {
        name: [one.wanted.act for one in watch.unread(Asker(name, account.grants))]
        for name in GRANTS
        if (account := told_store.accounts.find(name))
    }
    assert {name for name, found in unread.items() if found} == {"crew", "pipes"}


def test_a_late_task_goes_up_step_by_step_each_told_once(told_store: Store, clock: ManualClock) -> None:
    made = Incidents(told_store)
    plan(told_store, clock)
    before = len(told(told_store))
    late = Escalations(told_store, clock)
    for minutes, who in ((6, ["pipes"]), (11, ["wang", "pipes"]), (16, ["coord"]), (60, [])):
        clock.us = T0 + minutes * MINUTE_US
        assert late.turn() == bool(who)
        assert Escalations(told_store, clock).turn() == 0, "one that starts anew takes no step twice"
        plan(told_store, clock)
        assert [name for name, _ in told(told_store)[before:]] == who
        before += len(who)
    lines = [line.detail for line in told_store.incidents.log(made.id) if line.detail.get("did") == "escalated"]
    (standing,) = told_store.incidents.find([made.id])
    title = {"zh": standing.tasks[0].title.zh, "en": standing.tasks[0].title.en}
    assert lines == [{"task": made.task, "did": "escalated", "title": title, "step": step} for step in (1, 2, 3)]
    assert told(told_store)[-1][1] == "[模拟数据] 任务逾期（第3级）：关闭阀门（滨江大道爆管）"


def test_workers_that_look_at_once_take_one_step_and_tell_once(
    told_store: Store, alarms_url: str, clock: ManualClock
) -> None:
    made = Incidents(told_store)
    clock.us = T0 + 6 * MINUTE_US
    stores = [open_store(alarms_url, REALM) for _ in range(4)]

    def work(store: Store) -> int:
        steps = Escalations(store, clock).turn()
        with suppress(Fenced):
            IncidentPlanner(store, REALM, clock).turn()
        return steps

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, stores)) == 1
    for store in stores:
        store.close()
    plan(told_store, clock)
    assert sorted(told(told_store)) == sorted(set(told(told_store)))
    assert [line.detail["step"] for line in told_store.incidents.log(made.id) if "step" in line.detail] == [1]


def test_what_was_planned_by_somebody_else_meanwhile_is_not_planned_again(
    told_store: Store, clock: ManualClock
) -> None:
    Incidents(told_store)
    before = told_store.telling.position()
    last = told_store.telling.lines(before, 100)[-1].id
    plan(told_store, clock)
    with pytest.raises(Fenced):
        told_store.telling.tell(before, last, [], clock.us)
    assert told_store.telling.position() == last


def test_nobody_is_told_of_what_was_over_long_before_it_was_written_down(told_store: Store, clock: ManualClock) -> None:
    made = Incidents(told_store)  # what T0 is lies far behind the clock of the database
    made.does(lambda one, _: acts.note(one, "li", T0, "旧事 @pipes"))
    made.does(lambda one, _: acts.resolve(one, "li", T0, 0))
    made.does(lambda one, _: acts.close(one, "li", T0, "教训"))
    plan(told_store, clock)
    assert told(told_store) == []


def test_a_refused_task_is_told_to_who_commands(told_store: Store, clock: ManualClock) -> None:
    made = Incidents(told_store)
    plan(told_store, clock)
    made.does(lambda _, one: task.refuse(one, "车辆故障"), who="crew")
    plan(told_store, clock)
    assert told(told_store)[-1] == ("wang", "[模拟数据] 任务被拒绝：关闭阀门（滨江大道爆管）。车辆故障")
    assert Label("已拒绝", "refused") == Stage.REFUSED.label
