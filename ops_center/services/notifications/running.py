"""The process ``run.py notify``: plans and sends until it is asked to stop; outlives every failure of the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Protocol

import structlog

from ops_center.domain.errors import Fenced, StoreError
from ops_center.domain.time import Clock
from ops_center.services.notifications.sending import Sender
from ops_center.store.port import Store
from ops_center.store.pulses import this_process
from ops_center.store.rule_port import Pulse

log = structlog.get_logger(__name__)

WORKER = "notify"
"""what its pulse is called"""
_SPEAKS_EVERY_S = 2.0
_LOOK_EVERY_S = 0.5
_AFTER_A_FAILURE_S = 2.0


class Ear(Protocol):
    """Hears that alarms changed (``ops_center.store.listening``)."""

    def wait(self, stop: threading.Event, timeout_s: float) -> bool:
        """Return as soon as something was said, or after the time."""
        ...


class Planning(Protocol):
    """Decides who is to be told: of alarms , of incidents, of tasks that are late (``services.field``)."""

    def turn(self) -> int:
        """Do what there is to do now; return how much it was. Raises StoreError, Fenced."""
        ...


class Heart:
    """Says now and then that the notifier is alive, and for how long what is due has not left."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._instance = this_process()
        self._due_s = 0.0

    def beat(self) -> None:
        """Speak where it is time to. Raises StoreError."""
        if time.monotonic() < self._due_s:
            return
        now_us = self._clock.now_us()
        overdue = self._store.notifications.overdue(now_us)
        self._store.health.speak(Pulse(WORKER, self._instance, now_us, overdue.count, overdue.longest_s))
        self._due_s = time.monotonic() + _SPEAKS_EVERY_S


class Notifier:
    """Takes turns of planning and sending."""

    def __init__(self, planners: Sequence[Planning], sender: Sender, ear: Ear, heart: Heart | None = None) -> None:
        self._planners = planners
        self._sender = sender
        self._ear = ear
        self._heart = heart
        self._failed = False

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop``."""
        while not stop.is_set():
            if not self.turn():
                stop.wait(_AFTER_A_FAILURE_S)
                continue
            self._ear.wait(stop, _LOOK_EVERY_S)

    def turn(self) -> bool:
        """Plan and send all that there is now; False: the database fails, which is said once."""
        try:
            while self._plan() + self._sender.turn():
                self._beat()
            self._beat()
        except StoreError as error:
            if not self._failed:
                log.warning("notifications.failed", error=str(error))
            self._failed = True
            return False
        if self._failed:
            log.info("notifications.work_again")
        self._failed = False
        return True

    def _beat(self) -> None:
        if self._heart is not None:
            self._heart.beat()

    def _plan(self) -> int:
        return sum(map(_planned, self._planners))


def _planned(planner: Planning) -> int:
    try:
        return planner.turn()
    except Fenced:
        return 0  # another process was there first: what it planned is sent by whoever takes it
