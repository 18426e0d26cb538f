"""The rules worker's door: its turn, and commits of positions, conditions and memory in one transaction.

Whose turn it is, is a row with a step that grows with every commit and every take-over, compared before anything is
written: a worker that lost its turn is Fenced. The lease on it only keeps two from working at once in vain. What was
said before a crash is found again when the log is read again: the identity of a condition is unique, so it is written
once, and the record that the book reads holds only what is new.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from alerts.conditions import ConditionBatch, encode_conditions
from ops_center.domain.errors import Fenced
from ops_center.domain.messages import TopicPartition
from ops_center.domain.realms import Realm
from ops_center.domain.time import to_datetime
from ops_center.store import advancing
from ops_center.store.condition_rows import INSERT, STANDING, columns, keys, returned_key, standing_batch
from ops_center.store.port import Advance
from ops_center.store.pulses import write_pulse
from ops_center.store.rule_port import LANE, LaneState, Pulse, Remembered, SetAside
from ops_center.store.session import Connection, Session

_STATEMENT_S = 60.0
_STANDSTILL_S = 15.0
_RECORD_ROWS = 5_000
"""so that a reader of a storm takes it in bites"""
WORKER = "rules"

_MAKE = """
INSERT INTO rule_lane (partition, step, seq, owner, expires) VALUES (%s, 0, 0, '', '-infinity') ON CONFLICT DO NOTHING
"""
_TAKE = """
UPDATE rule_lane SET step = step + 1, owner = %(owner)s, expires = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE partition = (
    SELECT partition FROM rule_lane
    WHERE partition = %(lane)s AND (expires < clock_timestamp() OR owner = %(owner)s) FOR UPDATE SKIP LOCKED
)
RETURNING step
"""
_KEEP = """
UPDATE rule_lane SET expires = clock_timestamp() + make_interval(secs => %s) WHERE partition = %s AND step = %s
"""
_RELEASE = "UPDATE rule_lane SET expires = '-infinity' WHERE partition = %s AND step = %s"
_STEP = """
UPDATE rule_lane SET step = step + 1, expires = clock_timestamp() + make_interval(secs => %s)
WHERE partition = %s AND step = %s RETURNING seq
"""
_COMMITTED = "SELECT topic, partition, position FROM worker_position WHERE worker = %s"
_MEMORY = "SELECT memory, positions FROM rule_memory WHERE partition = %s"
_REMEMBER = """
INSERT INTO rule_memory (partition, positions, memory) VALUES (%s, %s::jsonb, %s)
ON CONFLICT (partition) DO UPDATE SET positions = excluded.positions, memory = excluded.memory, at = now()
"""
_RECORD = "INSERT INTO condition_record (partition, seq, record) VALUES (%s, %s, %s)"
_SEQ = "UPDATE rule_lane SET seq = %s WHERE partition = %s"
_STAND = """
INSERT INTO condition_standing (partition, rule, rule_version, subject_kind, subject, channel, level, onset, value,
                                limit_value)
SELECT %s, * FROM unnest(%s::text[], %s::int[], %s::int[], %s::bigint[], %s::text[], %s::int[], %s::timestamptz[],
                         %s::float8[], %s::float8[])
ON CONFLICT (partition, rule, subject_kind, subject, channel) DO UPDATE
SET rule_version = excluded.rule_version, level = excluded.level, onset = excluded.onset, value = excluded.value,
    limit_value = excluded.limit_value
"""
_FALL = """
DELETE FROM condition_standing s
USING unnest(%s::text[], %s::int[], %s::bigint[], %s::text[], %s::timestamptz[])
      AS g (rule, subject_kind, subject, channel, onset)
WHERE s.partition = %s AND s.rule = g.rule AND s.subject_kind = g.subject_kind AND s.subject = g.subject
  AND s.channel = g.channel AND s.onset = g.onset
