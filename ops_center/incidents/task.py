"""A task of an incident, and what people do to it: accepted, refused with a reason, reported done, verified.

Pure. Tasks come from a plan (``plan``) or are given by hand. One waits until those before it are done; its times count
from when it can begin. Who is late is known from the times alone; nothing has to tick for it.

::

    waiting ──► assigned ──► accepted ──► under_way ──► reported ──► verified
                   │ refuse      │             ▲            │ send back
                   ▼             ▼             └────────────┘
                refused      (any of them) cancelled
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ops_center.domain.text import Label
from ops_center.domain.time import MINUTE_US
from ops_center.incidents.incident import Refusal

LONGEST_TEXT = 4000


class Stage(StrEnum):
    """Where a task stands."""

    WAITING = "waiting"
    """for others to be done"""
    ASSIGNED = "assigned"
    """nobody has said that they do it"""
    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    REPORTED = "reported"
    """done, says who did it"""
    VERIFIED = "verified"
    """done, says who gave it"""
    REFUSED = "refused"
    """wants another"""
    CANCELLED = "cancelled"

    @property
    def label(self) -> Label:
        """Return its name."""
        return _LABELS[self]


_LABELS = {
    Stage.WAITING: Label("等待前置", "waiting"),
    Stage.ASSIGNED: Label("待接受", "assigned"),
    Stage.ACCEPTED: Label("已接受", "accepted"),
    Stage.UNDER_WAY: Label("执行中", "under way"),
    Stage.REPORTED: Label("已上报完成", "reported done"),
    Stage.VERIFIED: Label("已核验", "verified"),
    Stage.REFUSED: Label("已拒绝", "refused"),
    Stage.CANCELLED: Label("已取消", "cancelled"),
}

DONE = frozenset({Stage.REPORTED, Stage.VERIFIED})
"""what follows may begin"""
OVER = frozenset({Stage.VERIFIED, Stage.CANCELLED})
"""nothing is left to be done about it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task as it is now. Times are µs UTC; 0 where it never happened or isn't known."""

    id: int
    incident: int
    version: int = 1
    step: str = ""
    """id of the step of the plan that it came from; "" given by hand"""
    after: tuple[str, ...] = ()
    """steps of the same plan that are done before it"""
    title: Label
    text: Label | None = None
    """what to do, in the words of the plan"""
    stage: Stage = Stage.WAITING
    department: str
    """code of the organisation that does it: of the city, a district, a street"""
    person: str = ""
    """account; "" whoever of the department"""
    accept_minutes: float
    """how long there is to accept it, once it can begin"""
    done_minutes: float
    """how long there is to have it done, once it can begin"""
    given_us: int
    """when it was made"""
    begins_us: int = 0
    """when it could begin: its times count from here"""
    accepted_us: int = 0
    started_us: int = 0
    reported_us: int = 0
    verified_us: int = 0
    refused_reason: str = ""
    result: str = ""
    """what who did it reports"""
    files: tuple[str, ...] = ()
    escalated: int = 0
    """how many steps up it was told"""
    keys: tuple[str, ...] = ()
    """of the last commands from the field that were done to it: one that comes again is known (``field``)"""

    @property
    def accept_by_us(self) -> int:
        """Return until when it is to be accepted; 0 while it waits."""
        return self.begins_us + round(self.accept_minutes * MINUTE_US) if self.begins_us else 0

    @property
    def done_by_us(self) -> int:
        """Return until when it is to be done; 0 while it waits."""
        return self.begins_us + round(self.done_minutes * MINUTE_US) if self.begins_us else 0

    def is_overdue(self, now_us: int) -> bool:
        """Return whether it is late: not accepted in time, or not reported in time."""
        return self.late_us > 0 and now_us > self.late_us

    @property
    def late_us(self) -> int:
        """Return from when on it is late as it stands; 0: it can't be."""
        if self.stage in {Stage.ASSIGNED, Stage.REFUSED}:
            return min(self.accept_by_us, self.done_by_us)
        return self.done_by_us if self.stage in {Stage.ACCEPTED, Stage.UNDER_WAY} else 0

    @property
    def is_over(self) -> bool:
        """Return whether nothing is left to be done about it."""
        return self.stage in OVER


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What became of a task, in words for the incident's log."""

    task: Task
    did: str
    """``accepted``, ``refused`` …"""
    text: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def said(self) -> dict[str, object]:
        """What the line of the log holds: the task by number and title, as it was called then."""
        title = {"zh": self.task.title.zh, "en": self.task.title.en}
        return {"task": self.task.id, "did": self.did, "title": title, **self.detail}


Answer = TaskChange | Refusal
_REASON = Refusal("reason", Label("须填写理由", "a reason is wanted"))
_TEXT = Refusal("text", Label(f"文字不超过{LONGEST_TEXT}字", f"a text has at most {LONGEST_TEXT} characters"))


def given(
    incident: int, words: tuple[str, str], whose: tuple[str, str], minutes: tuple[float, float], now_us: int
) -> Task | Refusal:
    """Return a task that somebody gives by hand, without its id; it can begin at once.

    ``words``: title and text; ``whose``: department and person; ``minutes``: to accept it, to have it done.
    """
    title, text = words
    if not title.strip():
        return Refusal("title", Label("须填写任务名称", "a title is wanted"))
    if minutes[0] > minutes[1]:
        return Refusal("minutes", Label("接受时限不能长于完成时限", "it is to be accepted before it is to be done"))
    return Task(
        id=0, incident=incident, title=Label(title, title), text=Label(text, text) if text.strip() else None,
        stage=Stage.ASSIGNED, department=whose[0], person=whose[1], accept_minutes=minutes[0], done_minutes=minutes[1],
        given_us=now_us, begins_us=now_us,
    )  # fmt: skip


