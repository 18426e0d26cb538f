"""Who saw and did what, from the pages' and routes' side: views are buffered, acts are written at once.

One :class:`Auditor` per web process; used by the gate, the screens and the routes from any thread. What changes
something in the store is written by the store in the same transaction and not here.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from ops_center.domain.audit import AuditEntry, Outcome, by
from ops_center.domain.audit_form import canonical_detail, storable
from ops_center.domain.errors import StoreError
from ops_center.domain.rights import Asker
from ops_center.domain.time import MINUTE_US, Clock
from ops_center.store.audit_port import AuditStore

log = structlog.get_logger(__name__)

QUEUED = 10_000
"""entries that wait at most while the database is away; of what comes then only the number is kept"""
_BATCH = 500
_EVERY_S = 1.0
_REMEMBERED = 10_000
"""different views within a minute that are counted; beyond that each is written"""
_WHAT = ("actor", "session", "action", "subject", "address", "outcome")
"""what makes a view another one, beside its detail"""
_FAREWELL = 5
"""attempts to write what is left when the process ends, a second apart"""


@dataclass(slots=True)
class _Seen:
    """A view that was written, and how often it came again since."""

    entry: AuditEntry
    again: int = 0
    last_us: int = 0

    def repetition(self) -> AuditEntry:
        detail = {**self.entry.detail, "again": self.again}
        return replace(self.entry, at_us=self.last_us, detail=detail)


class Auditor:
    """Writes the audit of one process; safe to use from any thread. ``saw`` never waits and never fails."""

    def __init__(self, store: AuditStore, clock: Clock, appended: Callable[[], None] = lambda: None) -> None:
        """``appended`` is called after every commit: who signs heads looks at once."""
        self._store = store
        self._clock = clock
        self._appended = appended
        self._lock = threading.Lock()
        self._queue: deque[AuditEntry] = deque()
        self._recent: dict[object, _Seen] = {}
        self._lost = 0
        self._lost_since_us = 0
        self._failed = False

    def saw(
        self,
        asker: Asker,
        action: str,
        subject: str = "",
        *,
        address: str = "",
        outcome: Outcome = "done",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Record that ``asker`` saw something (``page.seen``), searched, exported, or was denied it.

        Written within about a second. The same again within a minute is counted, and the number written when the
        minute is over. Not for what a page asks for by itself again and again.
        """
        now_us = self._clock.now_us()
        said = {} if detail is None else detail
        entry = storable(by(asker, now_us, action, subject, address=address, outcome=outcome, detail=said))
        key = (*(getattr(entry, name) for name in _WHAT), canonical_detail(entry.detail))
        with self._lock:
            seen = self._recent.get(key)
            if seen is not None and 0 <= now_us - seen.entry.at_us < MINUTE_US:
                seen.again, seen.last_us = seen.again + 1, now_us
                return
            if seen is not None and seen.again:
                self._enqueue(seen.repetition())
            if seen is not None or len(self._recent) < _REMEMBERED:
                self._recent[key] = _Seen(entry)
            self._enqueue(entry)

    def did(
        self,
        asker: Asker,
        action: str,
        subject: str = "",
        *,
        address: str = "",
        outcome: Outcome = "done",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Record an act that has no transaction of its own; it is in the database when this returns.

        May wait. Raises StoreUnavailable, StoreError: then it isn't recorded, and what it records must not happen.
        """
        said = {} if detail is None else detail
        entry = by(asker, self._clock.now_us(), action, subject, address=address, outcome=outcome, detail=said)
        self._store.append([entry])
        self._appended()

    @property
    def fault(self) -> str | None:
        """Return what is wrong with writing, for health; None: nothing."""
        if not self._failed:
            return None
        with self._lock:
            waiting, lost = len(self._queue), self._lost
        return f"the database takes no entries; {waiting} wait, {lost} are lost"

    def start(self, stop: threading.Event) -> threading.Thread:
        """Write in a thread of its own until ``stop``, then what is left; return the thread."""
        thread = threading.Thread(target=self.run, args=(stop,), name="auditor", daemon=True)
        thread.start()
        return thread

    def run(self, stop: threading.Event) -> None:
        """Take turns until ``stop``; then write what is left, if the database takes it within a few seconds."""
        while not stop.wait(_EVERY_S):
            self.turn()
        pause = threading.Event()
        for _ in range(_FAREWELL):
            if self.turn(everything=True):
                return
            pause.wait(_EVERY_S)
        log.error("audit.lost", entries=len(self._queue) + self._lost)

    def turn(self, everything: bool = False) -> bool:
        """Write what waits; return whether all is written. A failure is logged once, and so is that it is over.

        ``everything``: also the counts of minutes that are not over.
        """
        with self._lock:
            for entry in self._repetitions(everything):
                self._enqueue(entry)
        try:
            while self._write_some():
                pass
        except StoreError as error:
            if not self._failed:
                log.error("audit.not_written", error=str(error))
            self._failed = True
            return False
        if self._failed:
            log.info("audit.written_again")
        self._failed = False
        return True

    def _write_some(self) -> bool:
        """Write a batch; return whether there was any."""
        with self._lock:
            batch = [self._queue[n] for n in range(min(_BATCH, len(self._queue)))]
            lost, since_us = self._lost, self._lost_since_us
        if not batch and not lost:
            return False
        self._store.append([*batch, *self._gap(lost, since_us)])
        with self._lock:
            for _ in batch:
                self._queue.popleft()
            self._lost -= lost
        self._appended()
        return True

    def _gap(self, lost: int, since_us: int) -> Iterator[AuditEntry]:
        if lost:
            detail = {"not_written": lost, "since_us": since_us}
            yield AuditEntry(self._clock.now_us(), "system", "audit.overflowed", outcome="failed", detail=detail)

    def _enqueue(self, entry: AuditEntry) -> None:
        if len(self._queue) < QUEUED:
            self._queue.append(entry)
            return
        if not self._lost:
            self._lost_since_us = entry.at_us
        self._lost += 1

    def _repetitions(self, everything: bool) -> Iterator[AuditEntry]:
        """Forget minutes that are over; yield those in which something was seen again."""
        now_us = self._clock.now_us()
        over = [k for k, s in self._recent.items() if everything or not 0 <= now_us - s.entry.at_us < MINUTE_US]
        for key in over:
            seen = self._recent.pop(key)
            if seen.again:
                yield seen.repetition()
