"""Lets the model city live: every second the world steps, its feeds observe it, and their devices send.

Called by ``run.py simulate``. It stands for gateways in the field: when the log is away the devices keep
their last second and send it when they can; the city's time goes on meanwhile.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence

import structlog

from feeds.contract import Feed
from ops_center.bus.port import Bus, Producer
from ops_center.domain.errors import BusError
from ops_center.domain.messages import Outgoing
from ops_center.domain.time import SECOND_US, Clock
from ops_center.domain.topics import raw
from ops_center.world.world import World

log = structlog.get_logger(__name__)

_RETRY_S = 1.0
_REPORT_EVERY_S = 60
_CATCH_UP = 10
"""seconds of the city in one, of a city that began some time ago"""


class Simulation:
    """One world observed by all feeds; ``sent`` counts observations, fixes and events per feed, once durable."""

    def __init__(self, world: World, feeds: Mapping[str, Feed], bus: Bus, clock: Clock) -> None:
        self._world = world
        self._feeds = feeds
        self._bus = bus
        self._clock = clock
        self.sent: Counter[str] = Counter()

    def run(self, speed: float, stop: threading.Event, behind_s: float = 0.0) -> None:
        """Step once a second until ``stop``; ``speed`` seconds of the city pass per second of the clock.

        ``behind_s``: the city begins so long ago and catches up, ten of its seconds in one.
        """
        producer = self._bus.producer()
        started_us = self._clock.now_us()
        tick = 0
        while not stop.is_set():
            elapsed_us = self._clock.now_us() - started_us
            behind_us = max(behind_s * SECOND_US - elapsed_us * (_CATCH_UP - 1), 0)
            self._tick(producer, started_us + round(elapsed_us * speed - behind_us), stop)
            tick += 1
            if tick % _REPORT_EVERY_S == 0:
                log.info("simulation.sent", **self.sent)
            # A clock that was set back must not stop the city: the next tick is due a second from now at most.
            due_us = SECOND_US - (self._clock.now_us() - started_us - elapsed_us)
            stop.wait(min(max(due_us, 0), SECOND_US) / SECOND_US)
        producer.close()
        log.info("simulation.stopped", **self.sent)

    def _tick(self, producer: Producer, now_us: int, stop: threading.Event) -> None:
        self._world.step(now_us)
        observed = {name: feed.observe(self._world, now_us) for name, feed in self._feeds.items()}
        self._send_until_durable(producer, observed, stop)

    def _send_until_durable(
        self, producer: Producer, observed: Mapping[str, Sequence[Outgoing]], stop: threading.Event
    ) -> None:
        failed = False
        while not stop.is_set():
            try:
                for name, messages in observed.items():
                    producer.send(raw(name), messages)
                producer.flush()
                break
            except BusError as error:
                if not failed:
                    log.warning("simulation.bus_away", error=str(error))
                failed = True
                stop.wait(_RETRY_S)
        else:
            return
        if failed:
            log.info("simulation.bus_back")
        for name, messages in observed.items():
            self.sent[name] += sum(message.count for message in messages)
