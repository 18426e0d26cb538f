"""What people may see of alarms and do to them, and that whoever watches sees it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerts.alarm import Act, Alarm, Aside, Refusal, State, Turn
from ops_center.domain.errors import StoreError
from ops_center.domain.rights import Asker
from ops_center.domain.time import HOUR_US
from ops_center.services.alarms import Outcomes
from ops_center.store.alarm_port import AlarmQuery, BookWork, JournalQuery
from ops_center.store.listening import ALARMS, Listener
from ops_center.store.opening import open_store
from tests.servers.outages import Outage
from tests.services.alarm_center import (
    AUDITOR,
    DISPLAY,
    LEADER,
    OPERATOR,
    POLICE_IN_GULOU,
    WATER,
    AlarmCenter,
    make_alarm_center,
    who,
)
from tests.store.alarm_shapes import alarm, raised, without_alarms
from tests.store.shapes import REALM

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def center(alarms_url: str) -> Iterator[AlarmCenter]:
    without_alarms(alarms_url)
    store = open_store(alarms_url, REALM)
    made = make_alarm_center(alarms_url, store)
    yield made
    made.book.close()
    store.close()


def city() -> list[Alarm]:
    """Two of the water department in Xuanwu, one of the police in Gulou, one of nobody."""
    police = alarm(3, department="police", district="gulou", rule="traffic_jam")
    return [alarm(1), alarm(2), police, alarm(4, department="", district="", rule="feed_silent", thing=-1)]


def refused(outcomes: Outcomes) -> dict[int, str]:
    return {number: one.code for number, one in outcomes.items() if isinstance(one, Refusal)}


@pytest.mark.parametrize(
    ("asker", "seen"),
    [(OPERATOR, {1, 2, 3, 4}), (LEADER, {1, 2, 3, 4}), (DISPLAY, {1, 2, 3, 4}), (WATER, {1, 2}),
     (POLICE_IN_GULOU, {3}), (AUDITOR, set()), (who("wu", "operator/*/gulou"), {3}), (who("x"), set())],
    ids=lambda value: value.account if isinstance(value, Asker) else "",
)  # fmt: skip
def test_everybody_sees_what_is_theirs_everywhere_alike(center: AlarmCenter, asker: Asker, seen: set[int]) -> None:
    center.have(*city())
    assert {one.id for one in center.desk.picture(asker).alarms} == seen
    assert {one.id for one in center.desk.search(asker, AlarmQuery())} == seen
    assert {line.alarm for line in center.desk.journal(asker, JournalQuery())} == seen
    assert {number for number in range(1, 6) if center.desk.find(asker, number)} == seen
    assert {one.id for one in center.desk.changes(asker, 0).open} == seen


@pytest.mark.parametrize("asker", [LEADER, DISPLAY, AUDITOR, who("x"), POLICE_IN_GULOU, who("a", "administrator")])
def test_who_may_not_change_an_alarm_changes_nothing(center: AlarmCenter, asker: Asker) -> None:
    center.have(alarm(1))
    for outcomes in (
        center.desk.acknowledge(asker, [1]),
        center.desk.comment(asker, [1], "x"),
        center.desk.attach(asker, [1], PNG, "x.png"),
        center.desk.assign(asker, [1], "police"),
    ):
        assert refused(outcomes)[1] in {"unknown", "forbidden"}
    assert center.alarm(1) == alarm(1)
    assert len(center.desk.journal(OPERATOR, JournalQuery())) == 1
    said = center.store.audit.page(actor=asker.account, action="alarms.acknowledged", limit=1)[0]
    assert (said.outcome, said.detail) == ("refused", {"alarms": [], "not_done": [1]})


def test_a_bulk_is_judged_alarm_by_alarm(center: AlarmCenter) -> None:
    center.have(*city())
    center.desk.acknowledge(OPERATOR, [2])
    outcomes = center.desk.acknowledge(WATER, [1, 1, 2, 3, 9], "在看")
    assert refused(outcomes) == {2: "acknowledged", 3: "unknown", 9: "unknown"}
    done = outcomes[1]
    assert isinstance(done, Turn)
    assert center.alarm(1) == done.alarm
    assert (done.alarm.state, done.alarm.acknowledged_by) == (State.ACKNOWLEDGED, "zhao")
    line = center.desk.journal(WATER, JournalQuery(alarm=1, limit=1))[0]
    assert (line.act, line.actor, line.reason, line.at_us) == (
        Act.ACKNOWLEDGED, "zhao", "在看", center.clock.now_us(),
    )  # fmt: skip


def test_children_are_acknowledged_with_their_parent_only_when_asked(center: AlarmCenter) -> None:
    children = [alarm(n, parent=1, aside=Aside.SUPPRESSED, explained_by="network") for n in (2, 3)]
    center.have(alarm(1), *children)
    center.desk.acknowledge(OPERATOR, [1])
    assert center.alarm(2).state is State.UNACKNOWLEDGED
    center.desk.acknowledge(OPERATOR, [1], with_children=True)
    assert [center.alarm(n).state for n in (2, 3)] == [State.ACKNOWLEDGED] * 2


def test_shelves_have_a_reason_and_an_end(center: AlarmCenter) -> None:
    center.have(alarm(1))
    now_us = center.clock.now_us()
    assert refused(center.desk.shelve(OPERATOR, [1], now_us + HOUR_US, " ")) == {1: "reason"}
    assert refused(center.desk.shelve(OPERATOR, [1], now_us + 24 * 8 * HOUR_US, "works")) == {1: "until"}
    assert not refused(center.desk.shelve(OPERATOR, [1], now_us + HOUR_US, "works"))
    assert (center.alarm(1).aside, center.alarm(1).aside_by) == (Aside.SHELVED, "li")
    assert not refused(center.desk.unshelve(OPERATOR, [1]))
    assert not refused(center.desk.out_of_service(OPERATOR, [1], "pump is changed"))
    assert not refused(center.desk.in_service(OPERATOR, [1]))
    assert center.alarm(1).aside is Aside.NONE
    assert refused(center.desk.reset(OPERATOR, [1])) == {1: "stands"}


def test_who_is_assigned_sees_the_alarm_and_may_answer(center: AlarmCenter) -> None:
    center.have(*city())
    assert not center.desk.picture(who("fire-1", "department/fire")).alarms
    assert not refused(center.desk.assign(OPERATOR, [1], "fire", "fire-1"))
    center.watch.look()
    fire = who("fire-1", "department/fire")
    assert [one.id for one in center.desk.picture(fire).alarms] == [1]
    assert [line.alarm for line in center.desk.journal(fire, JournalQuery())] == [1, 1]
    assert not refused(center.desk.comment(fire, [1], "on the way"))


def test_what_leaves_a_scope_is_gone_for_it(center: AlarmCenter) -> None:
    center.have(*city())
    center.desk.assign(OPERATOR, [3], "water")
    center.watch.look()
    seq = center.desk.changes(WATER, 0).seq
    center.desk.assign(OPERATOR, [3], "fire")
    center.desk.acknowledge(OPERATOR, [1])
    center.watch.look()
    delta = center.desk.changes(WATER, seq)
    assert (delta.complete, [one.id for one in delta.open], list(delta.gone)) == (False, [1], [3])
    assert center.desk.changes(WATER, delta.seq) == replace(delta, open=[], gone=[])


def test_files_are_found_through_the_alarm_alone(center: AlarmCenter) -> None:
    center.have(*city())
    outcome = center.desk.attach(WATER, [1], PNG, "泵.png")[1]
    assert isinstance(outcome, Turn)
    digest = str(outcome.entries[0].detail["hash"])
    found = center.desk.attachment(WATER, 1, digest)
    assert found is not None
    assert (found[0].bytes, found[0].kind, found[1]) == (PNG, "image/png", "泵.png")
    assert center.desk.attachment(POLICE_IN_GULOU, 1, digest) is None
    assert center.desk.attachment(WATER, 2, digest) is None
    assert refused(center.desk.attach(WATER, [1], b"<html><script>", "x.png")) == {}
    assert refused(center.desk.attach(WATER, [1], b"\x00\x01", "x.png")) == {1: "kind"}
    assert refused(center.desk.attach(WATER, [1], PNG + bytes(11 << 20), "x.png")) == {1: "too_large"}


def test_a_hundred_people_at_one_alarm_are_all_heard(center: AlarmCenter) -> None:
    center.have(alarm(1))
    outcomes: list[Outcomes] = []

    def act(number: int) -> None:
        asker = who(f"p{number}", "operator")
        outcomes.append(center.desk.comment(asker, [1], f"{number}"))
        outcomes.append(center.desk.acknowledge(asker, [1]))

    threads = [threading.Thread(target=act, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    done = [one[1] for one in outcomes if isinstance(one[1], Turn)]
    assert len(done) == 101, "a hundred remarks, and one who was first to acknowledge"
    lines = center.desk.journal(OPERATOR, JournalQuery(alarm=1))
    assert sum(line.act is Act.COMMENTED for line in lines) == 100
    assert [line.actor for line in lines if line.act is Act.ACKNOWLEDGED] == [center.alarm(1).acknowledged_by]
    assert [line.before for line in lines[:-1]] == [line.after for line in lines[1:]], "one order, without a gap"


def test_watching_one_sees_what_others_do_at_once(center: AlarmCenter, alarms_url: str) -> None:
    stop = threading.Event()
    thread = center.watch.follow(Listener(alarms_url, REALM, ALARMS), stop)
    seq = center.watch.seq
    center.book.commit(lambda _: BookWork(raised(alarm(7))))
    assert center.watch.wait(seq, 20)
    assert center.watch.find(7) == alarm(7)
    stop.set()
    thread.join(20)


def test_a_watch_keeps_what_it_knows_while_the_database_is_away(center: AlarmCenter, alarms_url: str) -> None:
    center.have(alarm(1))
    outage = Outage(alarms_url)
    outage.begin()
    with pytest.raises(StoreError):
        center.watch.look()
    with pytest.raises(StoreError):
        center.desk.acknowledge(OPERATOR, [1])
    assert [one.id for one in center.desk.picture(OPERATOR).alarms] == [1]
    outage.end()
    assert not refused(center.desk.acknowledge(OPERATOR, [1]))
    center.watch.look()
    assert center.desk.picture(OPERATOR).alarms[0].state is State.ACKNOWLEDGED


def test_who_is_too_far_behind_gets_everything(center: AlarmCenter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(center.watch._recent, "_most", 3)
    center.have(*city())
    for number in (1, 2, 3, 4):
        center.desk.acknowledge(OPERATOR, [number])
        center.watch.look()
    assert center.desk.changes(OPERATOR, 4).complete
    near = center.desk.changes(OPERATOR, 6)
    assert (near.complete, [one.id for one in near.open]) == (False, [3, 4])
    assert center.desk.changes(OPERATOR, 99).complete, "of another database, or another time"
