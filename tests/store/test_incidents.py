"""Incidents in the store: one order for all, nobody's change lost, a log that nobody can rewrite."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from ops_center.domain.audit import AuditEntry
from ops_center.domain.text import Label
from ops_center.incidents import acts, sending, task
from ops_center.incidents.acts import Answer
from ops_center.incidents.incident import Act, Change, Incident, Level, Refusal, State
from ops_center.incidents.parts import Assignment
from ops_center.incidents.task import Stage, TaskChange
from ops_center.store.incident_port import IncidentQuery, Locked, Work
from ops_center.store.listening import INCIDENTS, Listener
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.incidents.given import T0, new
from tests.incidents.given import task as a_task
from tests.store.shapes import REALM

_EMPTY = f"""
ALTER TABLE {REALM.schema}.incident_log DISABLE TRIGGER changed;
TRUNCATE {REALM.schema}.incident_log, {REALM.schema}.incident_task, {REALM.schema}.incident;
ALTER TABLE {REALM.schema}.incident_log ENABLE ALWAYS TRIGGER changed
"""
WRITERS = 100


@pytest.fixture(autouse=True)
def _nothing_yet(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_EMPTY)


def report(store: Store, **more: object) -> Incident:
    def act(locked: Locked) -> Work | Refusal:
        return as_work(acts.report(new(id=locked.next_id, **more)))

    made = store.incidents.command([], act, None)
    assert isinstance(made, Work), made
    return made.changes[0].incident


def as_work(answer: Answer) -> Work | Refusal:
    return Work((answer,)) if isinstance(answer, Change) else answer


def do(store: Store, number: int, act: Callable[[Incident], Answer], entry: AuditEntry | None = None) -> Work | Refusal:
    return store.incidents.command([number], lambda locked: as_work(act(locked.standing[number].incident)), entry)


def test_what_is_written_comes_back(store: Store) -> None:
    area = replace(new().places[0], kind="area", coordinates=((118.7, 32.0), (118.8, 32.0), (118.8, 32.1)))
    made = report(store, area=area, alarms=(3, 4), title="爆管 \0 \ud800", touched={"title": 1})
    ((standing,), seq) = (store.incidents.open().standing, store.incidents.open().seq)
    assert standing.incident == replace(made, title="爆管 \ufffd ?")
    (line,) = store.incidents.log(made.id)
    assert (line.id, line.act, line.who, line.before, line.after) == (
        seq,
        Act.REPORTED,
        "li",
        State.REPORTED,
        State.REPORTED,
    )
    assert line.at_us == T0


def test_a_refusal_writes_nothing(store: Store) -> None:
    made = report(store)
    before = store.incidents.open().seq
    entry = AuditEntry(T0, "li", "incident.closed", str(made.id))
    answer = do(store, made.id, lambda one: acts.close(one, "li", T0, "lessons"), entry)
    assert isinstance(answer, Refusal)
    assert store.incidents.open().seq == before
    assert not [row for row in store.audit.page(limit=10) if row.action == "incident.closed"]


def test_a_command_and_its_audit_are_one(store: Store) -> None:
    made = report(store)
    entry = AuditEntry(T0, "li", "incident.verified", str(made.id))
    assert isinstance(do(store, made.id, lambda one: acts.verify(one, "li", T0), entry), Work)
    (row,) = [row for row in store.audit.page(limit=10) if row.action == "incident.verified"]
    assert row.detail["incidents"] == [made.id]


def test_a_hundred_writers_lose_nothing_and_have_one_order(store: Store, url: str) -> None:
    """Each writes a remark and tries to change a fact it has seen: all remarks are there, each fact changed once."""
    made = report(store)
    stores = [open_store(url, REALM) for _ in range(10)]
    go, outcomes, lock = threading.Barrier(WRITERS), list[str](), threading.Lock()

    def write(number: int) -> None:
        mine = stores[number % len(stores)]
        go.wait(60)
        noted = do(mine, made.id, lambda one: acts.note(one, f"w{number}", T0 + number, f"line {number}"))
        facts = {"title": f"title {number}"} if number % 2 else {"level": Level.I}
        changed = do(mine, made.id, lambda one: acts.change(one, f"w{number}", T0, made.version, facts))
        with lock:
            outcomes.append(changed.code if isinstance(changed, Refusal) else "done")
            assert isinstance(noted, Work)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for one in stores:
        one.close()
    assert len(outcomes) == WRITERS
    assert outcomes.count("done") == 2, "one of each fact; whoever came later was told"
    assert set(outcomes) == {"done", "passed", "same"}, "who wants what is so already changes nothing"
    lines = store.incidents.log(made.id)
    assert {line.who for line in lines if line.act is Act.NOTED} == {f"w{number}" for number in range(WRITERS)}
    assert len(lines) == 1 + WRITERS + 2
    (standing,) = store.incidents.find([made.id])
    assert standing.incident.version == len(lines), "every line is one version"
    assert [line.id for line in lines] == sorted(line.id for line in lines)


def test_two_that_merge_are_written_together(store: Store) -> None:
    one, two = report(store, alarms=(1,)), report(store, alarms=(2,))

    def act(locked: Locked) -> Work | Refusal:
        made = acts.merge(locked.standing[one.id].incident, locked.standing[two.id].incident, "li", T0, "同一处")
        return made if isinstance(made, Refusal) else Work(made)

    assert isinstance(store.incidents.command([one.id, two.id], act, None), Work)
    assert [standing.incident.id for standing in store.incidents.open().standing] == [two.id]
    gone, kept = (standing.incident for standing in store.incidents.find([one.id, two.id]))
    assert (gone.state, gone.merged_into, kept.alarms) == (State.CLOSED, two.id, (2, 1))


def test_tasks_get_numbers_and_stay_with_their_incident(store: Store) -> None:
    made = report(store)

    def give(locked: Locked) -> Work:
        line = acts.told(locked.standing[made.id].incident, Act.TASK, "li", T0, "", {"did": "given"})
        return Work((line,), (replace(a_task(), id=0, incident=made.id, stage=Stage.ASSIGNED, begins_us=T0),))

    given = store.incidents.command([made.id], give, None)
    assert isinstance(given, Work)
    (first,) = given.tasks
    assert first.id > 0

    def accept(locked: Locked) -> Work:
        standing = locked.standing[made.id]
        answer = task.accept(standing.tasks[0], "zhao", T0 + 1)
        assert isinstance(answer, TaskChange)
        return Work((acts.told(standing.incident, Act.TASK, "zhao", T0 + 1, "", {"task": first.id}),), (answer.task,))

    store.incidents.command([made.id], accept, None)
    (standing,) = store.incidents.open().standing
    assert [(one.id, one.stage, one.person) for one in standing.tasks] == [(first.id, Stage.ACCEPTED, "zhao")]


def test_who_looks_again_gets_what_changed_closed_ones_too(store: Store) -> None:
    one, two = report(store), report(store)
    seq = store.incidents.open().seq
    assert store.incidents.changes(seq).standing == ()
    do(store, two.id, lambda it: acts.dismiss(it, "li", T0, "误报"))
    changed = store.incidents.changes(seq)
    assert [(it.incident.id, it.incident.state) for it in changed.standing] == [(two.id, State.CLOSED)]
    assert changed.seq > seq
    assert [it.incident.id for it in store.incidents.changes(0, limit=1).standing] == [one.id], "a page at a time"


def test_a_command_is_told_who_holds_a_unit(store: Store) -> None:
    one, two = report(store), report(store)
    do(store, one.id, lambda it: sending.assign_unit(it, Assignment(unit="F1", assigned_us=T0, by="li")))

    def holder(unit: str) -> int:
        found: list[int] = []

        def ask(locked: Locked) -> Refusal:
            found.append(locked.holder(unit))
            return Refusal("asked", Label("问", "asked"))

        store.incidents.command([two.id], ask, None)
        return found[0]

    assert (holder("F1"), holder("F2")) == (one.id, 0)
    do(store, one.id, lambda it: sending.release_unit(it, "li", T0 + 1, "F1"))
    assert holder("F1") == 0


def test_they_are_found_by_what_they_are(store: Store) -> None:
    burst = report(store, alarms=(41, 42))
    fire = report(store, type="fire", level=Level.I, departments=("fire",), district="D02", reported_us=T0 + 9)

    def ids(**asked: object) -> list[int]:
        return [one.id for one in store.incidents.search(IncidentQuery(**asked))]  # type: ignore[arg-type]

    assert ids() == [fire.id, burst.id]
    assert ids(types=("fire", "flood")) == ids(level=2) == ids(since_us=T0 + 1) == [fire.id]
    assert ids(alarm=42) == ids(until_us=T0 + 1) == ids(before=fire.id) == [burst.id]
    assert ids(alarm=4) == ids(states=(State.CLOSED,)) == []
    assert ids(scopes=(("fire", None),)) == ids(scopes=((None, "D02"),)) == [fire.id]
    assert ids(scopes=(("fire", "D01"),)) == ids(scopes=()) == []


def test_the_log_cant_be_rewritten(store: Store, url: str) -> None:
    report(store)
    for attempt in ("UPDATE", "DELETE", "TRUNCATE"):
        sql = {"UPDATE": "UPDATE {} SET text = 'x'", "DELETE": "DELETE FROM {}", "TRUNCATE": "TRUNCATE {}"}[attempt]
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.RestrictViolation, match="appended"):
            connection.execute(sql.format(f"{REALM.schema}.incident_log"))


def test_a_command_is_told_to_who_listens(store: Store, url: str) -> None:
    ear = Listener(url, REALM, INCIDENTS)
    assert ear.wait(threading.Event(), 0.01)
    assert not ear.wait(threading.Event(), 0.01)
    report(store)
    assert ear.wait(threading.Event(), 20)
    ear.close()
