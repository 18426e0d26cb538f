"""Follows something of the store that a process holds in memory: alarms, incidents, walls, notices.

What changes by numbered steps (alarms, incidents) shares more: ``StepWatch`` is looked at, waited for and heard, and
``Recent`` remembers the last changes, so that who holds an earlier step is told only what came since.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import structlog

from ops_center.domain.errors import StoreError
from ops_center.store.port import Ear

log = structlog.get_logger(__name__)
T = TypeVar("T")

_LOOK_EVERY_S = 1.0
"""also without being told: what was said while the connection was away is found then"""


class Recent(Generic[T]):
    """The last changes with their seqs, in their order; whoever calls holds the lock."""

    def __init__(self, most: int) -> None:
        """``most``: changes that can be told apart; who is further behind gets everything."""
        self._most = most
        self._seqs: list[int] = []
        self._changes: list[T] = []
        self._begins = 0

    def begin(self, seq: int) -> None:
        """Say that everything up to ``seq`` is in the picture: only changes behind it can be told apart."""
        self._begins = seq

    def add(self, seq: int, changes: Sequence[T]) -> None:
        """Remember the changes that lead to ``seq``, and forget the oldest steps where they are too many."""
        self._seqs += [seq] * len(changes)
        self._changes += changes
        if (many := len(self._seqs) - self._most) > 0:
            self._begins = self._seqs[many - 1]
            keep = bisect_right(self._seqs, self._begins)
            del self._changes[:keep], self._seqs[:keep]

    def behind(self, after_seq: int) -> Sequence[T] | None:
        """Return the changes behind ``after_seq``, oldest first; None: what came before them is forgotten."""
        return self._changes[bisect_right(self._seqs, after_seq) :] if after_seq >= self._begins else None


class StepWatch(ABC):
    """Something that changes by numbered steps, as a process knows it. Safe to use from any thread.

    One thread follows; who has changed something looks at once. While the database is away what was known last stays,
    and ``age_s`` says how old it is.
    """

    name: str
    """of one of it, in the log"""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._looked_s: float | None = None
        self._looking = threading.Lock()
        self._hearers: list[Callable[[], None]] = []

    @property
    @abstractmethod
    def seq(self) -> int:
        """Return the seq of the last change that is known; -1 before the first look."""

    @abstractmethod
    def _load(self) -> bool:
        """Take everything; return True. Raises StoreError."""

    @abstractmethod
    def _take_changes(self) -> bool:
        """Take what changed since; return whether anything did. Raises StoreError."""

    @property
    def age_s(self) -> float | None:
        """Return how long ago the database was last asked; None: never."""
        return None if self._looked_s is None else time.monotonic() - self._looked_s

    def wait(self, after_seq: int, timeout_s: float) -> bool:
        """Return True as soon as something changed behind ``after_seq``, False after ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: self.seq > after_seq, timeout_s)

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in the thread that looks; it must return at once."""
        self._hearers.append(hearer)

    def look(self) -> bool:
        """Take what changed; return whether anything did. Raises StoreError."""
        with self._looking:
            changed = self._load() if self._looked_s is None else self._take_changes()
            self._looked_s = time.monotonic()
        if changed:
            with self._changed:
                self._changed.notify_all()
            for hearer in self._hearers:
                hearer()
        return changed

    def follow(self, ear: Ear, stop: threading.Event) -> threading.Thread:
        """Look whenever something is said, at least once a second, in a thread of its own until ``stop``."""
        return follow(self.look, ear, stop, self.name, _LOOK_EVERY_S)


def follow(look: Callable[[], object], ear: Ear, stop: threading.Event, name: str, every_s: float) -> threading.Thread:
    """Look whenever something is said, and every so often anyhow, in a thread of its own until ``stop``.

    ``name``: of what is looked at, as one of it is called. That the database is away is said once, and once that it is
    back.
    """

    def run() -> None:
        failed = False
        while not stop.is_set():
            failed = _look_anyhow(look, name, failed, stop)
            ear.wait(stop, every_s)
        ear.close()

    thread = threading.Thread(target=run, name=f"{name} watch", daemon=True)
    thread.start()
    return thread


def _look_anyhow(look: Callable[[], object], name: str, failed: bool, stop: threading.Event) -> bool:
    """Return whether it failed."""
    try:
        look()
    except StoreError as error:
        if not failed and not stop.is_set():
            log.warning(f"{name}s.cannot_look", error=str(error))
        return True
    if failed:
        log.info(f"{name}s.looks_again")
    return False