"""
_TELL = "SELECT pg_notify('ops_conditions_' || substr(current_schema(), length('realm_') + 1), '')"


class PostgresLaneStore:
    """The LaneStore. One connection, used by one worker."""

    def __init__(self, url: str, realm: Realm, name: str = "ops-center rules") -> None:
        self._session = Session(url, realm, name, _STATEMENT_S, _STANDSTILL_S)

    def take(self, owner: str, lease_s: float) -> LaneState | None:
        """Take the turn and everything that belongs to it; None: somebody has it."""

        def work(connection: Connection) -> LaneState | None:
            connection.execute(_MAKE, (LANE,))
            row: Any = connection.execute(_TAKE, {"owner": owner, "lease": lease_s, "lane": LANE}).fetchone()
            return None if row is None else _state(connection, int(row[0]))

        return self._session.run(work)

    def keep(self, step: int, owner: str, lease_s: float) -> None:
        """Keep the turn for so long from now. Raises Fenced."""
        kept = self._session.run(lambda connection: connection.execute(_KEEP, (lease_s, LANE, step)).rowcount)
        if not kept:
            raise Fenced(f"{owner}: another rules worker has the turn")

    def release(self, step: int) -> None:
        """Let the turn run out at once; nothing where it is another's."""
        self._session.run(lambda connection: connection.execute(_RELEASE, (LANE, step)))

    def commit(
        self,
        step: int,
        lease_s: float,
        advance: Advance,
        found: Sequence[ConditionBatch],
        remembered: Remembered | None,
    ) -> int:
        """Move the positions, write what was found once, keep the memory. Raises Fenced, StoreUnavailable."""

        def work(connection: Connection) -> int:
            row: Any = connection.execute(_STEP, (lease_s, LANE, step)).fetchone()
            if row is None:
                raise Fenced("another rules worker has the turn")
            advancing.move(connection, advance)
            new = _write(connection, int(row[0]), [part for batch in found for part in _parts(batch)])
            if remembered is not None:
                connection.execute(_REMEMBER, (LANE, _text(remembered.positions), remembered.memory))
            return new

        return self._session.run(work)

    def pulse(
        self,
        worker: str,
        instance: str,
        now_us: int,
        lag_records: int,
        lag_s: float,
        set_aside: Sequence[SetAside] = (),
    ) -> None:
        """Say that a worker is alive, how far behind it is, and which rule types it has set aside."""
        pulse = Pulse(worker, instance, now_us, lag_records, lag_s, tuple(set_aside))
        self._session.run(lambda connection: write_pulse(connection, pulse))

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()


def _state(connection: Connection, step: int) -> LaneState:
    positions: Any = connection.execute(_COMMITTED, (WORKER,)).fetchall()
    memory: Any = connection.execute(_MEMORY, (LANE,), binary=True).fetchone()
    return LaneState(
        step,
        {TopicPartition(topic, partition): position for topic, partition, position in positions},
        None if memory is None else bytes(memory[0]),
        {} if memory is None else {TopicPartition(t, p): position for t, p, position in memory[1]},
        standing_batch(connection.execute(STANDING).fetchall()),
    )


def _text(positions: Mapping[TopicPartition, str]) -> str:
    return json.dumps([[place.topic, place.partition, position] for place, position in sorted(positions.items())])


def _parts(batch: ConditionBatch) -> Iterable[ConditionBatch]:
    for start in range(0, len(batch), _RECORD_ROWS):
        yield batch if len(batch) <= _RECORD_ROWS else batch.take(np.arange(start, len(batch))[:_RECORD_ROWS])


def _write(connection: Connection, seq: int, parts: Sequence[ConditionBatch]) -> int:
    """Write what is new of each part as rows and as one record; return how many rows were new."""
    first, written = seq, 0
    for part in parts:
        new = _insert(connection, seq + 1, part)
        if not len(new):
            continue
        seq, written = seq + 1, written + len(new)
        connection.execute(_RECORD, (LANE, seq, encode_conditions(new)))
        _stand(connection, new)
    if seq != first:
        connection.execute(_SEQ, (seq, LANE))
        connection.execute(_TELL)
    return written


def _insert(connection: Connection, seq: int, batch: ConditionBatch) -> ConditionBatch:
    """Insert what was never said and return it."""
    rows = connection.execute(INSERT, (LANE, seq, *columns(batch))).fetchall()
    if len(rows) == len(batch):
        return batch
    new = set(map(returned_key, rows))
    mask = np.zeros(len(batch), bool)
    for place, key in enumerate(keys(batch)):
        mask[place] = key in new
        new.discard(key)
    return batch.take(mask)


def _stand(connection: Connection, batch: ConditionBatch) -> None:
    """Bring what stands up to date: what was left goes, what was entered and not left comes."""
    left = [place for place, entered in enumerate(batch.entered) if not entered]
    gone = set(batch.take(np.array(left, np.intp)).identities())
    if gone:
        rule, kind, subject, channel, onset_us = map(list, zip(*gone, strict=True))
        connection.execute(_FALL, (rule, kind, subject, channel, list(map(to_datetime, onset_us)), LANE))
    stay = {key[:4]: place for place, key in enumerate(batch.identities()) if batch.entered[place] and key not in gone}
    if stay:
        standing = batch.take(np.array(list(stay.values()), np.intp))
        name, version, kind, subject, channel, level, _, _, _, onset, value, limit, _, _ = columns(standing)
        connection.execute(_STAND, (LANE, name, version, kind, subject, channel, level, onset, value, limit))
