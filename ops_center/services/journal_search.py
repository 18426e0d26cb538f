"""What is looked for in the journal, from words that people type or addresses carry: for the page and its export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from alerts.alarm import Act
from ops_center.domain.catalog import Catalog
from ops_center.domain.rights import PICTURE, Asker, Rights, Role
from ops_center.domain.time import DAY_US, HOUR_US
from ops_center.services.alarms import AlarmDesk
from ops_center.store.alarm_port import JournalLine, JournalQuery

JOURNAL = Rights(see=PICTURE - {Role.DISPLAY})
"""what is cut by department and district as alarms are; nobody stands before a wall to read it"""
PERIODS_US: Mapping[str, int | None] = {
    "hour": HOUR_US,
    "day": DAY_US,
    "week": 7 * DAY_US,
    "month": 31 * DAY_US,
    "all": None,
}
MOST_EXPORTED = 200_000
"""lines of one export; who wants more takes a shorter time"""
_PAGE = 1000
_LONGEST = 200
_ACTS = {act.value: act for act in Act}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for, as it was typed."""

    period: str = "day"
    act: str = ""
    actor: str = ""
    rule: str = ""
    thing: str = ""
    """its id, or part of its name"""
    alarm: str = ""
    since_us: int | None = None
    until_us: int | None = None
    """a period of its own, in the place of ``period``"""

    @classmethod
    def parse(cls, given: Mapping[str, object]) -> Wanted:
        """Return what a browser says; what it may not say is taken for nothing."""

        def text(name: str) -> str:
            value = given.get(name)
            return value.strip()[:_LONGEST] if isinstance(value, str) else ""

        since, until = _time(given.get("since")), _time(given.get("until"))
        period = text("period") if text("period") in PERIODS_US else "day"
        act = text("act") if text("act") in _ACTS else ""
        return cls(
            period, act, text("actor").lower(), text("rule"), text("thing"), text("alarm").lstrip("#"), since, until
        )

    def query(self, catalog: Catalog, now_us: int) -> JournalQuery | None:
        """Return the question to the store; None: nothing can fit, since no such thing or alarm is known."""
        thing, alarm = None, None
        if self.thing:
            thing = thing_of(self.thing, catalog)
            if thing is None:
                return None
        if self.alarm:
            if not self.alarm.isascii() or not self.alarm.isdigit() or len(self.alarm) > 18:
                return None
            alarm = int(self.alarm)
        period_us = PERIODS_US[self.period]
        since_us = self.since_us if self.since_us is not None else None if period_us is None else now_us - period_us
        return JournalQuery(
            alarm=alarm,
            rule=self.rule or None,
            thing=thing,
            acts=(_ACTS[self.act],) if self.act else None,
            actor=self.actor or None,
            since_us=since_us,
            until_us=self.until_us,
        )


def thing_of(text: str, catalog: Catalog) -> int | None:
    """Return the key of the thing that ``text`` names: by its id, else by its name, whole or in part."""
    wanted, part = text.lower(), None
    for key, thing in catalog.things.items():
        names = (thing.thing_id.lower(), thing.name.zh.lower(), thing.name.en.lower())
        if wanted in names:
            return key
        if part is None and any(wanted in name for name in names):
            part = key
    return part


def lines_of(desk: AlarmDesk, asker: Asker, query: JournalQuery) -> Iterator[JournalLine]:
    """Yield the lines that fit, the newest first, a page at a time; MOST_EXPORTED at most."""
    before, told = query.before, 0
    while told < MOST_EXPORTED:
        page = desk.journal(asker, replace(query, before=before, limit=_PAGE))
        yield from page
        told += len(page)
        if len(page) < _PAGE:
            return
        before = page[-1].id


def _time(value: object) -> int | None:
    try:
        found = int(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except ValueError:
        return None
    return found if found is not None and 0 < found < 2**53 else None
