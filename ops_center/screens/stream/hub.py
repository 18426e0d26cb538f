"""Everybody who is connected to ``/live``, and what they have in common: the picture, the heartbeat, the limits.

Lives on the event loop. The picture's thread wakes it; each client then takes what it lacks (``client.py``).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from ops_center.domain.errors import LiveUnavailable
from ops_center.screens.stream.alarm_line import AlarmPlane
from ops_center.screens.stream.frames import encode_frame
from ops_center.screens.stream.notice_line import NoticePlane
from ops_center.screens.stream.picture import Picture
from ops_center.screens.stream.seq_line import Plane
from ops_center.screens.stream.wall_line import WallPlane

log = structlog.get_logger(__name__)

HEARTBEAT_S = 1.0
_FOLLOW_S = 0.1
"""how long the picture waits for news before it looks whether somebody wants another layer"""
_RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server grants its clients."""

    clients: int = 200
    apart_s: float = 0.15
    """least time between two changes sent to one client; the first after a pause goes at once. Less than the 200 ms
    that live workers keep: with the same pace, one late round would make every round after it wait as long"""
    stalled_s: float = 10.0
    """a client that takes nothing for this long is dropped"""
    message_bytes: int = 256 * 1024
    """frames sent together; a single larger frame goes alone"""
    messages_per_s: float = 5.0
    """how many subscriptions a client may send, with bursts of ten seconds' worth"""
    refusals: int = 10
    """messages that weren't understood before the connection is closed"""


class Connected(Protocol):
    """What the hub asks of a client."""

    @property
    def layers(self) -> frozenset[str]:
        """Return the layers it looks at."""
        ...

    @property
    def is_of_a_wall(self) -> bool:
        """Return whether it is told what hangs on a wall."""
        ...

    def wake(self) -> None:
        """Look whether there is something to send."""
        ...


@dataclass(slots=True)
class Figures:
    """What became of the traffic, for health pages and benchmarks."""

    messages: int = 0
    bytes: int = 0
    stalled: int = 0
    """clients dropped because they took nothing"""
    turned_away: int = 0
    """connections refused because there were too many"""


class Hub:
    """All clients of one web process."""

    def __init__(
        self,
        picture: Picture,
        limits: Limits | None = None,
        alarms: AlarmPlane | None = None,
        walls: WallPlane | None = None,
        notices: NoticePlane | None = None,
        incidents: Plane | None = None,
    ) -> None:
        self.picture = picture
        self.alarms = alarms
        """None in trials and measurements that have none; so are walls, notices and incidents"""
        self.walls = walls
        self.notices = notices
        self.incidents = incidents
        self.limits = limits or Limits()
        self.figures = Figures()
        self.heartbeat = b""
        self.sequence = 0
        self._clients: set[Connected] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._beating: asyncio.Task[None] | None = None

    @property
    def clients(self) -> int:
        """Return how many are connected."""
        return len(self._clients)

    def start(self) -> None:
        """Begin to follow and to beat, on the running event loop; does nothing the second time."""
        if self._thread is not None:
            return
        loop = asyncio.get_running_loop()
        self.picture.changed = lambda: _call_soon(loop, self.wake)
        for plane in (self.alarms, self.notices, self.incidents):
            if plane is not None:
                plane.hear(lambda: _call_soon(loop, self.wake))
        if self.walls is not None:
            self.walls.hear(lambda: _call_soon(loop, self.wake_walls))
        self._beat()
        self._beating = loop.create_task(self._keep_beating())
        self._thread = threading.Thread(target=self._follow, name="picture", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Stop following and beating."""
        self._stop.set()
        if self._beating is not None:
            self._beating.cancel()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 5.0)
        self.picture.sources.mirror.close()

    def join(self, client: Connected) -> bool:
        """Take a client in; False when there are too many."""
        if len(self._clients) >= self.limits.clients:
            self.figures.turned_away += 1
            return False
        self._clients.add(client)
        return True

    def leave(self, client: Connected) -> None:
        """Forget a client."""
        self._clients.discard(client)
        self.wants_changed()

    def wants_changed(self) -> None:
        """Tell the picture which layers somebody looks at."""
        self.picture.wanted = frozenset[str]().union(*(client.layers for client in self._clients))

    def wake(self) -> None:
        """Something changed: let each client take what it lacks."""
        for client in self._clients:
            client.wake()

    def wake_walls(self) -> None:
        """What hangs on a wall changed, many times a second while a map is dragged: let those look who are told."""
        for client in self._clients:
            if client.is_of_a_wall:
                client.wake()

    async def _keep_beating(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + HEARTBEAT_S, loop.time())
            await asyncio.sleep(due - loop.time())
            self._beat()
            self.wake()

    def _beat(self) -> None:
        now_us = self.picture.sources.clock.now_us()
        health = self.picture.sources.mirror.health()
        age_s = None if health.age_s is None else round(health.age_s, 1)
        self.sequence += 1
        self.heartbeat = encode_frame(
            {
                "kind": "heartbeat",
                "sequence": self.sequence,
                "server_time_us": now_us,
                "live": {"status": health.status, "age_s": age_s},
                "alarms": None if self.alarms is None else _alarms(self.alarms),
                "feeds": self.picture.ages.ages(now_us),
            }
        )

    def _follow(self) -> None:
        """The picture's thread: goes on whatever happens; says once that values are lost, once that they are back."""
        lost = False
        while not self._stop.is_set():
            try:
                self.picture.step(_FOLLOW_S)
            except LiveUnavailable as error:
                if not lost:
                    log.warning("live.lost", reason=str(error))
                lost = True
                self._stop.wait(_RETRY_S)
            except Exception:
                log.exception("picture.failed")
                self._stop.wait(_RETRY_S)
            else:
                if lost:
                    log.info("live.recovered")
                lost = False


def _alarms(plane: AlarmPlane) -> dict[str, float | None]:
    return {"age_s": plane.age_s, "unjudged_s": plane.unjudged_s}


def _call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    """Wake the loop from another thread; at shutdown there may be none left to wake."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        if not loop.is_closed():
            raise
