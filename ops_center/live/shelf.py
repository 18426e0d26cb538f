"""Where blocks and events lie in Redis, and how several live workers write there without undoing each other.

A block is replaced only if it still carries the stamp that the writer knows (compare-and-set in a script); else the
writer gets what lies there, takes it in and tries again. Two workers may therefore share every block, and one that
lost its partitions does no harm. Events lie in one hash for each minute, which expires by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis
import structlog

from ops_center.domain.errors import WireError
from ops_center.domain.messages import TopicPartition
from ops_center.domain.observations import Event
from ops_center.domain.realms import Realm
from ops_center.domain.time import MINUTE_US
from ops_center.domain.wire import decode_events, encode_events
from ops_center.live.blocks import decode_block
from ops_center.live.latest import Rows
from ops_center.live.port import Mark

log = structlog.get_logger(__name__)

_REPLACE = """
local held = redis.call('GETRANGE', KEYS[1], 16, 31)
if held ~= '' and held ~= ARGV[1] then return redis.call('GET', KEYS[1]) end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('SADD', KEYS[2], ARGV[3])
if held == '' and ARGV[1] ~= '' then return 1 end
return 0
"""
_ADD_EVENTS = """
local room = tonumber(ARGV[1]) - redis.call('HLEN', KEYS[1])
for i = 3, #ARGV, 2 do
  if room > 0 then room = room - redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""
_MARK = re.compile(rb"([a-z]{1,40})/(\d{1,9})=(\d{1,18}) ([\x21-\x7e]{1,100})")
_BLOCK = re.compile(rb"([VP])(\d{1,4})")
"""4,096 rows each: far more blocks than keys that are taken"""
_EVENTS_PER_MINUTE = 500
"""kept at most; 61 minutes of them are some 12 MB"""
_EVENTS_EXPIRE_S = 4000
_AT_ONCE = 64
"""blocks in one pipeline: some 7 MB"""


@dataclass(frozen=True, slots=True)
class BlockName:
    """Which block: keys ``index * 4096`` and the 4,095 that follow."""

    kind: str
    """``V`` values, ``P`` positions"""
    index: int

    def __str__(self) -> str:
        return f"{self.kind}{self.index}"

    @classmethod
    def parse(cls, text: bytes) -> BlockName | None:
        """Return the name that was written as ``text``; None for what never was one."""
        match = _BLOCK.fullmatch(text)
        return cls(match[1].decode(), int(match[2])) if match else None


@dataclass(frozen=True, slots=True)
class Replaced:
    """What became of a block that was to be saved."""

    saved: bool
    was_missing: bool = False
    """it was there before and is gone: the cache has lost its data"""
    held: bytes = b""
    """what lies there instead, where it was not saved"""


class Shelf:
    """The keys of one realm in one Redis. Raises what redis-py raises: writer and mirror translate."""

    def __init__(self, client: redis.Redis, realm: Realm) -> None:
        self._client = client
        self._realm = realm
        self._index = realm.key("live:blocks")
        self._replace = client.register_script(_REPLACE)
        self._add_events = client.register_script(_ADD_EVENTS)
        self._damaged: set[BlockName] = set()
        self.channel = realm.key("live:notices")

    def blocks(self) -> Iterator[tuple[BlockName, bytes]]:
        """Yield every block that is there."""
        names = self._names()
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            found: list[Any] = self._client.mget([self._key(name) for name in some])
            for name, block in zip(some, found, strict=True):
                if block is not None:
                    yield name, block

    def _names(self) -> list[BlockName]:
        members: set[Any] = self._client.smembers(self._index)
        return sorted(filter(None, map(BlockName.parse, members)), key=str)

    def replace(self, blocks: Sequence[tuple[BlockName, bytes, bytes]]) -> list[Replaced]:
        """Save (name, stamp it should carry or b"" if none, block) each; return what became of them."""
        results: list[Replaced] = []
        for start in range(0, len(blocks), _AT_ONCE):
            pipeline = self._client.pipeline(transaction=False)
            for name, stamp, block in blocks[start : start + _AT_ONCE]:
                self._replace(keys=[self._key(name), self._index], args=[stamp, block, str(name)], client=pipeline)
            for result in pipeline.execute():
                lost = isinstance(result, bytes)
                results.append(Replaced(not lost, result == 1, result if lost else b""))
        return results

    def open_block(self, name: BlockName, block: bytes) -> tuple[bytes, Rows] | None:
        """Return stamp and rows, or None for a damaged block, which is logged once."""
        try:
            opened = decode_block(name.kind, block)
        except WireError as error:
            if name not in self._damaged:
                self._damaged.add(name)
                log.warning("live.block_damaged", block=str(name), reason=str(error))
            return None
        self._damaged.discard(name)
        return opened

    def add_events(self, events: Iterable[Event]) -> None:
        """Keep events for an hour; repeated ones change nothing."""
        pipeline = self._client.pipeline(transaction=False)
        for minute, some in _by_minute(events).items():
            self._add_events(
                keys=[self._events_key(minute)], args=[_EVENTS_PER_MINUTE, _EVENTS_EXPIRE_S, *some], client=pipeline
            )
        pipeline.execute()

    def events(self, now_us: int) -> Iterator[Event]:
        """Yield the events of the last hour, in no order; damaged ones are passed over."""
        this_minute = now_us // MINUTE_US
        pipeline = self._client.pipeline(transaction=False)
        for minute in range(this_minute - 60, this_minute + 2):
            pipeline.hvals(self._events_key(minute))
        for records in pipeline.execute():
            for record in records:
                yield from _events_of(record)

    def keep_marks(self, marks: Mapping[TopicPartition, Mark]) -> None:
        """Keep how far a live worker has read."""
        fields: dict[Any, Any] = {
            f"{partition.topic}/{partition.partition}": f"{mark.time_us} {mark.position}"
            for partition, mark in marks.items()
        }
        self._client.hset(self._realm.key("live:marks"), mapping=fields)

    def marks(self) -> Mapping[TopicPartition, Mark]:
        """Return what is kept; damaged marks are passed over."""
        kept: Any = self._client.hgetall(self._realm.key("live:marks"))
        found = (_MARK.fullmatch(field + b"=" + value) for field, value in kept.items())
        return {
            TopicPartition(match[1].decode(), int(match[2])): Mark(match[4].decode(), int(match[3]))
            for match in found
            if match
        }

    def _key(self, name: BlockName) -> str:
        return self._realm.key(f"live:block:{name}")

    def _events_key(self, minute: int) -> str:
        return self._realm.key(f"live:events:{minute}")


def _by_minute(events: Iterable[Event]) -> Mapping[int, list[str | bytes]]:
    """Return minute → field, record, field, record …"""
    minutes: dict[int, list[str | bytes]] = {}
    for event in events:
        pairs = minutes.setdefault(event.phenomenon_time_us // MINUTE_US, [])
        pairs += (f"{event.feed}\0{event.event_id}", encode_events((event,)))
    return minutes


def _events_of(record: bytes) -> tuple[Event, ...]:
    try:
        return decode_events(record)
    except WireError:
        return ()
