"""Where a consumer is in each stream, and how entries become records again. Used by the Redis consumer alone.

A position is ``<entry id>/<index in the entry>``: it names one record, so that going on after it is exact even in the
middle of an entry.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog

from ops_center.bus.packing import unpack
from ops_center.domain.errors import WireError
from ops_center.domain.messages import RawMessage, TopicPartition

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Cursor:
    """Where a consumer is in one stream."""

    entry: str = "0-0"
    """the last entry read"""
    resumed: str = ""
    """the entry that was left in the middle, after going back"""
    skip: int = 0
    """records of that entry to leave out"""
    read_total: int | None = None
    """records before the end of the last entry read; None: nothing was read yet"""
    waiting: deque[RawMessage] = field(default_factory=deque)
    """read and not yet handed out"""

    @classmethod
    def after(cls, position: str | None) -> Cursor:
        """Return the cursor that reads on after ``position``, which may lie in the middle of an entry."""
        if position is None:
            return cls()
        entry, _, index = position.partition("/")
        # The entry is read again and its first records are left out: how many it has is not known here.
        return cls(entry=_before(entry), resumed=entry, skip=int(index or 0) + 1)

    def take(self, partition: TopicPartition, entry: str, fields: Mapping[bytes, bytes]) -> int:
        """Take the next entry in; return how many records it has."""
        self.entry = entry
        self.read_total = int(fields.get(b"e", b"0"))
        messages = records_of(partition, entry, fields)
        # If the entry that was left in the middle is trimmed by now, the next one is read whole.
        self.waiting.extend(messages[self.skip if entry == self.resumed else 0 :])
        self.skip = 0
        return len(messages)

    def hand_out(self, room: int) -> list[RawMessage]:
        """Return up to ``room`` records that wait."""
        if len(self.waiting) <= room:
            handed = list(self.waiting)
            self.waiting.clear()
            return handed
        return [self.waiting.popleft() for _ in range(room)]


def records_of(partition: TopicPartition, entry: str, fields: Mapping[bytes, bytes]) -> list[RawMessage]:
    """Return the records of one entry; bytes that are none of ours are one record, which intake quarantines."""
    try:
        pairs = unpack(fields.get(b"b", b""))
    except WireError as error:
        log.error(
            "bus.damaged_entry", partition=f"{partition.topic}/{partition.partition}", entry=entry, why=str(error)
        )
        pairs = iter([(b"", b"\n".join(fields.values()))])
    topic, number = partition.topic, partition.partition
    time_us = int(entry.partition("-")[0]) * 1000
    # Past the named tuple's own constructor, which is Python and costs as much as everything else here.
    make = tuple.__new__
    return [
        make(RawMessage, (topic, number, f"{entry}/{index}", key, value, time_us))
        for index, (key, value) in enumerate(pairs)
    ]


def _before(entry: str) -> str:
    """Return the greatest entry id that is less than ``entry``."""
    milliseconds, _, sequence = entry.partition("-")
    if int(sequence) > 0:
        return f"{milliseconds}-{int(sequence) - 1}"
    return f"{int(milliseconds) - 1}-18446744073709551615" if int(milliseconds) > 0 else "0-0"
