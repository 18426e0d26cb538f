"""Who is behind a secret: the sessions of one web process, in memory, with the store behind them.

A request costs a look into memory. Every second one statement asks the store which of the known sessions go on: what
was ended elsewhere (another process, the command line, a changed account) is over within a second. While the database
is away, sessions that are known go on until their limits; what is not known can't be judged and is told so, which is
not the same as "not signed in". Signing out always works here at once, and in the store as soon as it answers.

Made by ``bootstrap``; asked by the gate for every request and by the stream every second.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

import structlog

from ops_center.domain.audit import AuditEntry, by
from ops_center.domain.errors import StoreError
from ops_center.domain.people import Account, Session, Token
from ops_center.domain.rights import Asker, Role
from ops_center.domain.time import Clock
from ops_center.people.secrets import SecretKind, digest, kind_of
from ops_center.services.session_memory import Known, Limits, SessionMemory
from ops_center.store.people_port import SessionStore, TokenStore

log = structlog.get_logger(__name__)

NEVER_US = 7_226_582_400_000_000
"""2199: the end of what has none"""
_PROGRAM = "token-"
_LOOK_EVERY_S = 1.0
_SWEEP_EVERY_S = 60.0
_USED_EVERY_S = 60.0


class Sessions:
    """One per web process; safe to use from any thread."""

    def __init__(
        self,
        store: SessionStore,
        tokens: TokenStore,
        clock: Clock,
        limits: Limits,
        monotonic_s: Callable[[], float] = time.monotonic,
        *,
        demo: bool = False,
        totp_roles: frozenset[Role] = frozenset(),
    ) -> None:
        """``demo``: whether the demo's ready accounts may be in; ``totp_roles`` demand codes, which no token has.

        Both are settings: what they forbid opens nothing, whatever the database says.
        """
        self.limits = limits
        self._demo = demo
        self._totp_roles = totp_roles
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._now_s = monotonic_s
        self._memory = SessionMemory(clock, limits, monotonic_s)
        self._to_end: deque[tuple[str, str, AuditEntry]] = deque(maxlen=10_000)
        self._used: dict[int, int] = {}
        self._used_due_s = monotonic_s()
        self._sweep_due_s = monotonic_s() + _SWEEP_EVERY_S
        self._failed = False

    def resolve(self, secret: str) -> Session | None:
        """Return the session of a cookie's secret, or what a program's token stands for; None: it opens nothing.

        Waits for the store where the secret is not known yet. Raises StoreUnavailable: nobody can say now.
        """
        kind = kind_of(secret)
        if kind is None or kind == "display":  # a display's token opens a session, and nothing else
            return None
        key = digest(secret)
        found = self._memory.find(key)
        if found is None and not self._memory.is_refused(key):
            found = self._ask(kind, key)
        return self._note_use(found)

    def known(self, secret: str) -> Session | None:
        """Return the session of a secret that this process knows as good; never waits. None says nothing."""
        return self._note_use(self._memory.find(digest(secret)))

    def by_id(self, session_id: str) -> Session | None:
        """Return the session that an asker names, as this process knows it; never waits."""
        return self._memory.by_id(session_id)

    def is_alive(self, session_id: str) -> bool:
        """Return whether a session that this process has seen goes on; never waits."""
        return self._memory.by_id(session_id) is not None

    def is_current(self, session: Session) -> bool:
        """Return whether it goes on and its account may do what ``session`` says; never waits.

        Whoever changes what they may do themselves keeps the session; a stream that began before has to begin anew.
        """
        found = self._memory.by_id(session.id)
        return found is not None and found.account.grants == session.account.grants

    def touch(self, session: Session) -> None:
        """Note a sign of the person; the store hears of it at most every 30 s. Never waits."""
        self._memory.touch(session.id)

    def end(self, session_id: str, reason: str, by_whom: Asker) -> None:
        """End a session at once; in the store too, as soon as it answers."""
        if session_id.startswith(_PROGRAM):  # ends by revoking its token
            return
        self._memory.forget(session_id)
        entry = by(by_whom, self._clock.now_us(), "session.ended", session_id)
        try:
            self._store.end(session_id, entry.at_us, reason, entry)
        except StoreError as error:
            self._to_end.append((session_id, reason, entry))
            self._fail(error)

    def remember(self, session: Session, secret: str) -> None:
        """Know a session that was just started."""
        self._memory.remember(session, digest(secret))

    def follow(self, stop: threading.Event) -> threading.Thread:
        """Look once a second in a thread of its own until ``stop``."""

        def run() -> None:
            while not stop.wait(_LOOK_EVERY_S):
                self.look()
            self._write_all()

        thread = threading.Thread(target=run, name="sessions", daemon=True)
        thread.start()
        return thread

    def look(self) -> bool:
        """Tell the store what happened here and hear what happened elsewhere; False: it doesn't answer."""
        try:
            self._end_in_store()
            self._write(self._memory.to_write())
            self._hear()
            self._write_used()
            self._sweep()
        except StoreError as error:
            self._fail(error)
            return False
        if self._failed:
            log.info("sessions.looks_again")
        self._failed = False
        return True

    def _note_use(self, session: Session | None) -> Session | None:
        if session is not None and session.kind == "program" and session.token is not None:
            self._used[session.token] = self._clock.now_us()
        return session

    def _ask(self, kind: SecretKind, key: bytes) -> Session | None:
        now_us = self._clock.now_us()
        if kind == "session":
            found = self._store.find(key, now_us)
        else:
            token = self._tokens.find(key, now_us)
            found = None if token is None else _of_program(*token)
        if found is None or not self._may_be_in(found):
            self._memory.refuse(key, for_ever=kind == "session")
            return None
        return self._memory.remember(found, key)

    def _may_be_in(self, session: Session) -> bool:
        if session.account.origin == "demo" and not self._demo:
            return False
        return session.kind != "program" or session.asker.roles.isdisjoint(self._totp_roles)

    def _hear(self) -> None:
        """Ask for the known sessions and tokens; forget those that are over, read those anew that changed."""
        known = {one.session.id: one for one in self._memory.known()}
        stored = [session_id for session_id, one in known.items() if one.session.kind != "program"]
        pulses = self._store.pulse(stored) if stored else {}
        for session_id, pulse in pulses.items():
            self._memory.pulse(session_id, pulse)
        versions = {session_id: pulse.version for session_id, pulse in pulses.items()} | self._hear_of_tokens(known)
        self._memory.drop_all(known.keys() - versions.keys())
        for session_id, version in versions.items():
            if known[session_id].session.account.version != version:
                self._read_anew(known[session_id])

    def _hear_of_tokens(self, known: Mapping[str, Known]) -> dict[str, int]:
        """Return the ids of programs whose token is good still, with the version of its account."""
        programs = {one.session.token: one.session.id for one in known.values() if one.session.kind == "program"}
        keys = [key for key in programs if key is not None]
        good = self._tokens.pulse(keys, self._clock.now_us()) if keys else {}
        return {programs[key]: version for key, version in good.items()}

    def _read_anew(self, known: Known) -> None:
        kind: SecretKind = "api" if known.session.kind == "program" else "session"
        if self._ask(kind, known.digest) is None:
            self._memory.forget(known.session.id)

    def _end_in_store(self) -> None:
        while self._to_end:
            session_id, reason, entry = self._to_end[0]
            self._store.end(session_id, entry.at_us, reason, entry)
            self._to_end.popleft()

    def _write(self, seen: Mapping[str, tuple[int, int]]) -> None:
        if seen:
            self._store.touch(seen)
            self._memory.written(seen)

    def _write_used(self) -> None:
        if not self._used or self._now_s() < self._used_due_s:
            return
        used, self._used = self._used, {}
        self._tokens.used(used)
        self._used_due_s = self._now_s() + _USED_EVERY_S

    def _sweep(self) -> None:
        if self._now_s() >= self._sweep_due_s:
            self._store.sweep(self._clock.now_us())
            self._sweep_due_s = self._now_s() + _SWEEP_EVERY_S

    def _write_all(self) -> None:
        try:
            self._end_in_store()
            self._write(self._memory.to_write(all_of_them=True))
        except StoreError as error:
            self._fail(error)

    def _fail(self, error: StoreError) -> None:
        if not self._failed:
            log.warning("sessions.cannot_look", error=str(error))
        self._failed = True
        # When it answers again, every process first tells what it saw; what ran out of time is ended after that.
        self._sweep_due_s = self._now_s() + _SWEEP_EVERY_S


def _of_program(token: Token, account: Account) -> Session:
    """Return what a program's token stands for: no session of the store, but used like one."""
    ends_us = NEVER_US if token.expires_us is None else token.expires_us
    return Session(
        f"{_PROGRAM}{token.key}", account, "program", token.created_us, token.created_us, ends_us, ends_us, token.key
    )
