"""A served center whose store holds alarms of its own things: raised as the book raises them, by the store's door."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from alerts.alarm import Act, Alarm, Aside, Entry, Finding, Priority, State, Turn
from ops_center.bootstrap import import_rules, register_pack
from ops_center.domain.catalog import Catalog, Datastream
from ops_center.domain.time import MINUTE_US, SystemClock
from ops_center.store.alarm_port import BookWork
from ops_center.store.booking import PostgresBookStore
from tests.screens.people_center import PeopleCenter, people_center
from tests.store.alarm_shapes import taken_book

RULES = {
    "water_pressure": ("water_pressure_low", 0.11, 0.14),
    "water_level": ("water_tank_level", 0.8, 1.0),
    "pm25": ("air_pm25", 131.0, 115.0),
    "vehicle_speed": ("traffic_slow", 9.0, 15.0),
    "rainfall": ("rain_heavy", 31.0, 20.0),
}
"""observed property → a rule that ships, a value beyond, its limit"""


@dataclass
class AlarmCity:
    """The center, and the book of its alarms."""

    center: PeopleCenter
    book: PostgresBookStore
    catalog: Catalog
    clock: SystemClock

    def streams(self) -> list[Datastream]:
        """Datastreams that one of the rules judges, in the order of keys."""
        return [one for _, one in sorted(self.catalog.datastreams.items()) if one.observed_property in RULES]

    def alarm(self, number: int, stream: Datastream | None = None, **more: Any) -> Alarm:
        """An alarm of a datastream of the city; numbers a second apart, the greatest the newest."""
        streams = self.streams()
        judged = stream or streams[number % len(streams)]
        rule, value, limit = RULES[judged.observed_property]
        thing = self.catalog.things[judged.thing]
        raised_us = self.clock.now_us() - 90 * MINUTE_US + (number % 5000) * 1_000_000
        given: dict[str, Any] = {
            "rule": rule, "rule_version": 1, "subject_kind": 0, "subject": judged.key, "state": State.UNACKNOWLEDGED,
            "findings": (Finding("H", 1, raised_us, value, limit),), "priority": Priority.MEDIUM, "level": 1,
            "value": value, "limit": limit, "raised_us": raised_us, "changed_us": raised_us, "waiting_us": raised_us,
            "longitude": thing.longitude, "latitude": thing.latitude, "thing": thing.key,
            "department": thing.department, "district": thing.district, **more,
        }  # fmt: skip
        return Alarm(id=number, **given)

    def raise_all(self, alarms: Sequence[Alarm]) -> None:
        """Write alarms, each with a line in the journal that says so."""
        self.write([Turn(one, (_entry(one, Act.RAISED, State.NORMAL),)) for one in alarms])

    def close(self, alarm: Alarm) -> None:
        """Its condition is over and somebody knew: it leaves the list."""
        now_us = self.clock.now_us()
        after = replace(alarm, state=State.NORMAL, findings=(), closed_us=now_us, returned_us=now_us)
        self.write([Turn(after, (_entry(after, Act.CLOSED, alarm.state),))])

    def write(self, turns: Sequence[Turn]) -> None:
        self.book.commit(lambda _: BookWork(turns))

    def open(self) -> dict[int, Alarm]:
        return {one.id: one for one in self.center.store.alarms.open().alarms}


def group(city: AlarmCity, number: int, children: int) -> list[Alarm]:
    """A parent and what it explains."""
    top = city.alarm(number, priority=Priority.HIGH)
    below = {"aside": Aside.SUPPRESSED, "parent": number, "explained_by": "network"}
    return [top, *(city.alarm(number + one, **below) for one in range(1, children + 1))]


def _entry(of: Alarm, act: Act, before: State) -> Entry:
    return Entry(alarm=of.id, act=act, at_us=of.changed_us, before=before, after=of.state, rule_version=of.rule_version)


@contextmanager
def alarm_city(admin_url: str, valkey_url: str, pack: Path, state: Path, **more: Any) -> Iterator[AlarmCity]:
    """Serve a center with its things registered and the rules that ship."""
    with people_center(admin_url, valkey_url, pack, state, prepare=_prepare, **more) as center:
        url = str(center.settings.database_url.get_secret_value())  # type: ignore[union-attr]
        with closing(taken_book(url, center.settings.realm)) as book:
            yield AlarmCity(center, book, center.store.catalog.load(), SystemClock())


def _prepare(settings: Any) -> None:
    register_pack(settings, settings.pack_folder)
    import_rules(settings)
