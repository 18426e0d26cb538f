"""A few connections shared by the threads of a process: the doors of a Store that screens and services use.

Stream workers don't use it: each has a Session of its own.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import TypeVar

import psycopg

from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.realms import Realm
from ops_center.store.session import Connection, Session

T = TypeVar("T")


class SessionPool:
    """Up to ``size`` sessions, connected when first needed; safe to use from any thread."""

    def __init__(
        self, url: str, realm: Realm, name: str = "ops-center", size: int = 4, timeout_s: float = 30.0
    ) -> None:
        self._timeout_s = timeout_s
        self._sessions = [Session(url, realm, name, timeout_s) for _ in range(size)]
        # Last in, first out: as few connections are opened as are used at once.
        self._idle: queue.LifoQueue[Session] = queue.LifoQueue()
        for session in self._sessions:
            self._idle.put(session)

    def run(self, work: Callable[[Connection], T], *, isolation: psycopg.IsolationLevel | None = None) -> T:
        """As ``Session.run`` on a free session; raises StoreUnavailable if none becomes free in time."""
        try:
            session = self._idle.get(timeout=self._timeout_s)
        except queue.Empty:
            raise StoreUnavailable(f"all {len(self._sessions)} connections to the database are busy") from None
        try:
            return session.run(work, isolation=isolation)
        finally:
            self._idle.put(session)

    def close(self) -> None:
        """Let go of all connections for good: a thread that comes late gets StoreUnavailable and opens none."""
        for session in self._sessions:
            session.end()
