"""The door of the book's one writer: becomes the writer, reads conditions, keeps what the book did.

Who is the writer is settled twice. A lock of the connection lets the second wait, and falls with the connection: of a
process that ended, at once. One that stands still keeps its lock, and is followed when it has committed nothing for a
while. A number that grows with every writer is compared in each commit, so that one who lost its office without knowing
it can't write into the work of its successor. Called by ``rules_worker.book_worker`` through :class:`BookStore`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import psycopg

from alerts.alarm import Alarm
from alerts.conditions import decode_conditions
from ops_center.domain.errors import Fenced, StoreError
from ops_center.domain.messages import TopicPartition
from ops_center.domain.realms import Realm
from ops_center.store import advancing
from ops_center.store.alarm_port import BookStart, BookWork
from ops_center.store.alarm_rows import ALARMS_AS_JSON, lock_end, read_alarms, write_turns
from ops_center.store.alarms import changes
from ops_center.store.port import Advance
from ops_center.store.pulses import write_pulse
from ops_center.store.rule_port import ConditionRecord, Pulse, SetAside
from ops_center.store.session import Connection, Session

WORKER = "book"
TOPIC = "conditions"
PULSE = "book"
"""what its pulse is called"""

_SILENT_S = 10.0
"""a writer commits about once a second, even when nothing happens"""
_STATEMENT_S = 60.0
_STANDSTILL_S = 10.0

_TRY = """
SELECT pg_try_advisory_lock(hashtext('ops book'), hashtext(current_schema()))
       OR (SELECT at < clock_timestamp() - make_interval(secs => %s) FROM alarm_book)
