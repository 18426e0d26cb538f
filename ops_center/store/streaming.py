"""The store as stream workers see it: each batch once, in one transaction with the positions it has moved.

Order within the transaction: positions first, so that a worker that lost its partition is stopped before it has
worked, and two that both believe to own it wait for each other; then the data. Data goes by COPY straight into the
table, inside a savepoint; only after a conflict is it undone and merged by way of a stage (``merging``).
Durability: only a batch of nothing but observations may be committed asynchronously. A crash of the server may then
lose the last fraction of a second, data and positions together, and the bus delivers it again (docs/adr).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

import structlog
from psycopg import errors

from ops_center.domain.errors import StoreError
from ops_center.domain.messages import TopicPartition
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.realms import Realm
from ops_center.store import advancing, ledger
from ops_center.store.copying import (
    OBSERVATION,
    POSITION,
    copy_rows,
    in_key_order,
    minutes_of,
    observation_rows,
    position_arrays,
)
from ops_center.store.eventing import insert_events
from ops_center.store.limits import fault_of_events, fault_of_observations, fault_of_positions
from ops_center.store.merging import STAGES, merge_observations, merge_positions
from ops_center.store.port import Advance, FeedCount, Quarantined, Written
from ops_center.store.pulses import write_pulse
from ops_center.store.rule_port import Pulse
from ops_center.store.session import Connection, Session

log = structlog.get_logger(__name__)

B = TypeVar("B", ObservationBatch, PositionBatch)
T = TypeVar("T")

# A worker that stands still in a transaction (frozen, cut off) holds its positions' rows. It is ended after this time,
# so that whoever took over can go on: the first counts within a statement, the second between two.
_STATEMENT_S = 30.0
_STANDSTILL_S = 15.0

# The server minds neither time while a COPY waits for its client (ProcessClientReadInterrupt looks for the end of the
# session alone, seen on PostgreSQL 17): who waited for such a one in vain ends it.
_END_WHO_STANDS_STILL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND application_name = current_setting('application_name')
  AND state = 'active' AND wait_event = 'ClientRead' AND query LIKE 'COPY%%'
  AND query_start < clock_timestamp() - make_interval(secs => %s)
"""

_MARK_DIRTY = """
INSERT INTO rollup_dirty (resolution, bucket)
SELECT '1m', to_timestamp(minute * 60) FROM unnest(%s::bigint[]) AS minute
"""

_HAS_ROLLUP_TABLES = "SELECT relkind <> 'v' FROM pg_class WHERE oid = to_regclass('observation_1m_live')"


class TimescaleStreamStore:
    """The StreamStore on PostgreSQL, with TimescaleDB or without. One connection, used by one worker."""

    def __init__(self, url: str, realm: Realm, name: str = "ops-center") -> None:
        self._session = Session(url, realm, name, _STATEMENT_S, _STANDSTILL_S, self._prepare)
        self._marks_dirty = True

    def _prepare(self, connection: Connection) -> None:
        connection.execute(STAGES)
        found = connection.execute(_HAS_ROLLUP_TABLES).fetchone()
        # Continuous aggregates keep their own log of what changed.
        self._marks_dirty = found is None or bool(found[0])

    def positions(self, worker: str, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Return how far ``worker`` has committed. Raises StoreUnavailable, StoreError."""
        wanted = list(partitions)
        return self._session.run(lambda connection: advancing.read(connection, worker, wanted))

    def commit_intake(
        self,
        advance: Advance,
        counts: Mapping[tuple[str, int], FeedCount],
        quarantined: Sequence[Quarantined],
    ) -> None:
        """Add counts and quarantine rows and move the positions. Raises Fenced, StoreUnavailable, StoreError."""

        def work(connection: Connection) -> None:
            advancing.move(connection, advance)
            ledger.add_counts(connection, counts)
            ledger.quarantine(connection, quarantined)

        self._run(work)

    def commit_data(
        self,
        advance: Advance,
        observations: ObservationBatch,
        positions: PositionBatch,
        events: Sequence[Event],
        damaged: Sequence[Quarantined] = (),
    ) -> Written:
        """Write each row exactly once and move the positions.

        ``damaged``: records that are none; they go to quarantine and are counted under their topic. Raises Fenced,
        StoreUnavailable, and StoreError for a row that no table can hold: then nothing was written.
        """
        _refuse_impossible(observations, positions, events)
        asynchronous = not (len(positions) or events or damaged)

        def work(connection: Connection) -> Written:
            if asynchronous:
                connection.execute("SET LOCAL synchronous_commit = off")
            advancing.move(connection, advance)
            if damaged:
                ledger.quarantine(connection, damaged)
                ledger.add_counts(connection, ledger.counts_of_damaged(damaged))
            new_events = insert_events(connection, events)
            written = [Written(new_events, len(events) - new_events, 0), self._write_positions(connection, positions)]
            written.append(self._write_observations(connection, observations))
            return Written(
                sum(w.new for w in written), sum(w.repeated for w in written), sum(w.corrected for w in written)
            )

        return self._run(work)

    def _run(self, work: Callable[[Connection], T]) -> T:
        """Run it; where that was cancelled for its time, end who stands in its way for good, for the next try."""
        try:
            return self._session.run(work)
        except StoreError as error:
            if isinstance(error.__cause__, errors.QueryCanceled):
                with suppress(StoreError):
                    self._session.run(self._end_who_stands_still)
            raise

    def _end_who_stands_still(self, connection: Connection) -> None:
        ended = connection.execute(_END_WHO_STANDS_STILL, (_STATEMENT_S,)).fetchone()
        if ended and ended[0]:
            log.warning("store.stood_still", ended=ended[0], after_s=_STATEMENT_S)

    def speak(self, pulse: Pulse) -> None:
        """Say how the worker is. Raises StoreUnavailable, StoreError."""
        self._session.run(lambda connection: write_pulse(connection, pulse))

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def _write_observations(self, connection: Connection, batch: ObservationBatch) -> Written:
        if not len(batch):
            return Written(0, 0, 0)
        if self._marks_dirty:
            minutes = minutes_of(batch.phenomenon_time_us) // 60_000_000
            connection.execute(_MARK_DIRTY, (minutes.tolist(),))
        rows = observation_rows(batch.take(in_key_order(batch)))
        return _copy_or_merge(connection, batch, lambda: copy_rows(connection, OBSERVATION, rows), merge_observations)

    def _write_positions(self, connection: Connection, batch: PositionBatch) -> Written:
        if not len(batch):
            return Written(0, 0, 0)
        stream = POSITION.rows(position_arrays(batch))
        return _copy_or_merge(connection, batch, lambda: copy_rows(connection, POSITION, stream), merge_positions)


def _copy_or_merge(
    connection: Connection, batch: B, copy: Callable[[], None], merge: Callable[[Connection, B], Written]
) -> Written:
    """Copy and be done; if any row is there already, undo that and merge.

    The savepoint is left to the commit: one round trip less on the way that nearly every batch goes.
    """
    connection.execute("SAVEPOINT before_copy")
    try:
        copy()
    except errors.UniqueViolation:
        connection.execute("ROLLBACK TO SAVEPOINT before_copy")
        return merge(connection, batch)
    return Written(len(batch), 0, 0)


def _refuse_impossible(observations: ObservationBatch, positions: PositionBatch, events: Sequence[Event]) -> None:
    fault = fault_of_observations(observations) or fault_of_positions(positions) or fault_of_events(events)
    if fault:
        raise StoreError(f"a batch that can't be stored: {fault}")
