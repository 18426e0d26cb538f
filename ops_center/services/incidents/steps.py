"""One command while it is done: the incident as it becomes, step by step, with the lines and tasks that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.incidents import acts, task
from ops_center.incidents.acts import Answer
from ops_center.incidents.incident import Act, Change, Refusal
from ops_center.incidents.task import Answer as TaskAnswer
from ops_center.incidents.task import Task, TaskChange
from ops_center.store.alarm_port import Attachment
from ops_center.store.incident_port import Locked, Standing, Work

NO_TASK = Refusal("task", Label("没有这项任务", "there is no such task"))


class Refused(Exception):
    """The command can't be done; nothing of it is."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.label.en)
        self.refusal = refusal


class Steps:
    """What a command has made so far. Belongs to one transaction; each step raises Refused where it can't be done."""

    def __init__(self, asker: Asker, now_us: int, locked: Locked, standing: Standing) -> None:
        self.asker = asker
        self.now_us = now_us
        self.locked = locked
        self.incident = standing.incident
        self.tasks: dict[int, Task] = {one.id: one for one in standing.tasks}
        self._touched: dict[int, Task] = {}
        self._changes: list[Change] = []
        self._files: list[Attachment] = []

    @property
    def who(self) -> str:
        """Return the account that commands."""
        return self.asker.account

    def take(self, answer: Answer) -> None:
        """Go on from what an act returned."""
        if isinstance(answer, Refusal):
            raise Refused(answer)
        if answer.incident.id == self.incident.id:
            self.incident = answer.incident
        self._changes.append(answer)

    def keep(self, file: Attachment) -> None:
        """Keep the bytes that a line names, in the same transaction."""
        self._files.append(file)

    def task(self, number: int) -> Task:
        """Return a task of the incident."""
        if number not in self.tasks:
            raise Refused(NO_TASK)
        return self.tasks[number]

    def take_task(self, answer: TaskAnswer, at_us: int | None = None) -> None:
        """Go on from what became of a task: its line, of when it happened, and those that can begin now."""
        if isinstance(answer, Refusal):
            raise Refused(answer)
        self._tell(answer, self.who, at_us)
        for ready in task.begin_ready(tuple(self.tasks.values()), self.now_us):
            self._tell(ready, "")

    def give(self, given: Task) -> None:
        """Give a new task; it gets its number here."""
        numbered = replace(given, id=self.locked.next_task())
        self._tell(
            TaskChange(numbered, "given", detail={"department": given.department, "person": given.person}), self.who
        )

    def move_task(self, moved: Task, into: int) -> None:
        """Hand a task over to another incident; that they were merged is the line that says so."""
        self.tasks.pop(moved.id, None)
        self._touched[moved.id] = replace(moved, incident=into, version=moved.version + 1)

    def join(self, *departments: str) -> None:
        """Have departments take part that are given something to do: else they wouldn't see it."""
        new = tuple(one for one in dict.fromkeys(departments) if one and one not in self.incident.departments)
        if new:
            all_of_them = (*self.incident.departments, *new)
            facts: Mapping[str, object] = {"departments": all_of_them}
            self.take(acts.change(self.incident, self.who, self.now_us, self.incident.version, facts))

    def work(self) -> Work:
        """Return what is to be written."""
        return Work(tuple(self._changes), tuple(self._touched.values()), tuple(self._files))

    def _tell(self, change: TaskChange, who: str, at_us: int | None = None) -> None:
        now = change.task
        self.tasks[now.id] = self._touched[now.id] = now
        happened_us = self.now_us if at_us is None else at_us
        self.take(acts.told(self.incident, Act.TASK, who, happened_us, change.text, change.said))