"""

_BECOME = """
UPDATE alarm_book SET writer = writer + 1, at = clock_timestamp() RETURNING writer, stage_two, memory
"""

_OPEN = f"{ALARMS_AS_JSON} WHERE state <> 'normal' ORDER BY id) n"

_RECORDS = 500
"""of each partition, at a time"""

_RECORDS_BEHIND = """
SELECT l.partition, r.seq, r.record
FROM rule_lane l
LEFT JOIN unnest(%(partitions)s::int[], %(seqs)s::bigint[]) AS p (partition, seq) ON p.partition = l.partition
CROSS JOIN LATERAL (
    SELECT c.seq, c.record FROM condition_record c
    WHERE c.partition = l.partition AND c.seq > coalesce(p.seq, 0) ORDER BY c.seq LIMIT %(limit)s
) r
ORDER BY r.seq, l.partition
"""

_UNREAD = """
SELECT count(c.seq), coalesce(extract(epoch FROM clock_timestamp() - min(c.at)), 0)::float8
FROM rule_lane l
LEFT JOIN unnest(%(partitions)s::int[], %(seqs)s::bigint[]) AS p (partition, seq) ON p.partition = l.partition
JOIN condition_record c ON c.partition = l.partition AND c.seq > coalesce(p.seq, 0)
"""

_POSITIONS = "SELECT partition, position::bigint FROM worker_position WHERE worker = %s AND topic = %s"

_KEEP = """
UPDATE alarm_book SET stage_two = coalesce(%(stage_two)s, stage_two), memory = coalesce(%(memory)s, memory)
WHERE writer = %(writer)s
"""

_STILL = "UPDATE alarm_book SET at = clock_timestamp() WHERE writer = %s"


class PostgresBookStore:
    """The BookStore; belongs to one thread."""

    def __init__(self, url: str, realm: Realm, name: str = "ops-center book") -> None:
        self._session = Session(url, realm, name, _STATEMENT_S, _STANDSTILL_S, self._connected)
        self._entering = False
        self._start: BookStart | None = None
        self._seq = 0
        self._positions: dict[int, int] = {}

    def acquire(self) -> BookStart | None:
        """Become the writer; None: somebody else is."""
        self.close()

        def work(connection: Connection) -> BookStart | None:
            held: Any = connection.execute(_TRY, (_SILENT_S,)).fetchone()
            return _begin(connection) if held[0] else None

        self._entering = True
        try:
            start = self._session.run(work, isolation=psycopg.IsolationLevel.READ_COMMITTED)
        finally:
            self._entering = False
        if start is None:
            self.close()
            return None
        self._start, self._seq, self._positions = start, start.seq, dict(start.positions)
        return start

    def commit(self, work: Callable[[Sequence[Alarm]], BookWork]) -> int:
        """Do ``work`` and keep it in one transaction. Raises Fenced, StoreUnavailable, StoreError."""
        start = self._start
        if start is None:
            raise Fenced("the book's writer has lost its office")
        done: list[BookWork] = []

        def once(connection: Connection) -> int:
            if done:
                raise StoreError("the book's transaction was undone: it begins anew", retriable=True)
            seq, _ = lock_end(connection)
            if connection.execute(_STILL, (start.writer,)).rowcount != 1:
                raise Fenced("somebody else has become the book's writer")
            behind = seq - self._seq
            others = [one.alarm for one in changes(connection, self._seq, behind).changed] if behind else []
            done.append(work(others))
            return self._keep(connection, done[0], start.writer, seq)

        try:
            self._seq = self._session.run(once)
        except BaseException:
            self.close()
            raise
        self._positions.update(done[0].positions)
        return self._seq

    def pulse(self, instance: str, now_us: int, positions: Mapping[int, int], set_aside: Sequence[SetAside]) -> None:
        """Say that the writer is alive, how far behind ``positions`` conditions are, and which types are set aside."""
        values = {"partitions": list(positions), "seqs": list(positions.values())}

        def work(connection: Connection) -> None:
            unread, lag_s = cast("tuple[int, float]", connection.execute(_UNREAD, values).fetchone())
            write_pulse(connection, Pulse(PULSE, instance, now_us, unread, lag_s, tuple(set_aside)))

        self._session.run(work)

    def conditions(self, positions: Mapping[int, int], limit: int) -> Sequence[ConditionRecord]:
        """Return the records behind ``positions``, by partition and seq."""
        # A few records hold one condition, one may hold thousands: read some, stop when there is enough.
        values = {"partitions": list(positions), "seqs": list(positions.values()), "limit": _RECORDS}
        found: Any = self._session.run(lambda connection: connection.execute(_RECORDS_BEHIND, values).fetchall())
        records, count = [], 0
        for partition, seq, record in found:
            if count >= limit:
                break
            records.append(ConditionRecord(partition, seq, decode_conditions(record)))
            count += len(records[-1].batch)
        return records

    def close(self) -> None:
        """Let go of the office and the connection."""
        self._start = None
        self._session.close()

    def _connected(self, connection: Connection) -> None:
        """Refuse a connection that is made anew for one that was lost: the lock fell with it."""
        if not self._entering:
            raise Fenced("the connection was lost, and the office of the book's writer with it")

    def _keep(self, connection: Connection, work: BookWork, writer: int, seq: int) -> int:
        if work.positions:
            advancing.move(connection, _advance(self._positions, work.positions))
        if work.stage_two is not None or work.memory is not None:
            connection.execute(_KEEP, {"stage_two": work.stage_two, "memory": work.memory, "writer": writer})
        return write_turns(connection, work.turns, seq)


def _begin(connection: Connection) -> BookStart:
    # Whoever changes alarms waits from here on: what is read below is of one moment.
    seq, last_alarm = lock_end(connection)
    writer: Any = connection.execute(_BECOME).fetchone()
    if writer is None:
        raise StoreError("the book has lost its row: restore the backup (docs/storage.md)")
    positions: Any = connection.execute(_POSITIONS, (WORKER, TOPIC)).fetchall()
    return BookStart(
        writer[0],
        seq,
        last_alarm,
        tuple(read_alarms(connection.execute(_OPEN).fetchone())),
        dict(positions),
        writer[1],
        writer[2],
    )


def _advance(before: Mapping[int, int], after: Mapping[int, int]) -> Advance:
    places = {partition: TopicPartition(TOPIC, partition) for partition in after}
    return Advance(
        WORKER,
        {places[p]: (str(before[p]) if p in before else None) for p in after},
        {places[p]: str(seq) for p, seq in after.items()},
    )
