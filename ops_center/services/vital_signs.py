"""Records city vital signs each minute: evaluates the tree for every area and sends it through the log.

A thread beside the rules worker. Several may run: one of them has the turn (a lock of the database). What is not known
is not sent; the feed's silence says so, as a sensor's does.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Protocol

import structlog

from feeds.vital_signs import NAME
from ops_center.bus.port import Bus
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.messages import Outgoing
from ops_center.domain.role_words import Names
from ops_center.domain.time import MINUTE_US, SECOND_US, Clock
from ops_center.domain.topics import raw
from ops_center.indicators.evaluating import Vital, evaluate
from ops_center.indicators.evidence import Area
from ops_center.indicators.loading import Tree
from ops_center.live.port import LiveMirror
from ops_center.services.response import ResponseBoard
from ops_center.services.statistics import StatisticBoard
from ops_center.services.vital_evidence import Indexes, as_open, evidence_of
from ops_center.services.vital_things import things_of
from ops_center.services.vitals import KNOWN, LEVEL, SCORE, VALUE, thing_id
from ops_center.store.port import Store

log = structlog.get_logger(__name__)

_AFTER_S = 5.0
"""behind the minute: the city's own figures of it have come by then"""
_KEY = NAME.encode()
"""one partition for all: a level and its value are judged in one order"""


class Turn(Protocol):
    """Lets one of several processes do something."""

    def is_mine(self) -> bool:
        """Return whether this process has the turn; once it has, it keeps it while it is connected."""
        ...

    def close(self) -> None:
        """Give it up."""
        ...


class VitalSigns:
    """Evaluates and sends; ``names`` are those of districts and departments."""

    def __init__(
        self, tree: Tree, store: Store, mirror: LiveMirror, bus: Bus, turn: Turn, names: Names, clock: Clock
    ) -> None:
        self._tree, self._store, self._mirror, self._bus = tree, store, mirror, bus
        self._turn, self._names, self._clock = turn, names, clock
        self._indexes, self._statistics = Indexes(), StatisticBoard(store.statistics)
        self._response = ResponseBoard(store.incidents, clock)
        self._known: set[str] = set()
        self._failed = False

    def run(self, stop: threading.Event) -> None:
        """Evaluate and send shortly after each full minute until ``stop``."""
        while not stop.wait(self._pause_s()):
            try:
                if self._turn.is_mine():
                    self.turn()
            except OpsCenterError as error:
                if not self._failed:
                    log.warning("vital_signs.cannot_record", why=str(error))
                self._failed = True
            else:
                self._failed = False
        self._turn.close()
        self._mirror.close()

    def turn(self) -> int:
        """Evaluate, register what is new, send the rest; return how many values were sent.

        What is new is sent from the next turn on, when intake has heard of it. Raises StoreError, BusError and
        LiveUnavailable.
        """
        vitals = self.evaluate()
        told = [vital for vital in vitals if math.isfinite(vital.value)]
        new = [vital for vital in told if thing_id(vital.indicator, vital.area) not in self._known]
        if new:
            self._register(new)
        ready = [vital for vital in told if vital not in new]
        messages = list(_messages(ready, self._clock.now_us() // MINUTE_US * MINUTE_US))
        if messages:
            with closing(self._bus.producer()) as producer:
                producer.send(raw(NAME), messages)
                producer.flush()
        return sum(message.count for message in messages)

    def evaluate(self) -> list[Vital]:
        """Return every indicator of every area as it is now."""
        self._mirror.load()
        values = self._mirror.values
        alarms = [as_open(alarm) for alarm in self._store.alarms.open().alarms if alarm.wants_somebody]
        index = self._indexes.of(self._store.catalog.load(), by_version=True)
        evidence = evidence_of(
            index,
            (values.time_us, values.result),
            alarms,
            self._statistics.newest(),
            self._response.newest(),
            self._clock.now_us(),
        )
        areas: Iterable[Area] = (area for some in index.areas.values() for area in some)
        return [vital for area in areas for vital in evaluate(self._tree, area, evidence).values()]

    def _register(self, new: Sequence[Vital]) -> None:
        wanted = [(vital.indicator, vital.area) for vital in new]
        self._store.catalog.register(
            *things_of(self._tree, wanted, self._store.catalog.load(), self._names), "vital signs", only_new=False
        )
        self._known |= {thing_id(*one) for one in wanted}

    def _pause_s(self) -> float:
        after_us = (self._clock.now_us() - round(_AFTER_S * SECOND_US)) % MINUTE_US
        return (MINUTE_US - after_us) / SECOND_US


def _messages(vitals: Sequence[Vital], time_us: int) -> Iterable[Outgoing]:
    """Yield one message for each property."""
    columns: dict[str, tuple[list[str], list[float]]] = {}
    for vital in vitals:
        values = {VALUE: vital.value, SCORE: vital.score, LEVEL: float(vital.level), KNOWN: 100.0 * vital.known}
        for observed in _observed(vital):
            things, results = columns.setdefault(observed, ([], []))
            things.append(thing_id(vital.indicator, vital.area))
            results.append(round(values[observed], 4))
    for observed, (things, results) in columns.items():
        body = {"v": 1, "t": time_us, "things": things, observed: results}
        yield Outgoing(_KEY, json.dumps(body).encode(), len(things))


def _observed(vital: Vital) -> Sequence[str]:
    return (SCORE, LEVEL, KNOWN) if vital.parts else (VALUE, SCORE, LEVEL)
