"""Tasks that are late are told up: a line in the log for each step, once, however many look at the same time.

Whether one is late is asked of the task as it is when its row is locked: a step that another process wrote, or that was
written before a restart, is seen there. Who is told follows from the line (``planning``).
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from ops_center.domain.text import Label
from ops_center.domain.time import SECOND_US, Clock
from ops_center.incidents.acts import told
from ops_center.incidents.incident import LED, Act, Change, Refusal
from ops_center.incidents.task import TaskChange, escalate
from ops_center.store.incident_port import Locked, Standing, Work
from ops_center.store.port import Store

log = structlog.get_logger(__name__)

_LOOK_EVERY_US = 10 * SECOND_US
"""a step is late by no more than this; the shortest time of a task is a minute"""
_NOTHING = Refusal("same", Label("没有逾期的任务", "no task is late"))


class Escalations:
    """Looks at what is open every few seconds; safe to run in several processes. Raises StoreError."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._next_us = 0

    def turn(self) -> int:
        """Tell of what has become late; return how many steps were taken."""
        now_us = self._clock.now_us()
        if now_us < self._next_us:
            return 0
        self._next_us = now_us + _LOOK_EVERY_US
        late = [one.incident.id for one in self._store.incidents.open().standing if _late(one, now_us)]
        return sum(self._take_steps(incident, now_us) for incident in late)

    def _take_steps(self, incident: int, now_us: int) -> int:
        def act(locked: Locked) -> Work | Refusal:
            found = locked.standing.get(incident)
            changes = _late(found, now_us) if found else []
            return _work(found, changes, now_us) if found and changes else _NOTHING

        made = self._store.incidents.command([incident], act, None)
        if isinstance(made, Refusal):
            return 0
        log.info("incidents.tasks_late", incident=incident, tasks=[task.id for task in made.tasks])
        return len(made.tasks)


def _late(standing: Standing, now_us: int) -> list[TaskChange]:
    """Return the tasks of an incident that somebody leads which go one step up now."""
    if standing.incident.state not in LED:
        return []
    return [change for task in standing.tasks if (change := escalate(task, now_us))]


def _work(standing: Standing, changes: Sequence[TaskChange], now_us: int) -> Work:
    incident, written = standing.incident, list[Change]()
    for change in changes:
        written.append(told(incident, Act.TASK, "", now_us, "", change.said))
        incident = written[-1].incident
    return Work(tuple(written), tuple(change.task for change in changes))
