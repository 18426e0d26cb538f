"""A process's own copy of the latest values: follows the notices, reads blocks when it starts or has missed one.

Made by bootstrap, driven by one thread (``ops_center/screens/stream/picture.py``): not thread-safe, except ``health``.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
import redis
import structlog

from ops_center.domain.errors import LiveUnavailable, WireError
from ops_center.domain.observations import Event, Int32
from ops_center.domain.realms import Realm
from ops_center.domain.time import Clock
from ops_center.live.blocks import BLOCK_ROWS
from ops_center.live.events import EventBook
from ops_center.live.latest import Latest, take, union
from ops_center.live.notices import Notice, decode_notice
from ops_center.live.port import Changed, LatestPositions, LatestValues, LiveHealth
from ops_center.live.redis_link import ANSWER_TIMEOUT_S, connect, our_errors
from ops_center.live.shelf import Shelf

log = structlog.get_logger(__name__)

AGED_S = 5.0
"""a writer speaks every second; after five without a word something is wrong with it"""
_NOTICES_AT_ONCE = 64
"""taken in together when there is a backlog, so that one drawing covers them"""
_WRITERS_KNOWN = 64


class RedisLiveMirror:
    """A LiveMirror on Redis or Valkey."""

    def __init__(self, url: str, realm: Realm, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._client = connect(url)
        self._shelf = Shelf(self._client, realm)
        self._ear: Any = None
        """the subscription; None while there is no connection"""
        self._latest: dict[str, Latest] = {"V": LatestValues(), "P": LatestPositions()}
        self._book = EventBook()
        self._next: OrderedDict[bytes, int] = OrderedDict()
        """writer → the sequence that must come next"""
        self._needs: dict[bytes, int] = {}
        """writer → up to where its blocks must be saved before reading them mends what was missed"""
        self._heard_s: float | None = None
        self._made_s = time.monotonic()

    @property
    def values(self) -> LatestValues:
        """Return the latest observations."""
        latest = self._latest["V"]
        assert isinstance(latest, LatestValues)  # noqa: S101 - for the type checker
        return latest

    @property
    def positions(self) -> LatestPositions:
        """Return the latest fixes."""
        latest = self._latest["P"]
        assert isinstance(latest, LatestPositions)  # noqa: S101 - for the type checker
        return latest

    @property
    def events(self) -> Sequence[Event]:
        """Return the events of the last hour, oldest first."""
        return self._book.recent(self._clock.now_us())

    def load(self) -> Changed:
        """Read all blocks and return what they brought; raises LiveUnavailable."""
        try:
            with our_errors(self._url):
                return self._load()
        except LiveUnavailable:
            self._hang_up()
            raise

    def follow(self, timeout_s: float) -> Changed | None:
        """Wait for the next flush and take it in; None after ``timeout_s``; raises LiveUnavailable.

        After it was unavailable, the next call connects again and reads all blocks.
        """
        try:
            with our_errors(self._url):
                return self._follow(timeout_s) if self._ear is not None else self._load()
        except LiveUnavailable:
            self._hang_up()
            raise

    def health(self) -> LiveHealth:
        """Return how old what it holds is; never waits."""
        age_s = None if self._heard_s is None else time.monotonic() - self._heard_s
        if self._ear is None:
            return LiveHealth("lost", age_s)
        silent_s = age_s if age_s is not None else time.monotonic() - self._made_s
        return LiveHealth("aged" if silent_s > AGED_S else "ok", age_s)

    def close(self) -> None:
        """Let go of the connection."""
        self._hang_up()
        self._client.close()

    def _load(self) -> Changed:
        # Listening comes first: what is said while the blocks are read is waiting when they are.
        if self._ear is None:
            self._ear = self._listen()
        changes = [
            (name.kind, self._take_in(name.kind, self._keys(name.index, len(opened[1]["time_us"])), opened[1]))
            for name, block in self._shelf.blocks()
            if (opened := self._shelf.open_block(name, block)) is not None
        ]
        now_us = self._clock.now_us()
        return _changed(changes, self._book.add(self._shelf.events(now_us), now_us))

    def _follow(self, timeout_s: float) -> Changed | None:
        notices = self._hear(timeout_s)
        if not notices:
            self._client.ping()
            return None
        changes: list[tuple[str, Int32]] = []
        events: list[Event] = []
        for notice in notices:
            changes.append(("V", self._take_in("V", notice.value_keys, notice.values)))
            changes.append(("P", self._take_in("P", notice.position_keys, notice.positions)))
            events += self._book.add(notice.events, self._clock.now_us())
        due = [self._is_due_to_load(notice) for notice in notices]
        if any(due):
            loaded = self._load()
            changes += [("V", loaded.datastreams), ("P", loaded.things)]
            events += loaded.events
        return _changed(changes, tuple(events))

    def _hear(self, timeout_s: float) -> list[Notice]:
        """Return what was said: waits for the first notice, takes what is already there behind it."""
        notices: list[Notice] = []
        deadline_s = time.monotonic() + timeout_s
        while len(notices) < _NOTICES_AT_ONCE:
            left_s = 0.0 if notices else deadline_s - time.monotonic()
            message = self._ear.get_message(timeout=max(left_s, 0.0))
            if message is not None and message["type"] == "message":
                notices += self._understood(message["data"])
            elif message is None and (notices or left_s <= 0):
                break
        if notices:
            self._heard_s = time.monotonic()
        return notices

    def _understood(self, message: bytes) -> list[Notice]:
        try:
            return [decode_notice(message)]
        except WireError as error:
            log.warning("live.notice_damaged", reason=str(error))
            return []

    def _is_due_to_load(self, notice: Notice) -> bool:
        """Return whether blocks must be read now to mend what was missed before ``notice``."""
        writer = notice.writer
        if notice.reload or self._next.get(writer) != notice.sequence:
            self._needs[writer] = notice.sequence - 1
        self._next[writer] = notice.sequence + 1
        self._next.move_to_end(writer)
        if len(self._next) > _WRITERS_KNOWN:
            forgotten, _ = self._next.popitem(last=False)
            self._needs.pop(forgotten, None)
        if writer in self._needs and notice.saved >= self._needs[writer]:
            del self._needs[writer]
            return True
        return False

    def _take_in(self, kind: str, keys: Int32, rows: Any) -> Int32:
        return take(self._latest[kind], keys, rows, self._clock.now_us()) if len(keys) else keys

    def _keys(self, index: int, count: int) -> Int32:
        return np.arange(index * BLOCK_ROWS, index * BLOCK_ROWS + count, dtype=np.int32)

    def _listen(self) -> Any:
        ear: Any = self._client.pubsub()  # type: ignore[no-untyped-call]
        ear.subscribe(self._shelf.channel)
        # The answer says that from now on nothing is missed.
        if ear.get_message(timeout=ANSWER_TIMEOUT_S) is None:
            raise redis.TimeoutError("no answer to a subscription")
        return ear

    def _hang_up(self) -> None:
        if self._ear is not None:
            self._ear.close()
            self._ear = None


def _changed(changes: Sequence[tuple[str, Int32]], events: tuple[Event, ...]) -> Changed:
    values, positions = (union(keys for kind, keys in changes if kind == wanted) for wanted in ("V", "P"))
    return Changed(values, positions, events)
