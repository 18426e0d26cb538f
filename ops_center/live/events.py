"""The events of the last hour: kept once each, bounded, oldest first. Used by writer and mirror."""

from __future__ import annotations

from collections.abc import Iterable

from ops_center.domain.observations import Event
from ops_center.domain.time import HOUR_US
from ops_center.live.latest import FUTURE_US

MAX_EVENTS = 5_000
"""a source that never stops must not fill the memory: beyond this the oldest go"""


class EventBook:
    """Events of the last hour. Not thread-safe: its owner locks."""

    def __init__(self, limit: int = MAX_EVENTS) -> None:
        self._limit = limit
        self._events: dict[tuple[str, str], Event] = {}
        self._ordered: tuple[Event, ...] | None = ()

    def add(self, events: Iterable[Event], now_us: int) -> tuple[Event, ...]:
        """Take in what is new and recent; return that. A repeated (feed, event id) changes nothing."""
        new = []
        for event in events:
            identity = (event.feed, event.event_id)
            if identity not in self._events and is_recent(event, now_us):
                self._events[identity] = event
                new.append(event)
        if new:
            self._ordered = None
            self._forget(now_us)
        return tuple(new)

    def recent(self, now_us: int) -> tuple[Event, ...]:
        """Return the events of the last hour, oldest first."""
        if self._ordered is None:
            self._ordered = tuple(sorted(self._events.values(), key=lambda event: event.phenomenon_time_us))
        if all(is_recent(event, now_us) for event in (*self._ordered[:1], *self._ordered[-1:])):
            return self._ordered
        return tuple(event for event in self._ordered if is_recent(event, now_us))

    def _forget(self, now_us: int) -> None:
        if len(self._events) <= self._limit:
            return
        kept = self.recent(now_us)[-self._limit * 3 // 4 :]
        self._events = {(event.feed, event.event_id): event for event in kept}
        self._ordered = kept


def is_recent(event: Event, now_us: int) -> bool:
    """Return whether the event happened within the last hour."""
    return now_us - HOUR_US <= event.phenomenon_time_us <= now_us + FUTURE_US
