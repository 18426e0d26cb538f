"""Alarms of one web process on a real database, and people of every kind who ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.alarm import Alarm, Turn
from ops_center.domain.rights import Asker, Grant
from ops_center.domain.time import ManualClock
from ops_center.services.alarm_watch import AlarmWatch
from ops_center.services.alarms import AlarmDesk
from ops_center.store.alarm_port import BookWork
from ops_center.store.booking import PostgresBookStore
from ops_center.store.port import Store
from tests.store.alarm_shapes import raised, taken_book
from tests.store.shapes import T0


def who(account: str, *grants: str) -> Asker:
    return Asker(account, tuple(Grant.parse(grant) for grant in grants), f"session of {account}")


OPERATOR = who("li", "operator")
WATER = who("zhao", "department/water")
POLICE_IN_GULOU = who("qian", "department/police/gulou")
LEADER = who("sun", "leader")
DISPLAY = who("wall-1", "display")
AUDITOR = who("zhou", "auditor")


@dataclass
class AlarmCenter:
    store: Store
    book: PostgresBookStore
    watch: AlarmWatch
    desk: AlarmDesk
    clock: ManualClock

    def have(self, *alarms: Alarm) -> None:
        """Raise alarms, as the book does."""
        self.write(raised(*alarms))

    def write(self, turns: Sequence[Turn]) -> None:
        self.book.commit(lambda _: BookWork(turns))
        self.watch.look()

    def alarm(self, number: int) -> Alarm:
        return self.store.alarms.find([number])[0]


def make_alarm_center(url: str, store: Store) -> AlarmCenter:
    book, watch, clock = taken_book(url), AlarmWatch(store.alarms), ManualClock(T0 + 60_000_000)
    watch.look()
    return AlarmCenter(store, book, watch, AlarmDesk(store, watch, clock), clock)
