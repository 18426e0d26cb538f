"""Situation reports: live as long as nobody issued them, then frozen with number, author and time.

The document is made by ``incidents.report``; what is issued holds both languages and the map picture, so that it can be
shown and printed for ever without anything else. Called by the report's page and by ``/api``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import msgspec

from alerts.alarm import Alarm
from ops_center.city.pack import CityPack
from ops_center.city.scope_names import scope_names
from ops_center.domain.audit import by
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Rights, Role
from ops_center.domain.role_words import shown_name
from ops_center.domain.text import LANGUAGES, Label, Language
from ops_center.domain.time import Clock, in_zone
from ops_center.incidents.incident import Incident, Refusal
from ops_center.incidents.report import MOST_LINES, Sensor, Told, make_report
from ops_center.incidents.report_document import Document
from ops_center.incidents.report_words import Names
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.incidents.report_map import Seen, draw_map
from ops_center.services.incidents.rights import INCIDENTS
from ops_center.services.plans import PlanDesk
from ops_center.store.incident_port import Locked, LogLine, Standing, Work
from ops_center.store.port import Store
from ops_center.store.report_port import Issued, Issuing

REPORTS = Rights(see=INCIDENTS.see - {Role.DISPLAY}, change=INCIDENTS.change)
"""which incidents, the desk of incidents says"""
LONGEST_OUTLOOK = 2000
_MOST_SENSORS = 40
_PAGE = 1000
_MOST_PAGES = 20

_UNKNOWN = Refusal("unknown", Label("没有这起事件", "there is no such incident"))
_NOT_YOURS = Refusal("forbidden", Label("无权签发这起事件的快报", "your roles issue no report of this incident"))
_LONG = Refusal(
    "outlook",
    Label(f"研判不超过{LONGEST_OUTLOOK}字", f"an outlook has at most {LONGEST_OUTLOOK} characters"),
)


class Report(msgspec.Struct, frozen=True):
    """A report in both languages with its pictures: what is frozen."""

    documents: dict[str, Document]
    pictures: dict[str, str]
    """SVG"""
    version: int
    """of the incident that it was made from"""

    def of(self, language: Language) -> tuple[Document, str]:
        """Return document and picture in one language."""
        return self.documents[language], self.pictures[language]


class IncidentReader(Protocol):
    """What is asked of the desk of incidents."""

    def one(self, asker: Asker, number: int, /) -> Standing | None:
        """Return an incident that asker may see."""
        ...

    def log(self, asker: Asker, number: int, after_id: int = 0, limit: int = 1000, /) -> Sequence[LogLine]:
        """Return lines of its log."""
        ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a report gets what it says."""

    pack: CityPack
    store: Store
    alarms: AlarmRoom
    plans: PlanDesk
    realm: Realm
    clock: Clock
    units: Callable[[Asker, Incident], Sequence[Seen]]
    """units of an incident where they are now"""
    note: Callable[[Asker, int, int, Locked], Work | Refusal]
    """the line of an incident's log that a report of a number was issued, or why it isn't, as the incident is then"""
    may_issue: Callable[[Asker, Incident], bool]


