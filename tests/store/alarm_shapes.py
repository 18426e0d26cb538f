"""Alarms and turns that the tests of the store share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import psycopg

from alerts.alarm import Act, Alarm, Entry, Finding, Priority, State, Turn
from alerts.conditions import ConditionBatch, RuleVersion
from ops_center.domain.realms import Realm
from ops_center.store.booking import PostgresBookStore
from ops_center.store.opening import open_book_store
from tests.servers.webs import until
from tests.store.shapes import REALM, T0

_EMPTY = f"""
ALTER TABLE {REALM.schema}.alarm_journal DISABLE TRIGGER changed;
ALTER TABLE {REALM.schema}.hand_over DISABLE TRIGGER changed;
TRUNCATE {REALM.schema}.alarm_journal, {REALM.schema}.alarm_change, {REALM.schema}.alarm, {REALM.schema}.hand_over,
         {REALM.schema}.worker_position, center.attachment, center.saved_view;
ALTER TABLE {REALM.schema}.alarm_journal ENABLE ALWAYS TRIGGER changed;
ALTER TABLE {REALM.schema}.hand_over ENABLE ALWAYS TRIGGER changed;
UPDATE {REALM.schema}.alarm_end SET seq = 0, last_alarm = 0;
UPDATE {REALM.schema}.alarm_book SET stage_two = NULL, memory = NULL;
"""


def without_alarms(url: str) -> str:
    """Empty what the alarms' tests write: by the owner of the tables, who alone can put the guard aside."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_EMPTY)
    return url


def taken_book(url: str, realm: Realm = REALM) -> PostgresBookStore:
    """Return the book, taken. Of who had it before the server lets go when it has seen that connection end."""
    book = open_book_store(url, realm)
    until(lambda: book.acquire() is not None)
    return book


def alarm(number: int = 1, **more: object) -> Alarm:
    given: dict[str, object] = {
        "rule": "water_pressure_low",
        "rule_version": 3,
        "subject_kind": 0,
        "subject": 1000 + number,
        "state": State.UNACKNOWLEDGED,
        "findings": (Finding("LL", 3, T0, 0.12, 0.2), Finding("L", 2, T0 - 5, 0.12, 0.25)),
        "priority": Priority.HIGH,
        "level": 3,
        "value": 0.12,
        "limit": 0.2,
        "raised_us": T0,
        "changed_us": T0,
        "longitude": 118.7,
        "latitude": 32.0,
        "thing": number,
        "department": "water",
        "district": "xuanwu",
        **more,
    }
    return Alarm(id=number, **given)  # type: ignore[arg-type]


def entry(of: Alarm, act: Act = Act.RAISED, before: State = State.NORMAL, **more: object) -> Entry:
    given: dict[str, object] = {"at_us": of.changed_us, "detail": {"level": of.level}, **more}
    return Entry(alarm=of.id, act=act, before=before, after=of.state, rule_version=of.rule_version, **given)  # type: ignore[arg-type]


def raised(*alarms: Alarm) -> list[Turn]:
    return [Turn(one, (entry(one),)) for one in alarms]


def acknowledged(of: Alarm, who: str = "li", at_us: int = T0 + 10, reason: str = "") -> Turn:
    after = replace(of, state=State.ACKNOWLEDGED, acknowledged_by=who, acknowledged_us=at_us)
    return Turn(after, (entry(after, Act.ACKNOWLEDGED, of.state, at_us=at_us, actor=who, reason=reason),))


def conditions(
    *subjects: int, entered: bool = True, time_us: int = T0, rule: str = "water_pressure_low"
) -> ConditionBatch:
    """One transition of each subject, of channel ``L`` and level 2."""
    n = len(subjects)
    return ConditionBatch(
        (RuleVersion(rule, 3, ("L", "LL")),),
        np.zeros(n, np.int32),
        np.zeros(n, np.uint8),
        np.full(n, 2, np.uint8),
        np.full(n, entered, np.uint8),
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
        np.array(subjects, np.int64),
        np.full(n, time_us, np.int64),
        np.full(n, T0, np.int64),
        np.full(n, 0.21),
        np.full(n, 0.25),
        np.full(n, np.nan),
        np.full(n, np.nan),
    )
