"""Notifications in the store: planned once, taken by one, settled once; a killed sender loses nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from alerts.cap import MsgType
from alerts.notification_text import Content
from alerts.notifying import Wanted
from alerts.public_warning import Draft, draft_of
from alerts.route import Route, read_route
from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import Fenced, StoreError
from ops_center.store.notification_port import Attempt, Notification, NotificationQuery, Overdue, WarningMessage
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.alerts.test_cap import RULES
from tests.store.alarm_shapes import alarm
from tests.store.persons import last_entry
from tests.store.shapes import REALM, T0

LEASE = 60_000_000
_EMPTY = """
TRUNCATE realm_simulated.notification, realm_simulated.notification_read,
         realm_simulated.notification_attempt, realm_simulated.notification_route,
         realm_simulated.public_warning;
UPDATE realm_simulated.notification_end SET seq = 0
"""


@pytest.fixture(autouse=True)
def _nothing_yet(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_EMPTY)


def wanted(key: str, due_us: int = T0, **changed: Any) -> Wanted:
    values: dict[str, Any] = {
        "route": "duty",
        "route_version": 1,
        "channel": "mail",
        "target": "duty@city.example",
        "alarm": 7,
        "act": "raised",
        "content": Content("报警", "压力低\nlow", {"department": "water_company", "district": "D01", "alarm": 7}),
    }
    return Wanted(key=key, due_us=due_us, **{**values, **changed})


def saying(action: str = "notifications.route_saved") -> AuditEntry:
    return AuditEntry(T0, "li", action, "duty")


def keys(found: Sequence[Notification]) -> list[str]:
    return [one.wanted.key for one in found]


def test_what_is_planned_comes_back_and_is_there_once(store: Store) -> None:
    store.notifications.plan(0, 5, [wanted("a"), wanted("b", T0 + 9)], T0)
    assert store.notifications.position() == 5 and store.notifications.overdue(T0 + 5) == Overdue(1, 5e-6)
    second, first = store.notifications.journal(NotificationQuery())
    assert (first.wanted, second.wanted) == (wanted("a"), wanted("b", T0 + 9))
    assert (first.state, first.made_us, first.department, first.district) == ("waiting", T0, "water_company", "D01")
    assert store.notifications.add([wanted("a"), wanted("c")], T0) != []
    assert keys(store.notifications.journal(NotificationQuery())) == ["c", "b", "a"]


def test_of_two_planners_one_is_fenced_and_keeps_nothing(store: Store) -> None:
    store.notifications.plan(0, 5, [wanted("a")], T0)
    with pytest.raises(Fenced):
        store.notifications.plan(0, 6, [wanted("other")], T0)
    assert keys(store.notifications.journal(NotificationQuery())) == ["a"] and store.notifications.position() == 5


def test_what_is_due_is_taken_by_one_alone(url: str, store: Store) -> None:
    store.notifications.add([wanted(f"k{n}", T0 + n) for n in range(20)], T0)
    taken: list[str] = []

    def take() -> None:
        other = open_store(url, REALM)
        try:
            while found := other.notifications.take(T0 + 14, LEASE, 3):
                taken.extend(keys(found))
        finally:
            other.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"k{n}" for n in range(15))


def test_one_whose_sender_was_killed_is_taken_again_and_the_journal_says_so(store: Store) -> None:
    store.notifications.add([wanted("a")], T0)
    (before,) = store.notifications.take(T0, LEASE, 10)
    assert store.notifications.take(T0 + LEASE - 1, LEASE, 10) == []
    (after,) = store.notifications.take(T0 + LEASE, LEASE, 10)
    assert (before.attempts, after.attempts) == (1, 2)
    sent = Attempt(1, T0, "sent", "250 ok")
    assert not store.notifications.settle(before, "sent", T0, "250 ok", attempt=sent), "it is another's by now"
    assert store.notifications.settle(after, "sent", T0 + 1, "250 ok", attempt=Attempt(2, T0 + 1, "sent", "250 ok"))
    assert [(one.number, one.outcome) for one in store.notifications.attempts(after.id)] == [
        (1, "interrupted"),
        (2, "sent"),
    ]
    assert store.notifications.overdue(T0 + 10**12) == Overdue(0, 0.0)


def test_what_follows_is_kept_with_what_it_follows(store: Store) -> None:
    store.notifications.add([wanted("a#1")], T0)
    (one,) = store.notifications.take(T0, LEASE, 10)
    then = [wanted("a#2", T0 + 500, number=2)]
    assert store.notifications.settle(one, "sent", T0 + 3, "ok", attempt=Attempt(1, T0 + 3, "sent", "ok"), then=then)
    assert not store.notifications.settle(one, "sent", T0 + 3, "ok", attempt=Attempt(1, T0 + 3, "sent", "ok"))
    assert keys(store.notifications.journal(NotificationQuery(state="waiting"))) == ["a#2"]
    assert store.notifications.told_us("duty", "duty@city.example", T0) == [T0 + 3]
    assert store.notifications.told_us("duty", "duty@city.example", T0 + 3) == []


def test_what_was_not_tried_is_no_attempt(store: Store) -> None:
    store.notifications.add([wanted("a")], T0)
    (one,) = store.notifications.take(T0, LEASE, 10)
    assert store.notifications.settle(one, "waiting", T0, "later", due_us=T0 + 5)
    (again,) = store.notifications.take(T0 + 5, LEASE, 10)
    assert again.attempts == 1 and store.notifications.attempts(one.id) == []


def test_a_digest_takes_the_place_of_those_held(store: Store) -> None:
    store.notifications.add([wanted("a"), wanted("b"), wanted("other", target="else@city.example")], T0)
    for one in store.notifications.take(T0, LEASE, 10):
        store.notifications.settle(one, "held", T0, "rate", due_us=T0 + 100)
    assert store.notifications.take(T0 + 100, LEASE, 10) == [], "what is held goes out in a digest only"
    assert store.notifications.held_due(T0 + 99) == []
    assert sorted(store.notifications.held_due(T0 + 100)) == [
        ("duty", "duty@city.example"),
        ("duty", "else@city.example"),
    ]
    held = store.notifications.held("duty", "duty@city.example")
    assert keys(held) == ["a", "b"]
    store.notifications.digest([one.id for one in held], wanted("digest", act="digest", alarm=0), T0 + 100)
    made, *rest = store.notifications.journal(NotificationQuery())
    assert made.wanted.key == "digest" and made.state == "waiting"
    assert [(one.wanted.key, one.state, one.digest) for one in rest] == [
        ("other", "held", 0),
        ("b", "digested", made.id),
        ("a", "digested", made.id),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"alarm": 7}, ["b", "a"]),
        ({"route": "duty"}, ["b", "a"]),
        ({"channel": "browser", "target": "li"}, ["d", "c"]),
        ({"state": "dead"}, []),
        ({"scopes": (("water_company", None),)}, ["b", "a"]),
        ({"scopes": (("water_company", "D02"),)}, []),
        ({"scopes": ((None, None),)}, ["d", "c", "b", "a"]),
        ({"scopes": ()}, []),
        ({"since_us": T0 + 1}, []),
        ({"limit": 1}, ["d"]),
    ],
)
def test_the_journal_is_searched(store: Store, query: dict[str, Any], found: list[str]) -> None:
    plain = Content("x", "x")
    store.notifications.add([wanted("a"), wanted("b")], T0)
    for key, target in (("c", "li"), ("d", "*")):
        other = wanted(key, route="desk", channel="browser", target=target, alarm=8, content=plain)
        store.notifications.add([other], T0)
    assert keys(store.notifications.journal(NotificationQuery(**query))) == found


def route(**changed: Any) -> Route:
    form = {"name": "duty", "label": {"zh": "值班", "en": "duty"}, "channel": "mail", "targets": ["duty@city.example"]}
    return read_route({**form, **changed})


def test_every_edit_of_a_route_is_a_version_with_its_author(store: Store) -> None:
    first = store.routes.save_route(route(), saying())
    assert first.version == 1 and last_entry(store).action == "notifications.route_saved"
    assert last_entry(store).detail["version"] == 1
    again = store.routes.save_route(route(), AuditEntry(T0, "wang", "notifications.route_saved", "duty"))
    assert again.version == 1 and last_entry(store).actor == "li", "the same again is no change"
    second = store.routes.save_route(
        route(delay_min=5), AuditEntry(T0 + 1, "wang", "notifications.route_saved", "duty")
    )
    assert second.version == 2 and store.routes.routes() == [second]
    versions = store.routes.route_versions("duty")
    assert [(one.route.version, one.author, one.at_us) for one in versions] == [(2, "wang", T0 + 1), (1, "li", T0)]


def test_what_was_written_once_can_t_be_changed(url: str, store: Store) -> None:
    store.routes.save_route(route(), saying())
    store.warnings.warn(message(), [], saying("warnings.issued"))
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("notification_route", "public_warning"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                connection.execute(f"UPDATE realm_simulated.{table} SET author = 'somebody else'")


def message(**changed: Any) -> WarningMessage:
    draft: Draft = draft_of(alarm(1), RULES["water_pressure_low"], None)
    values: dict[str, Any] = {
        "identifier": "w-1",
        "first": "w-1",
        "number": 1,
        "msg_type": MsgType.ALERT,
        "alarm": 1,
        "department": "",
        "district": "",
        "sender": "city",
        "sent_us": T0,
        "author": "li",
        "note": "",
        "draft": draft,
        "message": "<alert/>",
    }
    return WarningMessage(**{**values, **changed})


def test_a_warning_and_what_is_sent_of_it_are_one_transaction(store: Store) -> None:
    told = wanted("warning/w-1/x", act="warning", alarm=0)
    store.warnings.warn(message(), [told], saying("warnings.issued"))
    assert store.warnings.warnings() == [message()] and last_entry(store).action == "warnings.issued"
    assert keys(store.notifications.journal(NotificationQuery())) == ["warning/w-1/x"]
    update = message(identifier="w-2", number=2, msg_type=MsgType.UPDATE)
    store.warnings.warn(update, [], saying("warnings.updated"))
    assert store.warnings.warning("w-1") == [message(), update]


def test_of_two_who_update_the_same_warning_at_once_one_is_told(store: Store) -> None:
    store.warnings.warn(message(), [], saying("warnings.issued"))
    with pytest.raises(Fenced):
        other = message(identifier="w-9")
        store.warnings.warn(other, [wanted("never")], saying("warnings.updated"))
    assert store.notifications.journal(NotificationQuery()) == []
    assert last_entry(store).action == "warnings.issued"


def test_a_realm_knows_nothing_of_another_s(store: Store, other_realm: Store) -> None:
    store.routes.save_route(route(), saying())
    store.notifications.plan(0, 3, [wanted("a")], T0)
    assert other_realm.routes.routes() == [] and other_realm.notifications.journal(NotificationQuery()) == []
    assert other_realm.notifications.position() == 0


def test_a_state_that_is_none_is_refused(url: str, store: Store) -> None:
    store.notifications.add([wanted("a")], T0)
    (one,) = store.notifications.take(T0, LEASE, 1)
    with pytest.raises(StoreError):
        store.notifications.settle(one, "lost", T0, "")  # type: ignore[arg-type]
