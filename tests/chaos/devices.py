"""Devices that never tire: they send while everything around them is killed, and remember what they sent.

Every observation has a (thing, phenomenon time) of its own and a value that follows from it, so that the
store can be compared row by row. Some messages are impossible on purpose.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence

from ops_center.bus.port import Bus, Producer
from ops_center.domain.errors import BusError
from ops_center.domain.messages import Outgoing
from ops_center.domain.time import SystemClock
from ops_center.domain.topics import raw

FEED = "traffic"
PROPERTY = "vehicle_speed"
PER_MESSAGE = 20
MESSAGES_PER_ROUND = 25


class Devices(threading.Thread):
    """Sends rounds of messages until told to stop; what was acknowledged is in ``expected``."""

    def __init__(self, open_bus: Callable[[], Bus], things: Sequence[str], seed: int) -> None:
        super().__init__(daemon=True)
        self._open_bus = open_bus
        self._things = things
        self._random = random.Random(seed)
        self._first_us = SystemClock().now_us() - 3600 * 1_000_000
        self._next = 0
        self._end = threading.Event()
        self.expected: dict[tuple[str, int], float] = {}
        """(thing, phenomenon time µs) → value, of everything acknowledged"""
        self.acknowledged = Counter[str]()
        """good and impossible observations in acknowledged messages; a repeat counts again"""
        self.failures = 0
        self.error: BaseException | None = None
        self._recent: list[Outgoing] = []

    def run(self) -> None:
        try:
            with self._open_bus() as bus:
                producer = bus.producer()
                while not self._end.is_set():
                    self._round(producer)
                    self._end.wait(0.02)
                producer.close()
        except BaseException as error:  # the test's thread reads it: a silent end would look like success
            self.error = error
            raise

    def finish(self) -> None:
        """Stop after the round that is under way is acknowledged."""
        self._end.set()
        self.join(120)
        assert not self.is_alive()
        if self.error:
            raise self.error

    def _round(self, producer: Producer) -> None:
        messages, observed, impossible = self._make()
        if self._recent and self._random.random() < 0.1:
            messages += self._recent  # a gateway that didn't hear the answer sends its last ones again
        while True:
            try:
                producer.send(raw(FEED), messages)
                producer.flush()
                break
            except BusError:
                self.failures += 1
                threading.Event().wait(0.2)
        self.expected.update(observed)
        self.acknowledged["sent"] += sum(message.count for message in messages)
        self.acknowledged["impossible"] += impossible
        self._recent = messages[:3]

    def _make(self) -> tuple[list[Outgoing], dict[tuple[str, int], float], int]:
        messages: list[Outgoing] = []
        observed: dict[tuple[str, int], float] = {}
        for _ in range(MESSAGES_PER_ROUND):
            time_us = self._first_us + self._next * 1000
            self._next += 1
            things = self._random.sample(list(self._things), PER_MESSAGE)
            values = [round(self._random.uniform(5, 80), 2) for _ in things]
            observed.update({(thing, time_us): value for thing, value in zip(things, values, strict=True)})
            body = {"v": 1, "t": time_us, "things": things, PROPERTY: values}
            messages.append(Outgoing(things[0].encode(), json.dumps(body).encode(), PER_MESSAGE))
        messages.append(Outgoing(b"x", b'{"v":1,"t":', 1))
        stranger = {"v": 1, "t": self._first_us + self._next * 1000, "things": ["nobody"], PROPERTY: [30.0]}
        messages.append(Outgoing(b"nobody", json.dumps(stranger).encode(), 1))
        self._next += 1
        return messages, observed, 2
