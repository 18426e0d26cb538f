"""How incidents were responded to, out of the store and in memory: what indicators of the response are made of."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator

import structlog

from ops_center.domain.errors import StoreError
from ops_center.domain.time import DAY_US, MINUTE_US, Clock
from ops_center.incidents.incident import Incident, Outcome
from ops_center.incidents.task import DONE, Stage, Task
from ops_center.indicators.response import Response, Span, Step
from ops_center.store.incident_port import IncidentQuery, IncidentStore, Standing

log = structlog.get_logger(__name__)

_FRESH_S = 5.0
_KEPT_DAYS = 92
"""incidents reported before are no longer looked at, unless they change"""
_PAGE = 500
_COUNTED = frozenset(Stage) - {Stage.CANCELLED}


class ResponseBoard:
    """What is known of the last three months, at most five seconds old; safe to use from any thread."""

    def __init__(self, store: IncidentStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._lock = threading.Lock()
        self._standing: dict[int, Standing] = {}
        self._seq: int | None = None
        self._made: Response | None = None
        self._read_s = -_FRESH_S

    def newest(self) -> Response | None:
        """Return what was known last; None where nothing was ever read. Tasks run out of time without a change."""
        with self._lock:
            if time.monotonic() - self._read_s > _FRESH_S:
                self._read_s = time.monotonic()
                try:
                    self._read()
                except StoreError as error:
                    log.warning("response.cannot_read", why=str(error))
                if self._seq is not None:
                    self._made = response_of(self._standing.values(), self._clock.now_us())
            return self._made

    def _read(self) -> None:
        if self._seq is None:
            picture = self._store.open()
            since_us = self._clock.now_us() - _KEPT_DAYS * DAY_US
            read = {one.incident.id: one for one in _since(self._store, since_us)}
            self._standing = read | {one.incident.id: one for one in picture.standing}
            self._seq = picture.seq
        while (picture := self._store.changes(self._seq)).seq > self._seq:
            self._standing |= {one.incident.id: one for one in picture.standing}
            self._seq = picture.seq


def read_response(store: IncidentStore, since_us: int, now_us: int) -> Response:
    """Return what is known of the incidents reported since. Raises StoreError."""
    return response_of(_since(store, since_us), now_us)


def response_of(standing: Iterable[Standing], now_us: int) -> Response:
    """Return incidents as indicators ask for them."""
    held = list(standing)
    spans = tuple(_span(one.incident) for one in held)
    return Response(spans, tuple(step for one in held for step in _steps(one, now_us)))


def _since(store: IncidentStore, since_us: int) -> Iterator[Standing]:
    before: int | None = None
    while page := store.search(IncidentQuery(since_us=since_us, before=before, limit=_PAGE)):
        yield from store.find([one.id for one in page])
        before = page[-1].id


def _span(one: Incident) -> Span:
    handled = one.outcome not in {Outcome.FALSE, Outcome.MERGED}
    return Span(one.id, int(one.level), one.district, one.departments, one.reported_us, one.closed_us, handled)


def _steps(standing: Standing, now_us: int) -> Iterator[Step]:
    one = standing.incident
    if one.verified_us:
        minutes = (one.verified_us - one.reported_us) / MINUTE_US
        yield Step(one.id, "verify", one.district, one.departments, one.verified_us, minutes)
    for unit in one.units:
        if unit.arrived_us:
            minutes = (unit.arrived_us - unit.assigned_us) / MINUTE_US
            yield Step(one.id, "arrive", one.district, one.departments, unit.arrived_us, minutes)
    for task in standing.tasks:
        if task.begins_us and task.stage in _COUNTED:
            yield from _of_task(one, task, now_us)


def _of_task(one: Incident, task: Task, now_us: int) -> Iterator[Step]:
    doing = (task.department,)
    if task.accepted_us:
        minutes = (task.accepted_us - task.begins_us) / MINUTE_US
        yield Step(one.id, "accept", one.district, doing, task.accepted_us, minutes)
    done_us = task.reported_us if task.stage in DONE else 0
    if 0 < done_us <= task.done_by_us:
        yield Step(one.id, "task", one.district, doing, done_us, 100.0)
    elif now_us > task.done_by_us:
        yield Step(one.id, "task", one.district, doing, task.done_by_us, 0.0)
