"""Reads streams of one Redis: the partitions that leases give, or all of a topic. Made by ``redis_streams``."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from ops_center.bus.packing import unpack
from ops_center.bus.port import END, Assignments
from ops_center.bus.redis_cursors import Cursor
from ops_center.bus.redis_keys import Keys
from ops_center.bus.redis_leases import Guard, Leases
from ops_center.bus.redis_trimming import Trimmer
from ops_center.domain.messages import RawMessage, TopicPartition

ENTRY_RECORDS = 2_000
"""most records in one entry"""
_KEEP_S = 600  # entries that everybody has read are kept this long, for whoever wants to look back
_TRIM_EVERY_S = 10.0
_FETCH_ENTRIES = 1_000  # asked for at a time over all streams: where small entries are followed by full ones, 256 MiB


class RedisStreamsConsumer:
    """Reads the partitions that its leases (or its reader) give it. Used by one thread."""

    def __init__(
        self, client: Any, keys: Keys, guard: Guard, leases: Leases | None, assignments: Assignments | None
    ) -> None:
        self._client = client
        self._keys = keys
        self._guard = guard
        self._leases = leases
        self._assignments = assignments
        self._trimmer = Trimmer(client, keys)
        self._cursors: dict[TopicPartition, Cursor] = {}
        # Supposed to be full until seen otherwise: a worker that comes back to a long log must not drown in it.
        self._records_per_entry = float(ENTRY_RECORDS)
        self._trimmed_s = time.monotonic()

    def poll(self, timeout_s: float, max_records: int) -> Sequence[RawMessage]:
        """Return what is there, in order within each partition; () after ``timeout_s``. Raises BusUnavailable."""
        with self._guard():
            self._look_after_leases()
            if not any(cursor.waiting for cursor in self._cursors.values()):
                self._fetch(timeout_s, max_records)
        return self._hand_out(max_records)

    def rewind(self, positions: Mapping[TopicPartition, str | None]) -> None:
        """Go back: the next poll continues after these positions. What is not held is passed over."""
        for partition, position in positions.items():
            if self._leases is None or partition in self._leases.epochs:
                self._cursors[partition] = Cursor.after(self._last(partition) if position == END else position)

    def done(self, positions: Mapping[TopicPartition, str]) -> None:
        """Record what is finished; raises PartitionLost where fenced."""
        if self._leases is None or not positions:
            return
        with self._guard():
            self._leases.done(positions)
            self._trim_if_due(positions)

    def lag(self) -> Mapping[TopicPartition, int]:
        """Return how many records of each partition are not yet handed out."""
        with self._guard():
            return {partition: self._lag(partition, cursor) for partition, cursor in self._cursors.items()}

    def close(self) -> None:
        """Leave the group so that others take over at once."""
        try:
            if self._leases is not None:
                with self._guard():
                    self._leases.leave()
        finally:
            self._client.close()

    def _last(self, partition: TopicPartition) -> str | None:
        """Return a position behind everything that is there now; None where nothing is."""
        with self._guard():
            last = self._client.xrevrange(self._keys.stream(partition), count=1)
        return f"{last[0][0].decode()}/{ENTRY_RECORDS}" if last else None

    def _look_after_leases(self) -> None:
        if self._leases is None or self._assignments is None:
            return
        gained, lost = self._leases.renew_if_due()
        if lost:
            for partition in lost:
                self._cursors.pop(partition, None)
            self._assignments.lost(lost)
        if gained:
            try:
                places = self._assignments.gained(gained)
            except BaseException:
                self._leases.forget(gained)  # not told where to go on, we hold nothing
                raise
            self.rewind({partition: places.get(partition) for partition in gained})

    def _fetch(self, timeout_s: float, max_records: int) -> None:
        if not self._cursors:
            time.sleep(timeout_s)  # nothing is ours: wait for the next renewal without asking the server
            return
        streams = {self._keys.stream(partition): partition for partition in self._cursors}
        places: dict[Any, Any] = {name: self._cursors[partition].entry for name, partition in streams.items()}
        entries = min(max_records / self._records_per_entry, _FETCH_ENTRIES)
        each = max(1, round(entries / len(places)))
        found = self._client.xread(places, count=each, block=max(1, round(timeout_s * 1000)))
        for name, read in found.items() if isinstance(found, dict) else found or ():
            # RESP3 wraps the entries of a stream in one more list.
            for entry, fields in read[0] if read and isinstance(read[0], list) else read:
                self._take(streams[name.decode()], entry.decode(), fields)

    def _take(self, partition: TopicPartition, entry: str, fields: Mapping[bytes, bytes]) -> None:
        records = self._cursors[partition].take(partition, entry, fields)
        self._records_per_entry += 0.2 * (max(records, 1) - self._records_per_entry)

    def _hand_out(self, max_records: int) -> list[RawMessage]:
        handed: list[RawMessage] = []
        for cursor in self._cursors.values():
            handed += cursor.hand_out(max_records - len(handed))
        return handed

    def _lag(self, partition: TopicPartition, cursor: Cursor) -> int:
        stream = self._keys.stream(partition)
        total = int(self._client.hget(self._keys.totals, stream) or 0)
        read = cursor.read_total
        if read is None:
            # Right after going back: what lies before the next entry is what was read.
            following = self._client.xrange(stream, min=f"({cursor.entry}", count=1)
            if not following:
                return 0
            entry, fields = following[0]
            skipped = cursor.skip if entry.decode() == cursor.resumed else 0
            read = int(fields[b"e"]) - sum(1 for _ in unpack(fields[b"b"])) + skipped
        return total - read + len(cursor.waiting)

    def _trim_if_due(self, positions: Mapping[TopicPartition, str]) -> None:
        now_s = time.monotonic()
        if now_s - self._trimmed_s >= _TRIM_EVERY_S:
            self._trimmed_s = now_s
            self._trimmer.trim(map(self._keys.stream, positions), _KEEP_S)
