"""Whatever happens in whatever order, sessions are what they should be: hypothesis against a simple model.

Two processes share a database; people sign in and move, sessions are ended here and there, both clocks run, the
machine's jumps, the database goes away and comes back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.people import Account, Session
from ops_center.domain.rights import Asker
from ops_center.domain.time import ManualClock
from ops_center.services.entrance import Entrance, Visitor
from ops_center.services.session_memory import Limits
from ops_center.services.sign_in_outcomes import StartAgain
from ops_center.store.port import Store
from tests.servers.outages import Outage
from tests.services.people_center import People, make_people
from tests.store.persons import add

LIMITS = Limits(idle_s=120.0, whole_s=600.0)
TURN_S = 15.0

_EMPTY = """
TRUNCATE center.account, center.account_grant, center.credential, center.token, center.session, center.sign_in_attempt
"""


@dataclass
class Held:
    """What the model knows of a session."""

    session: Session
    secret: str
    process: int
    """the one that saw the person last"""
    started_s: float
    seen_s: float
    jumps: int
    """how often the machine's clock had jumped when it started"""
    ended_in: set[int] = field(default_factory=set)
    """processes that must know that it was ended"""
    is_ended: bool = False
    seen_dead_in: set[int] = field(default_factory=set)


class SessionsModel(RuleBasedStateMachine):
    """The machine; the store and the outage are given by the test."""

    store: Store
    outage: Outage
    url: str

    held = Bundle("held")

    @initialize()
    def begin(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_EMPTY)
        self.clock, self.seconds = ManualClock(), [0.0]
        self.processes = [self._process(), self._process()]
        self.account: Account = add(self.store, "lin")
        self.all: list[Held] = []
        self.jumps = 0
        self.is_away = False

    def teardown(self) -> None:
        if getattr(self, "is_away", False):
            self._comes_back()

    @rule(target=held, process=st.sampled_from([0, 1]))
    def sign_in(self, process: int) -> Any:
        entrance = Entrance(self.store, self.processes[process].sessions, self.clock)
        try:
            entered = entrance.person(self.account, Visitor(), "test")
        except StoreUnavailable:
            assert self.is_away
            return None
        assert not self.is_away and not isinstance(entered, StartAgain)
        now_s = self.seconds[0]
        made = Held(entered.session, entered.secret, process, now_s, now_s, self.jumps)
        self.all.append(made)
        return made

    @rule(held=held, process=st.sampled_from([0, 1]))
    def move(self, held: Held | None, process: int) -> None:
        """The person does something, at one of the processes."""
        if held is None or not self._resolves(held, process):
            return  # where it is not known and nobody can be asked, nothing is let through either
        self.processes[process].sessions.touch(held.session)
        held.process, held.seen_s = process, self.seconds[0]

    @rule(held=consumes(held), process=st.sampled_from([0, 1]))
    def sign_out(self, held: Held | None, process: int) -> None:
        if held is not None:
            self.processes[process].sessions.end(held.session.id, "signed out", Asker("lin"))
            held.is_ended = True
            held.ended_in.add(process)

    @precondition(lambda self: not self.is_away)
    @rule(held=consumes(held))
    def end_elsewhere(self, held: Held | None) -> None:
        """The command line ends it: both processes hear of it when they look."""
        if held is not None:
            entry = AuditEntry(self.clock.us, "system", "session.ended")
            self.store.sessions.end(held.session.id, self.clock.us, "ended", entry)
            held.is_ended = True

    @rule(turns=st.integers(1, 6))
    def time_passes(self, turns: int) -> None:
        for _ in range(turns):
            self.clock.advance(TURN_S)
            self.seconds[0] += TURN_S
            self._look()

    @rule(by_s=st.sampled_from([-1e6, -3600.0, -30.0, 30.0, 3600.0]))
    def clock_jumps(self, by_s: float) -> None:
        self.clock.advance(by_s)
        self.jumps += 1

    @precondition(lambda self: not self.is_away)
    @rule()
    def database_goes_away(self) -> None:
        self.outage.begin()
        self.is_away = True

    @precondition(lambda self: self.is_away)
    @rule()
    def database_comes_back(self) -> None:
        self._comes_back()
        for process in self.processes:  # what was ended here meanwhile reaches the store, and from there the others
            assert process.sessions.look()
        self._look()

    @precondition(lambda self: not self.is_away)
    @rule()
    def a_process_starts_anew(self) -> None:
        """What it knew is forgotten; what it had seen was told before."""
        self.processes[1].sessions._write_all()
        self.processes[1] = self._process()
        for held in self.all:
            held.ended_in.discard(1)
            held.seen_dead_in.discard(1)
            if held.is_ended:
                held.ended_in.add(1)

    @invariant()
    def sessions_are_what_they_should_be(self) -> None:
        for held in getattr(self, "all", []):
            for process in (0, 1):
                self._check(held, process)

    def _check(self, held: Held, process: int) -> None:
        is_alive = self.processes[process].sessions.is_alive(held.session.id)
        now_s = self.seconds[0]
        if process in held.ended_in:
            assert not is_alive, "ended, and known to be"
        if now_s - held.started_s >= LIMITS.whole_s:
            assert not is_alive, "beyond its whole limit, whatever the clock says"
        if now_s - held.seen_s >= LIMITS.idle_s:
            assert not is_alive, "idle for too long, whatever the clock says"
        if process in held.seen_dead_in:
            assert not is_alive, "never comes back"
        if self._must_live(held, process):
            found = self._resolves(held, process)
            assert found or (found is None and process == 1), "nobody ended it and it is within its limits"
        elif not is_alive and self.processes[process].sessions._memory.is_refused(held.session.id):
            held.seen_dead_in.add(process)

    def _must_live(self, held: Held, process: int) -> bool:
        """A session that nobody ended and that no jump of the clock befell lives where the person was seen last."""
        within = self.seconds[0] - held.started_s < LIMITS.whole_s and self.seconds[0] - held.seen_s < LIMITS.idle_s
        return within and not held.is_ended and held.jumps == self.jumps and held.process == process

    def _resolves(self, held: Held, process: int) -> bool | None:
        """Return whether the secret opens the session; None: the process does not know and can't ask."""
        try:
            found = self.processes[process].sessions.resolve(held.secret)
        except StoreUnavailable:
            assert self.is_away and not self.processes[process].sessions.is_alive(held.session.id)
            return None
        assert found is None or found.id == held.session.id
        return found is not None

    def _comes_back(self) -> None:
        self.outage.end()
        self.is_away = False

    def _look(self) -> None:
        for process in self.processes:
            assert process.sessions.look() or self.is_away
        if not self.is_away:
            for held in self.all:
                if held.is_ended:
                    held.ended_in |= {0, 1}

    def _process(self) -> People:
        return make_people(self.store, self.clock, seconds=self.seconds, limits=LIMITS)


@pytest.mark.parametrize("database_flavour", ["plain"], indirect=True, scope="session")
def test_sessions_are_what_they_should_be_in_every_order_of_things(
    people_store: Store, people_url: str, outage: Outage, database_flavour: str
) -> None:
    given = {"store": people_store, "outage": outage, "url": people_url}
    machine = type("GivenSessionsModel", (SessionsModel,), given)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
