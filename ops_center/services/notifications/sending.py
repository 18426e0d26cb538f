"""Sends what is due, and writes down what became of it.

What goes to one target goes one after the other; different targets don't wait for each other. A target that does not
answer is asked by one at a time, after growing pauses: what waits for it is put off meanwhile and counts as not tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import groupby

import structlog

from alerts.alarm import Alarm
from alerts.notification_text import again, digest_of
from alerts.notifying import DIGEST, MOST_ATTEMPTS, TEST, WARNING, Wanted, digest_due, pointless, repeat, retry_us
from alerts.route import Channel, Route
from ops_center.domain.errors import StoreError
from ops_center.domain.realms import Realm
from ops_center.domain.time import MINUTE_US, SECOND_US, Clock
from ops_center.services.notifications.door import Delivered, Door, Failed, Refused
from ops_center.store.notification_port import Attempt, Notification
from ops_center.store.port import Store

log = structlog.get_logger(__name__)

LEASE_US = 5 * 60 * SECOND_US
"""longer than all that is taken at once can take"""
_AT_A_TIME = 64
_AT_ONCE = 8
_BUSY_US = 2 * SECOND_US
"""what is due while something goes to the same target is looked at again after so long"""
_ANYWAY = frozenset({TEST, WARNING, DIGEST})
"""acts that no rate holds back"""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is known when a turn begins."""

    routes: Mapping[str, Route]
    alarms: Mapping[int, Alarm]


@dataclass(slots=True)
class _Lane:
    """What is known of one target of one channel."""

    busy: bool = False
    failures: int = 0
    """one after the other, since it answered last"""
    until_us: int = 0
    """nothing is tried before"""