def accept(task: Task, who: str, now_us: int) -> Answer:
    """Say that one does it; what somebody else accepted stays theirs."""
    return _moved(task, {Stage.ASSIGNED}, Stage.ACCEPTED, {"accepted_us": now_us, "person": who})


def refuse(task: Task, reason: str) -> Answer:
    """Say that one can't; it waits for another department or person."""
    if not reason.strip():
        return _REASON
    before = {Stage.ASSIGNED, Stage.ACCEPTED, Stage.UNDER_WAY}
    return _moved(task, before, Stage.REFUSED, {"refused_reason": reason, "person": ""}, reason)


def start(task: Task, who: str, now_us: int) -> Answer:
    """Say that it is under way; what nobody accepted is accepted by it."""
    changes = {"started_us": now_us, "accepted_us": task.accepted_us or now_us, "person": who}
    return _moved(task, {Stage.ASSIGNED, Stage.ACCEPTED}, Stage.UNDER_WAY, changes)


def report_done(task: Task, who: str, now_us: int, result: str, files: Iterable[str] = ()) -> Answer:
    """Say that it is done, with what came of it."""
    if not result.strip() or len(result) > LONGEST_TEXT:
        return _TEXT if len(result) > LONGEST_TEXT else Refusal("result", Label("须填写结果", "a result is wanted"))
    changes = {
        "reported_us": now_us, "result": result, "files": tuple(dict.fromkeys((*task.files, *files))),
        "accepted_us": task.accepted_us or now_us, "started_us": task.started_us or now_us,
        "person": task.person or who,
    }  # fmt: skip
    return _moved(task, {Stage.ASSIGNED, Stage.ACCEPTED, Stage.UNDER_WAY}, Stage.REPORTED, changes, result)


def verify(task: Task, who: str, now_us: int) -> Answer:
    """Say that it is done indeed; nobody verifies what they did themselves."""
    if task.stage is Stage.REPORTED and who == task.person:
        return Refusal("own", Label("不能核验自己完成的任务", "nobody verifies what they did themselves"))
    return _moved(task, {Stage.REPORTED}, Stage.VERIFIED, {"verified_us": now_us})


def send_back(task: Task, reason: str) -> Answer:
    """Say that it isn't done; its time does not begin anew."""
    if not reason.strip():
        return _REASON
    return _moved(task, {Stage.REPORTED}, Stage.UNDER_WAY, {"reported_us": 0}, reason)


def assign(task: Task, now_us: int, department: str, person: str = "") -> Answer:
    """Give it to a department and perhaps a person; its time to accept begins anew, its time to be done does not."""
    if task.stage in DONE | OVER:
        return _wrong(task)
    if not department:
        return Refusal("department", Label("须指定部门", "a department is wanted"))
    if (department, person) == (task.department, task.person) and task.stage is not Stage.REFUSED:
        return Refusal("same", Label("没有变化", "nothing would change"))
    stage = Stage.WAITING if task.stage is Stage.WAITING else Stage.ASSIGNED
    gone = (now_us - task.begins_us) / MINUTE_US if task.begins_us else 0.0
    changes: dict[str, Any] = {"department": department, "person": person, "accepted_us": 0, "started_us": 0}
    changes |= {
        "refused_reason": "",
        "stage": stage,
        "accept_minutes": min(gone + task.accept_minutes, task.done_minutes),
    }
    if stage is Stage.WAITING:
        changes["accept_minutes"] = task.accept_minutes
    return TaskChange(_after(task, changes), "assigned", detail={"department": department, "person": person})


def cancel(task: Task, reason: str) -> Answer:
    """Take it back: it isn't needed any more."""
    if not reason.strip():
        return _REASON
    return _moved(task, set(Stage) - OVER, Stage.CANCELLED, {}, reason)


def begin_ready(tasks: Collection[Task], now_us: int) -> list[TaskChange]:
    """Return the waiting tasks that can begin now: no step before them is still to be done."""
    pending = {task.step for task in tasks if task.step and task.stage not in DONE | OVER}
    ready = [task for task in tasks if task.stage is Stage.WAITING and pending.isdisjoint(task.after)]
    return [TaskChange(_after(task, {"stage": Stage.ASSIGNED, "begins_us": now_us}), "begins") for task in ready]


def escalate(task: Task, now_us: int, most: int = 3) -> TaskChange | None:
    """Return the task told one step further up, where it is late by as often its time as it was told; None: not yet.

    A task of 30 minutes is told at 30, at 60 and at 90 minutes (assumed: a share of its own time, not a fixed one).
    """
    if not task.is_overdue(now_us) or task.escalated >= most:
        return None
    allowed = task.accept_minutes if task.stage in {Stage.ASSIGNED, Stage.REFUSED} else task.done_minutes
    if now_us - task.begins_us <= (task.escalated + 1) * allowed * MINUTE_US:
        return None
    step = task.escalated + 1
    return TaskChange(_after(task, {"escalated": step}), "escalated", detail={"step": step})


def _moved(task: Task, before: Collection[Stage], stage: Stage, changes: Mapping[str, Any], text: str = "") -> Answer:
    if task.stage not in before:
        return _wrong(task)
    if len(text) > LONGEST_TEXT:
        return _TEXT
    return TaskChange(_after(task, {"stage": stage, **changes}), stage.value, text)


def _after(task: Task, changes: Mapping[str, Any]) -> Task:
    return replace(task, version=task.version + 1, **changes)


def _wrong(task: Task) -> Refusal:
    now = task.stage.label
    return Refusal("stage", Label(f"任务当前为“{now.zh}”，不能这样做", f"the task is {now.en}: this can't be done now"))