class ReportDesk:
    """The situation reports of one realm; safe to use from any thread."""

    def __init__(self, incidents: IncidentReader, sources: Sources) -> None:
        self._incidents = incidents
        self._from = sources

    def live(self, asker: Asker, incident: int) -> Report | None:
        """Return the report as it would be now; None: there is no such incident for who asks. Raises StoreError."""
        standing = self._incidents.one(asker, incident)
        return None if standing is None else self._made(asker, standing, 0, "", self._from.clock.now_us())

    def may_issue(self, asker: Asker, incident: int) -> bool:
        """Return whether who asks may issue one."""
        standing = self._incidents.one(asker, incident)
        return standing is not None and self._from.may_issue(asker, standing.incident)

    def issue(self, asker: Asker, incident: int, outlook: str = "") -> Issued | Refusal:
        """Freeze the report as it is now, with what its author expects; the log says so, or nothing is done."""
        standing = self._incidents.one(asker, incident)
        if standing is None:
            return _UNKNOWN
        if not self._from.may_issue(asker, standing.incident):
            return _NOT_YOURS
        if len(outlook) > LONGEST_OUTLOOK:
            return _LONG
        now_us = self._from.clock.now_us()
        make = partial(self._frozen, asker, standing, outlook.strip(), now_us)

        def tell(locked: Locked, number: int) -> Work | Refusal:
            return self._from.note(asker, incident, number, locked)

        issuing = Issuing(incident, asker.account, now_us, make, tell)
        return self._from.store.reports.issue(issuing, by(asker, now_us, "incident.report_issued", f"{incident}"))

    def issued(self, asker: Asker, incident: int) -> Sequence[Issued]:
        """Return the reports of an incident that were issued, newest first; () where who asks may not see it."""
        if self._incidents.one(asker, incident) is None:
            return ()
        return self._from.store.reports.issued(incident)

    def read(self, asker: Asker, incident: int, number: int) -> Report | None:
        """Return a report as it was issued; None: there is none, or not for who asks."""
        if self._incidents.one(asker, incident) is None:
            return None
        content = self._from.store.reports.content(incident, number)
        return None if content is None else msgspec.json.decode(content, type=Report)

    # ---- making ----

    def _frozen(self, asker: Asker, standing: Standing, outlook: str, now_us: int, number: int) -> bytes:
        return msgspec.json.encode(self._made(asker, standing, number, outlook, now_us))

    def _made(self, asker: Asker, standing: Standing, number: int, outlook: str, now_us: int) -> Report:
        incident, zone = standing.incident, self._from.pack.manifest.timezone
        lines = whole_log(self._incidents, asker, incident.id)
        told = Told(
            incident=incident, tasks=standing.tasks, lines=lines[-MOST_LINES:], names=self._names(incident),
            city=self._from.pack.manifest.name, clock=lambda us: f"{in_zone(us, zone):%Y-%m-%d %H:%M}", now_us=now_us,
            sensors=self._sensors(asker, incident), banner=self._from.realm.banner, number=number,
            author=asker.account if number else "", outlook=outlook, lines_before=max(0, len(lines) - MOST_LINES),
        )  # fmt: skip
        seen = self._from.units(asker, incident)
        documents: dict[str, Document] = {language: make_report(told, language) for language in LANGUAGES}
        pictures: dict[str, str] = {
            language: draw_map(self._from.pack, incident, seen, language) for language in LANGUAGES
        }
        return Report(documents, pictures, incident.version)

    def _names(self, incident: Incident) -> Names:
        names = scope_names(self._from.pack)
        people = {one.name: shown_name(one.display_name or one.name) for one in self._from.store.accounts.list()}
        types = {code: one.name for code, one in self._from.plans.tree.types.items()}
        plans = {name: plan.label.label() for name, (plan, _) in self._from.plans.all().items()}
        return Names(people, names.departments, names.districts, types, plans, _unit_names(self._from.pack))

    def _sensors(self, asker: Asker, incident: Incident) -> Sequence[Sensor]:
        """Return the sensors whose alarms belong to it, those that who asks may see."""
        found: dict[int, Sensor] = {}
        for number in incident.alarms[:_MOST_SENSORS]:
            alarm = self._from.alarms.desk.find(asker, number)
            if alarm is not None:
                found[alarm.id] = self._sensor(alarm)
        return tuple(found.values())

    def _sensor(self, alarm: Alarm) -> Sensor:
        words = self._from.alarms.words
        label, name, row = words.label(alarm), words.thing_name(alarm), words.row(alarm)
        value = f"{alarm.value:g} {row.get('unit') or ''}".strip() if alarm.value == alarm.value else "—"
        limit = f"{alarm.limit:g}" if alarm.limit == alarm.limit else "—"
        reading = Label(f"{label.zh}：{value}（限值 {limit}）", f"{label.en}: {value} (limit {limit})")
        return Sensor(name or label, reading, alarm.changed_us)


def _unit_names(pack: CityPack) -> Mapping[str, Label]:
    rows = pack.table("units")[["unit_id", "name_zh", "name_en"]].to_dict("records")
    return {
        str(row["unit_id"]): Label(row["name_zh"] or row["unit_id"], row["name_en"] or row["unit_id"]) for row in rows
    }


def whole_log(incidents: IncidentReader, asker: Asker, incident: int) -> Sequence[LogLine]:
    """Return the log of an incident, as far as anybody reads: the first 20,000 lines. Raises StoreError."""
    found: list[LogLine] = []
    for _ in range(_MOST_PAGES):
        page = incidents.log(asker, incident, found[-1].id if found else 0, _PAGE)
        found += page
        if len(page) < _PAGE:
            break
    return found
