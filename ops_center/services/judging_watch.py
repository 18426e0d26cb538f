"""Whether alarms are judged at all: how the rules worker and the book are, as a web process knows them.

A list that stays calm because nobody judges looks like a calm city; every list of alarms says so instead.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import structlog

from ops_center.domain.errors import StoreError
from ops_center.domain.time import Clock
from ops_center.store.port import HealthStore
from ops_center.store.rule_port import Pulse

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 3.0
_JUDGES = ("rules", "book")


class JudgingWatch:
    """Looks at the pulses of who judges; safe to read from any thread."""

    def __init__(self, store: HealthStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._pulses: Sequence[Pulse] = ()

    @property
    def unjudged_s(self) -> float:
        """Return for how long what happens has not become alarms; 0: it does, or nobody has ever judged here."""
        now_us = self._clock.now_us()
        late = [pulse for pulse in self._pulses if pulse.state(now_us) != "ok"]
        return max((max(pulse.age_s(now_us), pulse.lag_s) for pulse in late), default=0.0)

    def look(self) -> None:
        """Ask how they are. Raises StoreError."""
        self._pulses = [pulse for pulse in self._store.pulses() if pulse.worker in _JUDGES]

    def follow(self, stop: threading.Event) -> threading.Thread:
        """Look every three seconds, in a thread of its own until ``stop``; of a database that is away others tell."""

        def run() -> None:
            while not stop.wait(_LOOK_EVERY_S):
                try:
                    self.look()
                except StoreError as error:
                    log.debug("judging.cannot_look", why=str(error))

        thread = threading.Thread(target=run, name="judging", daemon=True)
        thread.start()
        return thread
