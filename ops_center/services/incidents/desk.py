"""The incident desk: what screens and ``/api`` ask about incidents, and what people do to them.

Who asks comes first, everywhere. A command is one transaction: the incident is judged as it is in that moment, and
incident, tasks, lines of the log and audit are written with it or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from ops_center.domain.audit import by
from ops_center.domain.errors import StoreError
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.incidents import acts, files
from ops_center.incidents.incident import Incident, Level, Refusal, State
from ops_center.incidents.parts import Attached
from ops_center.incidents.task import Task
from ops_center.services.incidents import commands as c
from ops_center.services.incidents.checking import Checks
from ops_center.services.incidents.doing import DOINGS, open_plan
from ops_center.services.incidents.known import Known
from ops_center.services.incidents.rights import NOT_YOURS, UNKNOWN, may_command, may_see, may_take_part, scopes_of
from ops_center.services.incidents.steps import Refused, Steps
from ops_center.services.incidents.watch import IncidentWatch
from ops_center.store.alarm_port import Attachment
from ops_center.store.incident_port import IncidentQuery, Locked, LogLine, Standing, Work
from ops_center.store.port import Store

_LONGEST_SAID = 200
"""of a text in the audit; the whole of it stands in the log"""


@dataclass(frozen=True, slots=True)
class IncidentDelta:
    """What somebody may see of what changed; ``complete``: it is everything there is, forget what you had."""

    seq: int
    open: Sequence[Standing]
    gone: Sequence[int]
    complete: bool


class IncidentDesk:
    """Safe to use from any thread. Reads of open incidents come from memory; the others wait for the database.

    Commands raise StoreError and StoreUnavailable; then nothing was done, unless the connection was lost while
    committing.
    """

    def __init__(self, store: Store, watch: IncidentWatch, known: Known, clock: Clock) -> None:
        self._store = store
        self._watch = watch
        self.known = known
        self._clock = clock
        self._checks = Checks(store, known, self.one)

    # ---- looking ----

    def board(self, asker: Asker) -> Sequence[Standing]:
        """Return the open incidents that ``asker`` may see, by id."""
        return [standing for standing in self._watch.open() if may_see(asker, standing.incident)]

    def one(self, asker: Asker, number: int) -> Standing | None:
        """Return an incident, closed ones too; None: there is none that ``asker`` may see."""
        found = self._store.incidents.find([number])
        return found[0] if found and may_see(asker, found[0].incident) else None

    def title(self, asker: Asker, number: int) -> Label | None:
        """Return what an incident is called, as its title says it; None: there is none that ``asker`` may see."""
        found = self.one(asker, number)
        return Label(found.incident.title, found.incident.title) if found else None

    def log(self, asker: Asker, number: int, after_id: int = 0, limit: int = 1000) -> Sequence[LogLine]:
        """Return lines of the activity log in their order; none of what ``asker`` may not see."""
        return () if self.one(asker, number) is None else self._store.incidents.log(number, after_id, limit)

    def search(self, asker: Asker, query: IncidentQuery) -> Sequence[Incident]:
        """Return incidents, closed ones too, newest first."""
        return self._store.incidents.search(replace(query, scopes=scopes_of(asker)))

    def standing(self, incidents: Sequence[Incident]) -> Sequence[Standing]:
        """Return incidents that were found with their tasks, in the same order."""
        found = {one.incident.id: one for one in self._store.incidents.find([one.id for one in incidents])}
        return [found[one.id] for one in incidents if one.id in found]

    def changes(self, asker: Asker, after_seq: int) -> IncidentDelta:
        """Return what changed behind ``after_seq`` of what ``asker`` may see; everything where that is too long ago.

        What left somebody's scope is gone for them, as what was closed.
        """
        found = self._watch.since(after_seq)
        if found is None:
            seq = self._watch.picture().seq
            return IncidentDelta(seq, self.board(asker), (), True)
        shown = [one for one in found.standing if not one.incident.is_closed and may_see(asker, one.incident)]
        kept = {one.incident.id for one in shown}
        gone = [one.incident.id for one in found.standing if one.incident.id not in kept]
        return IncidentDelta(found.seq, shown, gone, False)

    def may_change(self, asker: Asker, incident: Incident) -> bool:
        """Return whether ``asker`` may decide about it; who takes part may write and draw all the same."""
        return may_command(asker, incident)

    def may_take_part(self, asker: Asker, incident: Incident) -> bool:
        """Return whether ``asker`` may write, draw and send their own."""
        return may_take_part(asker, incident)

    # ---- doing ----

    def report(self, asker: Asker, given: c.Report) -> Standing | Refusal:
        """Take in a new incident; with ``open`` it is opened and its plan's tasks are given, all in one transaction."""
        if fault := self._checks.report(asker, given):
            return fault

        def make(locked: Locked) -> Steps:
            standing = Standing(self._reported(asker, given, locked.next_id))
            if not may_take_part(asker, standing.incident):
                raise Refused(NOT_YOURS)
            steps = Steps(asker, standing.incident.reported_us, locked, standing)
            steps.take(acts.report(standing.incident))
            if given.open:
                if not may_command(asker, steps.incident):
                    raise Refused(NOT_YOURS)
                steps.take(acts.open_(steps.incident, steps.who, steps.now_us, given.commander or steps.who))
                if given.plan:
                    open_plan(steps, self.known, given.plan)
            return steps

        said = {"type": given.type, "level": given.level, "title": given.title, "source": given.source}
        return self._command(asker, (), "incident.reported", said, make)

    def do(self, asker: Asker, number: int, command: Any) -> Standing | Refusal:
        """Do a command of ``commands.Command`` to an incident, as ``asker`` may; return it as it is then."""
        if fault := self._checks.command(asker, command):
            return fault
        ids = (number, command.into) if isinstance(command, c.Merge) else (number,)
        action = f"incident.{DOINGS[type(command)].action}"
        return self._command(asker, ids, action, _said(command), self._doing(asker, number, command))

    def note_report(self, asker: Asker, number: int, report: int, locked: Locked) -> Work | Refusal:
        """Return what says that a report was issued, as the incident is now; whoever freezes it writes both."""
        try:
            return self._doing(asker, number, c.ReportIssued(report=report))(locked).work()
        except Refused as refused:
            return refused.refusal

    def attach(self, asker: Asker, number: int, file: Attachment, name: str) -> Standing | Refusal:
        """Keep a file and add it to an incident: bytes, line and audit in one transaction. Who takes part may."""

        def act(steps: Steps) -> None:
            if not may_take_part(asker, steps.incident):
                raise Refused(NOT_YOURS)
            added = Attached(
                hash=file.hash, name=name, kind=file.kind, size=len(file.bytes), by=steps.who, at_us=steps.now_us
            )
            steps.take(files.attach(steps.incident, added))
            steps.keep(file)

        said = {"hash": file.hash, "name": name, "kind": file.kind}
        return self._command(asker, (number,), "incident.file_added", said, self._on(asker, number, act))

    def file(self, asker: Asker, number: int, digest: str) -> tuple[Attachment, str] | None:
        """Return a file of an incident or of its tasks, and its name; None: there is none that ``asker`` may see."""
        standing = self.one(asker, number)
        name = files.name_of(standing.incident, standing.tasks, digest) if standing else None
        found = self._store.desk.attachment(digest) if name is not None else None
        return (found, name) if found is not None and name is not None else None

    def _doing(self, asker: Asker, number: int, command: Any) -> Callable[[Locked], Steps]:
        """Return what does a command that ``asker`` may give."""
        doing = DOINGS[type(command)]

        def act(steps: Steps) -> None:
            if not doing.may(steps, command):
                raise Refused(NOT_YOURS)
            doing.does(steps, self.known, command)

        return self._on(asker, number, act)

    def _on(self, asker: Asker, number: int, act: Callable[[Steps], None]) -> Callable[[Locked], Steps]:
        """Return what does ``act`` to an incident that ``asker`` may see, once it is locked."""

        def make(locked: Locked) -> Steps:
            standing = locked.standing.get(number)
            if standing is None or not may_see(asker, standing.incident):
                raise Refused(UNKNOWN)
            steps = Steps(asker, self._clock.now_us(), locked, standing)
            act(steps)
            return steps

        return make

    def _command(
        self,
        asker: Asker,
        ids: Sequence[int],
        action: str,
        said: Mapping[str, object],
        make: Callable[[Locked], Steps],
    ) -> Standing | Refusal:
        made: list[Steps] = []

        def act(locked: Locked) -> Work | Refusal:
            made.clear()  # a transaction that is tried again begins anew
            try:
                made.append(make(locked))
            except Refused as refused:
                return refused.refusal
            return made[0].work()

        entry = by(asker, self._clock.now_us(), action, ",".join(map(str, ids)), detail=dict(said))
        written = self._store.incidents.command(ids, act, entry)
        if isinstance(written, Refusal):
            return written
        with suppress(StoreError):  # it is done; who did it reads it back from memory
            self._watch.look()
        return Standing(made[0].incident, _by_id(made[0].tasks.values()))

    def _reported(self, asker: Asker, given: c.Report, number: int) -> Incident:
        now_us = self._clock.now_us()
        places = tuple(one.place() for one in given.places)
        departments = dict.fromkeys((given.lead_department, *given.departments))
        incident = Incident(
            id=number, version=0, state=State.REPORTED, type=given.type, level=Level(given.level), title=given.title,
            description=given.description, source=given.source, occurred_us=given.occurred_us or now_us,
            reported_us=now_us, reported_by=asker.account, lead_department=given.lead_department,
            departments=tuple(code for code in departments if code), district=given.district, places=places,
            alarms=tuple(dict.fromkeys(given.alarms)), cameras=tuple(dict.fromkeys(given.cameras)),
        )  # fmt: skip
        if incident.district or incident.place is None:
            return incident
        return replace(incident, district=self.known.district(*incident.place))


def _by_id(tasks: Any) -> tuple[Task, ...]:
    return tuple(sorted(tasks, key=lambda one: one.id))


def _said(command: Any) -> dict[str, object]:
    """Return what the audit keeps of a command: what is short and plain, and which facts were meant."""
    given: dict[str, Any] = msgspec.structs.asdict(command)
    said = {name: one[:_LONGEST_SAID] if isinstance(one, str) else one for name, one in given.items()}
    plain = {name: one for name, one in said.items() if isinstance(one, str | int | float) and one not in {"", 0}}
    facts = given.get("facts")
    return plain | ({"facts": sorted(facts.values())} if isinstance(facts, c.Facts) else {})