class Sender:
    """Sends through ``doors``; several processes may send at once."""

    def __init__(self, store: Store, doors: Mapping[Channel, Door], realm: Realm, zone: str, clock: Clock) -> None:
        self._store = store.notifications
        self._routes = store.routes
        self._alarms = store.alarms
        self._doors = doors
        self._realm = realm
        self._zone = zone
        self._clock = clock
        self._pool = ThreadPoolExecutor(_AT_ONCE, "send")
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._running: list[Future[None]] = []

    def turn(self) -> int:
        """Begin to send what is due now; return how many were looked at. Raises StoreError."""
        self._running = [one for one in self._running if not one.done()]
        routes = {route.name: route for route in self._routes.routes()}
        self._make_digests(routes)
        taken = self._store.take(self._clock.now_us(), LEASE_US, _AT_A_TIME)
        if not taken:
            return 0
        turn = _Turn(routes, self._alarms_of(taken))
        for key, group in groupby(sorted(taken, key=_lane), _lane):
            self._begin(self._lanes.setdefault(key, _Lane()), list(group), turn)
        return len(taken)

    def finish(self) -> None:
        """Wait until nothing is under way any more; every attempt is bounded in time."""
        wait(self._running)

    def close(self) -> None:
        """Finish, and let go of the threads."""
        self._pool.shutdown()

    def _begin(self, lane: _Lane, group: Sequence[Notification], turn: _Turn) -> None:
        now_us = self._clock.now_us()
        if lane.busy or lane.until_us > now_us:
            self._put_off(group, max(lane.until_us, now_us + _BUSY_US))
            return
        lane.busy = True
        self._running.append(self._pool.submit(self._send_all, lane, group, turn))

    def _send_all(self, lane: _Lane, group: Sequence[Notification], turn: _Turn) -> None:
        """Send to one target in order, until it fails or takes so long that others might take what is left."""
        began_us = self._clock.now_us()
        try:
            for place, one in enumerate(group):
                answers = self._handle(one, turn)
                now_us = self._clock.now_us()
                lane.failures = 0 if answers else lane.failures + 1
                if not answers:
                    lane.until_us = now_us + retry_us(one.id, lane.failures)
                if not answers or now_us - began_us > LEASE_US // 3:
                    self._put_off(group[place + 1 :], max(lane.until_us, now_us))
                    return
        except StoreError as error:
            # What became of it is not written down: it is taken again when its lease is over.
            log.warning("notifications.not_recorded", error=str(error))
        finally:
            lane.busy = False

    def _handle(self, one: Notification, turn: _Turn) -> bool:
        """Do what is to be done with one; False: the other side does not answer."""
        wanted, now_us = one.wanted, self._clock.now_us()
        route = turn.routes.get(wanted.route)
        alarm = turn.alarms.get(wanted.alarm)
        if reason := pointless(wanted.act, wanted.number, route, alarm, self._realm, now_us, self._zone):
            self._store.settle(one, "void", now_us, reason)
            return True
        if route is not None and wanted.act not in _ANYWAY:
            told = self._store.told_us(route.name, wanted.target, now_us - round(route.per_min * MINUTE_US))
            if (due_us := digest_due(told, route, now_us)) is not None:
                self._store.settle(one, "held", now_us, "rate", due_us=due_us)
                return True
        return self._send(one, route)

    def _send(self, one: Notification, route: Route | None) -> bool:
        said = one
        if one.wanted.number > 1 and route is not None:
            content = again(one.wanted.content, one.wanted.number, route.language)
            said = replace(one, wanted=replace(one.wanted, content=content))
        outcome = self._doors[one.wanted.channel].send(said)
        now_us = self._clock.now_us()
        match outcome:
            case Delivered(detail):
                attempt = Attempt(one.attempts, now_us, "sent", detail)
                following = repeat(one.wanted, route, now_us)
                then = [following] if following else []
                self._store.settle(one, "sent", now_us, detail, attempt=attempt, then=then)
            case Refused(detail):
                attempt = Attempt(one.attempts, now_us, "refused", detail)
                self._store.settle(one, "dead", now_us, detail, attempt=attempt)
                log.warning("notification.dead", id=one.id, route=one.wanted.route, why=detail)
            case Failed(detail):
                self._failed(one, detail, now_us)
        return not isinstance(outcome, Failed)

    def _failed(self, one: Notification, detail: str, now_us: int) -> None:
        attempt = Attempt(one.attempts, now_us, "failed", detail)
        if one.attempts >= MOST_ATTEMPTS:
            self._store.settle(one, "dead", now_us, detail, attempt=attempt)
            log.error("notification.dead", id=one.id, route=one.wanted.route, why=detail, attempts=one.attempts)
            return
        due_us = now_us + retry_us(one.id, one.attempts)
        self._store.settle(one, "waiting", now_us, detail, due_us=due_us, attempt=attempt)
        if one.attempts == 1:
            log.warning("notification.failed", id=one.id, route=one.wanted.route, why=detail)

    def _put_off(self, group: Iterable[Notification], due_us: int) -> None:
        for one in group:
            self._store.settle(one, "waiting", self._clock.now_us(), "put off: its target is busy", due_us=due_us)

    def _make_digests(self, routes: Mapping[str, Route]) -> None:
        now_us = self._clock.now_us()
        for name, target in self._store.held_due(now_us):
            held = self._store.held(name, target)
            route = routes.get(name)
            if not held or route is None:
                continue
            content = digest_of([one.wanted.content for one in held], self._realm, route.language)
            first = held[0]
            digest = Wanted(
                key=f"{DIGEST}/{name}/{target}/{first.id}#1",
                route=name,
                route_version=route.version,
                channel=first.wanted.channel,
                target=target,
                alarm=0,
                act=DIGEST,
                due_us=now_us,
                content=content,
            )
            self._store.digest([one.id for one in held], digest, now_us)

    def _alarms_of(self, taken: Iterable[Notification]) -> dict[int, Alarm]:
        ids = sorted({one.wanted.alarm for one in taken} - {0})
        return {alarm.id: alarm for alarm in self._alarms.find(ids)} if ids else {}


def _lane(one: Notification) -> tuple[str, str]:
    return one.wanted.channel, one.wanted.target
