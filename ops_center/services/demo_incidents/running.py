"""What the course of an incident needs: a queue of what will happen, its log, its tasks, its words; pure."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count

from ops_center.domain.text import Label
from ops_center.domain.time import from_datetime, in_zone
from ops_center.domain.words import Words
from ops_center.incidents import acts
from ops_center.incidents.incident import Act, Change, Incident, Refusal
from ops_center.incidents.plan import Plan
from ops_center.incidents.task import Task, TaskChange
from ops_center.services.demo_incidents import times, wording
from ops_center.services.demo_incidents.form import filled, on_a_line
from ops_center.services.demo_incidents.occasions import Occasion, generator
from ops_center.services.demo_incidents.spots import Ground
from ops_center.store.incident_port import Locked, Work

_SHIFTS = (8, 20)


class Running:
    """An incident that runs: what is put into the queue is done in the order of its time."""

    def __init__(self, occasion: Occasion, ground: Ground, plan: Plan, seed: int, now_us: int) -> None:
        self._occasion, self._ground, self._plan, self._now_us = occasion, ground, plan, now_us
        self._chance = generator(seed, f"{occasion.key} course")
        self._queue: list[tuple[int, int, Callable[[int], None]]] = []
        self._order = count()
        self._tasks: dict[int, Task] = {}
        self._changes: list[Change] = []
        self._refused: tuple[Label, int] | None = None
        self._incident: Incident
        self._next_task: Callable[[], int]

    def work(self, locked: Locked) -> Work:
        """Return all of it, numbered as the store says."""
        self._next_task = locked.next_task
        self._begin(locked.next_id)
        while self._queue:
            at_us, _, act = heapq.heappop(self._queue)
            act(at_us)
        return Work(tuple(self._changes), tuple(self._tasks.values()))

    def _begin(self, number: int) -> None:
        """Report the incident; everything else follows."""
        raise NotImplementedError

    def _tell(self, answer: TaskChange | Refusal, who: str, at_us: int) -> None:
        if isinstance(answer, Refusal):
            raise ValueError(f"{self._occasion.key}: {answer.label.en}")
        self._tasks[answer.task.id] = answer.task
        self._keep(acts.told(self._incident, Act.TASK, who, at_us, answer.text, answer.said))

    def _keep(self, answer: Change | Refusal) -> None:
        if isinstance(answer, Refusal):
            raise ValueError(f"{self._occasion.key}: {answer.label.en}")
        self._incident = answer.incident
        self._changes.append(answer)

    def _after(self, at_us: int, spread: times.Spread, act: Callable[[int], None]) -> None:
        self._at(at_us + spread.draw_us(self._chance), act)

    def _at(self, at_us: int, act: Callable[[int], None]) -> None:
        heapq.heappush(self._queue, (at_us, next(self._order), act))

    def _next_shift(self, at_us: int) -> int:
        local = in_zone(at_us, self._ground.zone)
        days = (local + timedelta(days=ahead) for ahead in (0, 1))
        begins = [day.replace(hour=hour, minute=5, second=0, microsecond=0) for day in days for hour in _SHIFTS]
        return min(from_datetime(one) for one in begins if one > local)

    def _one_of(self, words: Sequence[Words]) -> str:
        return on_a_line(filled(wording.one_of(words, self._chance)))

    def _said(self, words: Words) -> Label:
        spot = self._occasion.spot
        return filled(words, place=spot.place, road=spot.road, goods=spot.goods)
