"""The live worker's side of the cache: newest values in memory, notices at each flush, blocks about every second.

Made by bootstrap, driven by ``ops_center/intake/publishing.py``. Mirrors live on the notices; blocks are for those who
start or have missed one. The cache may be lost at any time: the arrays here go on, and everything is published anew.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ops_center.domain.errors import LiveUnavailable
from ops_center.domain.messages import TopicPartition
from ops_center.domain.observations import Event, Int32, ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.domain.time import Clock
from ops_center.live.blocks import BLOCK_ROWS, encode_block, new_stamp
from ops_center.live.events import EventBook
from ops_center.live.latest import Latest, Rows, rows_at, rows_of_observations, rows_of_positions, take, union
from ops_center.live.notices import Notice, encode_notice
from ops_center.live.port import LatestPositions, LatestValues, Mark
from ops_center.live.redis_link import connect, our_errors
from ops_center.live.shelf import BlockName, Shelf

TICK_S = 1.0
"""a writer says something at least this often, so that mirrors know it is there"""
_ROWS_PER_NOTICE = 8192
"""some 240 kB: far below the 8 MB that Redis lets a subscriber lag behind before it cuts it off"""
_ROWS_AT_MOST = 65_536
"""beyond this, reading the blocks is cheaper than being told"""
_ROUNDS = 5
"""tries to save a block that others are saving, before it waits for the next flush"""


class RedisLiveWriter:
    """A LiveWriter on Redis or Valkey; several may write the same keys."""

    def __init__(self, url: str, realm: Realm, clock: Clock, save_every_s: float = 1.0) -> None:
        self._url = url
        self._clock = clock
        self._save_every_s = save_every_s
        self._client = connect(url)
        self._shelf = Shelf(self._client, realm)
        self._writer = secrets.token_bytes(8)
        self._sequence = 0
        self._saved = 0
        self._stamps: dict[BlockName, bytes] = {}
        self._said_s = self._saved_s = float("-inf")
        # What came before this writer was made may be newer in memory than in the cache, or the cache be empty.
        self._lost = True
        # Guards everything below: one thread applies, another flushes.
        self._lock = threading.Lock()
        self._latest: dict[str, Latest] = {"V": LatestValues(), "P": LatestPositions()}
        self._book = EventBook()
        self._changed: dict[str, list[Int32]] = {"V": [], "P": []}
        self._happened: list[Event] = []
        self._dirty: set[BlockName] = set()
        self._marks: dict[TopicPartition, Mark] = {}

    def load(self) -> bool:
        """Take in what the cache holds; False where it is empty or damaged. Raises LiveUnavailable."""
        whole = found = 0
        with our_errors(self._url):
            for name, block in self._shelf.blocks():
                found += 1
                whole += self._take_in(name, block)
            events = tuple(self._shelf.events(self._clock.now_us()))
        with self._lock:
            self._book.add(events, self._clock.now_us())
        self._lost = False
        return found > 0 and whole == found

    def apply(self, observations: ObservationBatch, positions: PositionBatch, events: Sequence[Event]) -> None:
        """Take newer values into the arrays; older ones, and the same again, change nothing."""
        now_us = self._clock.now_us()
        with self._lock:
            if len(observations):
                self._take("V", observations.datastream, rows_of_observations(observations), now_us)
            if len(positions):
                self._take("P", positions.thing, rows_of_positions(positions), now_us)
            self._happened += self._book.add(events, now_us)

    def mark(self, marks: Mapping[TopicPartition, Mark]) -> None:
        """Note how far what was applied reaches; kept in the cache once the blocks hold it."""
        with self._lock:
            self._marks.update(marks)

    def marks(self) -> Mapping[TopicPartition, Mark]:
        """Return what the cache keeps; raises LiveUnavailable."""
        with our_errors(self._url):
            return self._shelf.marks()

    def flush(self) -> int:
        """Publish what changed since the last flush; return how many rows and events. Raises LiveUnavailable."""
        try:
            with our_errors(self._url):
                return self._publish_all() if self._lost else self._publish_changes()
        except LiveUnavailable:
            self._lost = True
            raise

    def close(self) -> None:
        """Save what is not yet saved, if the cache answers, and let go of the connection."""
        try:
            with our_errors(self._url):
                self._publish_changes()
                self._save()
        except LiveUnavailable:
            pass  # a cache: the next writer rebuilds it from the store
        finally:
            self._client.close()

    def _take(self, kind: str, keys: Int32, rows: Rows, now_us: int) -> None:
        changed = take(self._latest[kind], keys, rows, now_us)
        if len(changed):
            self._changed[kind].append(changed)
            self._dirty.update(BlockName(kind, int(index)) for index in union((changed // BLOCK_ROWS,)))

    def _take_in(self, name: BlockName, block: bytes) -> bool:
        """Merge a block into memory; a damaged one is replaced at the next save. Return whether it was whole."""
        opened = self._shelf.open_block(name, block)
        with self._lock:
            if opened is None:
                self._stamps[name] = block[16:32]
                self._dirty.add(name)
                return False
            self._stamps[name], rows = opened
            keys = np.arange(len(rows["time_us"]), dtype=np.int32) + np.int32(name.index * BLOCK_ROWS)
            take(self._latest[name.kind], keys, rows, self._clock.now_us())
            return True

    def _publish_changes(self) -> int:
        values, positions, events = self._collect()
        count = len(values) + len(positions) + len(events)
        if events:
            self._shelf.add_events(events)
        if len(values) + len(positions) > _ROWS_AT_MOST:
            self._save()
            self._say(Notice(reload=True, events=events))
        elif count or time.monotonic() - self._said_s >= TICK_S:
            for notice in self._notices(values, positions, events):
                self._say(notice)
        if (self._dirty or self._marks) and time.monotonic() - self._saved_s >= self._save_every_s:
            self._save()
        return count

    def _publish_all(self) -> int:
        """Everything anew: the cache was away, or this is the first flush."""
        self._collect()
        with self._lock:
            count = 0
            for kind, latest in self._latest.items():
                held = np.flatnonzero(latest.time_us)
                count += len(held)
                self._dirty.update(BlockName(kind, int(index)) for index in union((held // BLOCK_ROWS,)))
            events = self._book.recent(self._clock.now_us())
        self._shelf.add_events(events)
        self._lost = False
        self._save()
        self._say(Notice(reload=True))
        return count + len(events)

    def _collect(self) -> tuple[Int32, Int32, tuple[Event, ...]]:
        """Return and forget which keys changed and what happened since the last time."""
        with self._lock:
            values, positions = union(self._changed["V"]), union(self._changed["P"])
            events = tuple(self._happened)
            self._changed = {"V": [], "P": []}
            self._happened = []
        return values, positions, events

    def _notices(self, values: Int32, positions: Int32, events: tuple[Event, ...]) -> Iterator[Notice]:
        """Yield the flush as notices of bounded size; at least one."""
        starts = range(0, max(len(values), len(positions), 1), _ROWS_PER_NOTICE)
        for start in starts:
            some, moved = (keys[start : start + _ROWS_PER_NOTICE] for keys in (values, positions))
            with self._lock:
                yield Notice(
                    value_keys=some,
                    values=rows_at(self._latest["V"], some),
                    position_keys=moved,
                    positions=rows_at(self._latest["P"], moved),
                    events=events if start == starts[-1] else (),
                )

    def _say(self, notice: Notice) -> None:
        self._sequence += 1
        numbered = replace(
            notice,
            writer=self._writer,
            sequence=self._sequence,
            saved=self._saved,
            time_us=self._clock.now_us(),
        )
        self._client.publish(self._shelf.channel, encode_notice(numbered))
        self._said_s = time.monotonic()

    def _save(self) -> None:
        """Save the blocks that changed; those that others go on saving wait for the next time."""
        sequence = self._sequence
        self._saved_s = time.monotonic()
        with self._lock:
            waiting, self._dirty = sorted(self._dirty, key=str), set()
            marks, self._marks = self._marks, {}
        try:
            for _ in range(_ROUNDS):
                waiting = self._try_to_save(waiting)
        finally:
            with self._lock:
                self._dirty.update(waiting)
                if waiting:
                    self._marks = {**marks, **self._marks}
        if not waiting:
            self._saved = sequence
            if marks:
                self._shelf.keep_marks(marks)

    def _try_to_save(self, names: Sequence[BlockName]) -> list[BlockName]:
        """Return those that somebody else has saved meanwhile; what lies there was taken in."""
        if not names:
            return []
        stamps = [new_stamp() for _ in names]
        blocks = [self._encoded(name, stamp) for name, stamp in zip(names, stamps, strict=True)]
        again = []
        for name, stamp, replaced in zip(names, stamps, self._shelf.replace(blocks), strict=True):
            if replaced.saved:
                self._stamps[name] = stamp
                self._lost |= replaced.was_missing
            else:
                self._take_in(name, replaced.held)
                again.append(name)
        return again

    def _encoded(self, name: BlockName, stamp: bytes) -> tuple[BlockName, bytes, bytes]:
        rows = slice(name.index * BLOCK_ROWS, (name.index + 1) * BLOCK_ROWS)
        with self._lock:
            copied = rows_at(self._latest[name.kind], rows)
        return name, self._stamps.get(name, b""), encode_block(name.kind, copied, stamp)
