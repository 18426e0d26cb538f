"""What a crew in the field sees and says: its unit, its tasks by their deadline, and what becomes of them.

Everything that is done to incidents goes through the incident desk; here it is said in the few words of a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.incidents.incident import Incident, Refusal
from ops_center.incidents.parts import Assignment
from ops_center.incidents.task import Stage, Task
from ops_center.services.attachments import as_attachment
from ops_center.services.field.acts import FieldAct, commands_of
from ops_center.services.field.units import Units
from ops_center.services.incidents.commands import Command
from ops_center.services.incidents.rights import FIELD, UNKNOWN
from ops_center.services.incidents.room import IncidentRoom
from ops_center.store.alarm_port import Attachment, DeskStore
from ops_center.store.incident_port import Standing

MOST_TASKS = 200
_SHOWN = frozenset({Stage.ASSIGNED, Stage.ACCEPTED, Stage.UNDER_WAY, Stage.REPORTED})
_PAST = frozenset({"done", "same"})
"""codes of refusals that say: it is so already"""
_NO_UNIT = Refusal("unit", Label("请先上岗", "sign on to a unit first"))
_PICTURE = Refusal("kind", Label("只接受照片", "only photos are taken"))


@dataclass(frozen=True, slots=True)
class FieldTask:
    """A task, where it belongs, and what the crew's unit does for it."""

    task: Task
    incident: Incident
    sent: Assignment | None = None
    mine: bool = False
    """accepted by who asks, given to them by name, or their unit was sent for it"""


class FieldDesk:
    """Safe to use from any thread. Raises StoreError where it asks the store."""

    def __init__(self, units: Units, room: IncidentRoom, files: DeskStore) -> None:
        self.units = units
        self.room = room
        self._files = files

    def tasks(self, asker: Asker, unit: str) -> Sequence[FieldTask]:
        """Return what ``asker`` may have to do, by its deadline: theirs, and what their department is yet to accept."""
        found = [one for standing in self.room.desk.board(asker) for one in _tasks_of(asker, unit, standing)]
        return sorted(found, key=_deadline)[:MOST_TASKS]

    def do(self, asker: Asker, said: FieldAct) -> Refusal | None:
        """Do what a crew says; None: it is done, now or before."""
        standing = self.room.desk.one(asker, said.incident)
        if standing is None:
            return UNKNOWN
        held = self.units.signed_on(asker)
        commands = list(commands_of(said, standing.incident, held.unit if held else ""))
        if not commands:
            return _NO_UNIT
        first, *others = commands
        if refused := self._command(asker, said.incident, first):
            return refused
        for command in others:
            self._command(asker, said.incident, command)  # what the unit can't do keeps nobody from the task
        return None

    def _command(self, asker: Asker, incident: int, command: Command) -> Refusal | None:
        """Do a command; None: it is done, also where it was done before."""
        answer = self.room.desk.do(asker, incident, command)
        return answer if isinstance(answer, Refusal) and answer.code not in _PAST else None

    def photo(self, asker: Asker, said: FieldAct, held: bytes) -> str | Refusal:
        """Keep a photo and add it to a task; return the hash under which it is kept."""
        file = as_attachment(held)
        if not isinstance(file, Attachment):
            return Refusal(file.code, file.label)
        if not file.kind.startswith("image/"):
            return _PICTURE
        standing = self.room.desk.one(asker, said.incident)
        if standing is None:
            return UNKNOWN
        # Before the log names it; a file that no line names does no harm.
        self._files.keep_attachment(file, asker.account)
        return self.do(asker, replace(said, act="photo", files=(file.hash,))) or file.hash

    def file(self, asker: Asker, incident: int, digest: str) -> Attachment | None:
        """Return a file of an incident or of its tasks; None: there is none that ``asker`` may see."""
        found = self.room.desk.file(asker, incident, digest)
        return found[0] if found else None


def _tasks_of(asker: Asker, unit: str, standing: Standing) -> list[FieldTask]:
    incident = standing.incident
    sent = {one.task: one for one in incident.units if one.unit == unit and one.is_held} if unit else {}
    found = []
    for task in standing.tasks:
        mine = task.person == asker.account or task.id in sent
        open_to_all = not task.person and _is_of_department(asker, task, incident)
        if task.stage in _SHOWN and (mine or open_to_all):
            found.append(FieldTask(task, incident, sent.get(task.id), mine))
    return found


def _is_of_department(asker: Asker, task: Task, incident: Incident) -> bool:
    """Return whether the task is for the very department of who asks; who commands all has the board for that."""
    own = [one for one in asker.grants if one.role in FIELD.change and one.department == task.department]
    return any(one.district in {None, incident.district} for one in own)


def _deadline(one: FieldTask) -> tuple[bool, int, int]:
    """Return what sorts: what is reported comes last, else what is due first."""
    task = one.task
    due_us = task.accept_by_us if task.stage is Stage.ASSIGNED else task.done_by_us
    return task.stage is Stage.REPORTED, due_us, task.id
