"""Dry runs of rules that are being edited: over stored history, in a thread, with progress, and ended when asked to.

One at a time for each person and two for the process; each reads a bounded number of series and ends by itself after a
while, with what it would have said about the rest being unknown. Called by the rules page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

import structlog

from alerts.surroundings import SurroundingsOf, nowhere
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.observations import Event, PositionBatch
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.services.rules import Fault, Refused, Replayed, RuleDesk
from ops_center.store.port import HistoryStore, Resolution, Series, Store

log = structlog.get_logger(__name__)

MOST_SERIES = 200
"""datastreams or things whose history one run reads; more are counted and said"""
LASTS_S = 60.0
"""after so long a run ends by itself"""
_AT_ONCE = 2
_REMEMBERED = 50

State = Literal["runs", "done", "refused", "cancelled", "failed"]
_BUSY = Fault("", Label("其他人正在预演，请稍后再试", "others are trying rules just now; try again in a moment"))


class _Ended(OpsCenterError):
    """Nobody waits for it any more, or it took too long."""


@dataclass(slots=True)
class Trial:
    """One dry run, as it is now."""

    number: int
    span_us: tuple[int, int]
    state: State = "runs"
    read: int = 0
    """series that were read so far"""
    wanted: int = 0
    """how many will be, about"""
    found: Replayed | None = None
    faults: tuple[Fault, ...] = ()
    took_s: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def share(self) -> float:
        """Return how much of it is done, 0 to 1."""
        return 1.0 if self.state != "runs" else min(self.read / self.wanted, 0.99) if self.wanted else 0.0


class Trials:
    """The dry runs of this process; safe to use from any thread."""

    def __init__(self, store: Store, clock: Clock, surroundings_of: SurroundingsOf = nowhere) -> None:
        self._store = store
        self._clock = clock
        self._surroundings_of = surroundings_of
        self._lock = threading.Lock()
        self._numbers = 0
        self._of: dict[str, Trial] = {}
        """session → its newest run"""

    def start(self, session: str, form: Mapping[str, Any], hours: float, wanted: int) -> Trial:
        """Begin to run ``form`` over the last ``hours``; whatever the same person ran before is ended."""
        self.cancel(session)
        now_us = self._clock.now_us()
        with self._lock:
            self._numbers += 1
            trial = Trial(self._numbers, (now_us - round(hours * 3_600_000_000), now_us), wanted=wanted)
            running = sum(other.state == "runs" for other in self._of.values())
            if running >= _AT_ONCE:
                trial.state, trial.faults = "refused", (_BUSY,)
            self._of.pop(session, None)
            self._of[session] = trial
            while len(self._of) > _REMEMBERED:
                self._of.pop(next(iter(self._of)))
        if trial.state == "runs":
            threading.Thread(target=self._run, args=(trial, dict(form)), name="rule-trial", daemon=True).start()
        return trial

    def of(self, session: str) -> Trial | None:
        """Return somebody's newest run; None: there is none, or it is forgotten."""
        with self._lock:
            return self._of.get(session)

    def cancel(self, session: str) -> None:
        """End somebody's run; it is over within the time that one series takes to read."""
        trial = self.of(session)
        if trial is not None and trial.state == "runs":
            trial._stop.set()
            trial.state = "cancelled"

    def _run(self, trial: Trial, form: Mapping[str, Any]) -> None:
        began_s = time.monotonic()
        history = _Counted(self._store.history, trial, began_s + LASTS_S)
        store = replace(self._store, history=cast("HistoryStore", history))
        desk = RuleDesk(store, self._clock, surroundings_of=self._surroundings_of)
        try:
            outcome = desk.replay(form, trial.span_us, MOST_SERIES)
        except _Ended:
            self._ended(trial, began_s, "cancelled")
        except Exception:  # whoever waits is told that it failed; the log says why
            log.exception("rule_trial.failed", rule=form.get("name"))
            self._ended(trial, began_s, "failed")
        else:
            if isinstance(outcome, Refused):
                trial.faults = outcome.faults
            else:
                trial.found = outcome
            self._ended(trial, began_s, "refused" if isinstance(outcome, Refused) else "done")

    def _ended(self, trial: Trial, began_s: float, state: State) -> None:
        with self._lock:
            trial.took_s = time.monotonic() - began_s
            if trial.state == "runs":
                trial.state = state


class _Counted:
    """What replays read of a history: counted, and no more of it is given when nobody waits any more."""

    def __init__(self, history: HistoryStore, trial: Trial, until_s: float) -> None:
        self._history = history
        self._trial = trial
        self._until_s = until_s

    def series(self, datastream: int, start_us: int, end_us: int, resolution: Resolution) -> Series:
        """Return what the history has."""
        self._next()
        return self._history.series(datastream, start_us, end_us, resolution)

    def fixes(self, thing: int, start_us: int, end_us: int) -> PositionBatch:
        """Return what the history has."""
        self._next()
        return self._history.fixes(thing, start_us, end_us)

    def events_since(self, start_us: int) -> Sequence[Event]:
        """Return what the history has."""
        self._next()
        return self._history.events_since(start_us)

    def _next(self) -> None:
        if self._trial._stop.is_set() or time.monotonic() > self._until_s:
            raise _Ended("the run was ended")
        self._trial.read += 1
