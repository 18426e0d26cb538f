"""The sessions that this process knows: found at once, and gone when their time is over, with or without a database.

Time is measured twice, by the machine's clock and by one that only runs forward: a session ends when either says so.
A clock that is set back therefore makes no session longer, and one that ended never comes back. Safe to use from any
thread; never waits. Used by ``sessions`` alone.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ops_center.domain.people import Session
from ops_center.domain.time import SECOND_US, Clock
from ops_center.store.people_port import Pulse

_REFUSED_MOST = 10_000
"""digests of secrets that are known to open nothing; a browser that keeps asking with a dead cookie costs no query"""
_REFUSED_S = 5.0
"""how long a program's token is: whoever is enabled again has it back"""
WRITE_EVERY_S = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long sessions of people last."""

    idle_s: float
    """without a sign of the person"""
    whole_s: float
    """whatever happens"""


@dataclass(slots=True)
class Known:
    """A session and how much longer it lasts on the clock that only runs forward."""

    session: Session
    digest: bytes
    idle_until_s: float
    until_s: float
    written_s: float = -WRITE_EVERY_S
    is_unwritten: bool = False


class SessionMemory:
    """Sessions by the digest of their secret and by their id."""

    def __init__(self, clock: Clock, limits: Limits, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limits = limits
        self._now_s = monotonic_s
        self._lock = threading.Lock()
        self._by_digest: dict[bytes, Known] = {}
        self._by_id: dict[str, Known] = {}
        self._refused: dict[bytes | str, float] = {}

    def find(self, digest: bytes) -> Session | None:
        """Return the session of a secret if it is known and goes on."""
        with self._lock:
            return self._good(self._by_digest.get(digest))

    def by_id(self, session_id: str) -> Session | None:
        """Return the session of that id if it is known and goes on."""
        with self._lock:
            return self._good(self._by_id.get(session_id))

    def is_refused(self, digest: bytes) -> bool:
        """Return whether the secret is known to open nothing."""
        with self._lock:
            return self._is_refused(digest)

    def refuse(self, digest: bytes, *, for_ever: bool) -> None:
        """Remember that the secret opens nothing: a session's that does not never will, a program's may again."""
        with self._lock:
            self._refuse(digest, for_ever)

    def remember(self, session: Session, digest: bytes) -> Session | None:
        """Know a session that the store has, or know it anew; None if it ended here while the store was asked."""
        with self._lock:
            if self._is_refused(digest) or self._is_refused(session.id):
                return None
            before = self._by_id.get(session.id)
            known = self._measured(session, digest)
            if before is not None:
                known = _newer(before, known)
            self._by_digest[digest] = self._by_id[session.id] = known
            return self._good(known)

    def forget(self, session_id: str) -> None:
        """The session ended: it is not found any more, also if the store says otherwise for a moment."""
        with self._lock:
            self._drop(session_id)

    def touch(self, session_id: str) -> None:
        """Note a sign of the person."""
        with self._lock:
            known = self._by_id.get(session_id)
            if known is None or known.session.kind != "person" or self._good(known) is None:
                return
            session, now_us = known.session, self._clock.now_us()
            idle_ends_us = min(now_us + round(self._limits.idle_s * SECOND_US), session.ends_us)
            known.session = replace(
                session,
                seen_us=max(session.seen_us, now_us),
                idle_ends_us=max(session.idle_ends_us, idle_ends_us),
            )
            known.idle_until_s = self._now_s() + self._limits.idle_s
            known.is_unwritten = True

    def to_write(self, *, all_of_them: bool = False) -> Mapping[str, tuple[int, int]]:
        """Return signs of people that the store should know by now: id → seen, idle end."""
        with self._lock:
            due = [known for known in self._by_id.values() if known.is_unwritten and (all_of_them or self._due(known))]
            return {known.session.id: (known.session.seen_us, known.session.idle_ends_us) for known in due}

    def written(self, seen: Mapping[str, tuple[int, int]]) -> None:
        """What :meth:`to_write` returned is in the store."""
        with self._lock:
            for session_id, (seen_us, _) in seen.items():
                if known := self._by_id.get(session_id):
                    known.written_s = self._now_s()
                    known.is_unwritten = known.session.seen_us > seen_us

    def known(self) -> list[Known]:
        """Return all that go on; those that ended meanwhile are forgotten."""
        with self._lock:
            for ended in [known.session.id for known in self._by_id.values() if not self._goes_on(known)]:
                self._drop(ended)
            return list(self._by_id.values())

    def pulse(self, session_id: str, pulse: Pulse) -> None:
        """Take over what other processes saw of the person."""
        with self._lock:
            known = self._by_id.get(session_id)
            if known is not None and pulse.idle_ends_us > known.session.idle_ends_us:
                further_s = (pulse.idle_ends_us - known.session.idle_ends_us) / SECOND_US
                known.session = replace(known.session, seen_us=pulse.seen_us, idle_ends_us=pulse.idle_ends_us)
                known.idle_until_s = min(known.idle_until_s + further_s, self._now_s() + self._limits.idle_s)

    def drop_all(self, session_ids: Iterable[str]) -> None:
        """As :meth:`forget`, of many."""
        with self._lock:
            for session_id in session_ids:
                self._drop(session_id)

    def _measured(self, session: Session, digest: bytes) -> Known:
        now_s, now_us = self._now_s(), self._clock.now_us()
        idle_s, whole_s = (session.idle_ends_us - now_us) / SECOND_US, (session.ends_us - now_us) / SECOND_US
        if session.kind == "person":
            idle_s, whole_s = min(idle_s, self._limits.idle_s), min(whole_s, self._limits.whole_s)
        return Known(session, digest, now_s + idle_s, now_s + whole_s)

    def _due(self, known: Known) -> bool:
        return self._now_s() - known.written_s >= WRITE_EVERY_S

    def _good(self, known: Known | None) -> Session | None:
        """Return the session if it goes on; else forget it for good."""
        if known is None:
            return None
        if self._goes_on(known):
            return known.session
        self._drop(known.session.id)
        return None

    def _goes_on(self, known: Known) -> bool:
        by_clock = self._clock.now_us() < min(known.session.idle_ends_us, known.session.ends_us)
        return by_clock and self._now_s() < min(known.idle_until_s, known.until_s)

    def _drop(self, session_id: str) -> None:
        known = self._by_id.pop(session_id, None)
        if known is not None:
            self._by_digest.pop(known.digest, None)
            self._refuse(known.digest, known.session.kind != "program")
            if known.session.kind == "program":
                return
        self._refuse(session_id, True)

    def _is_refused(self, what: bytes | str) -> bool:
        return self._now_s() < self._refused.get(what, -math.inf)

    def _refuse(self, what: bytes | str, for_ever: bool) -> None:
        self._refused[what] = math.inf if for_ever else self._now_s() + _REFUSED_S
        if len(self._refused) > _REFUSED_MOST:
            del self._refused[next(iter(self._refused))]


def _newer(before: Known, after: Known) -> Known:
    """Return what the store says of a session that is known, without losing what it doesn't know yet."""
    one, other = before.session, after.session
    seen_us, idle_ends_us = max(one.seen_us, other.seen_us), max(one.idle_ends_us, other.idle_ends_us)
    return replace(
        before,
        session=replace(other, seen_us=seen_us, idle_ends_us=idle_ends_us),
        idle_until_s=max(before.idle_until_s, after.idle_until_s),
        until_s=min(before.until_s, after.until_s),
    )
