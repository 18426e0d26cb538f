"""Drops what is older than it is kept: whole chunks where there are chunks, else rows.

The horizon is written down in the same transaction, so that a late observation never makes a rollup anew from the
little that is left below it. Called by ``upkeep``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, LiteralString

from ops_center.domain.time import DAY_US, to_datetime
from ops_center.store.port import Capabilities, Keep
from ops_center.store.session import Connection, Session

_SET_HORIZON = """
INSERT INTO rollup_horizon AS h (resolution, dropped_before) VALUES (%s, %s)
ON CONFLICT (resolution) DO UPDATE SET dropped_before = greatest(h.dropped_before, excluded.dropped_before)
"""

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('ops-center retention'), hashtext(current_schema()))"

_DROP_NOTIFICATIONS = """
DELETE FROM notification WHERE id IN (
    SELECT id FROM notification
    WHERE finished_us > 0 AND finished_us < %s AND state IN ('sent', 'digested', 'void', 'dead') LIMIT 10000)
"""

# Readers: the planner of notifications, which keeps how far it is, and web processes, which look once a second.
_DROP_CHANGES = """
DELETE FROM alarm_change WHERE seq IN (
    SELECT seq FROM alarm_change
    WHERE at < %(anyway)s OR (at < %(passed)s AND seq <= (SELECT seq FROM notification_end))
    ORDER BY seq LIMIT 10000)
"""
_PASSED_DAYS = 1

_ROWS_AT_A_TIME = 100_000
_RECORDS_DAYS = 3
"""conditions as the book reads them; to be looked for they are kept as long as quarter hours"""

_TABLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "raw": (("observation", "phenomenon_time"), ("position", "phenomenon_time"), ("quarantine", "received")),
    "1m": (("observation_1m_live", "bucket"),),
    "15m": (("observation_15m_live", "bucket"), ("condition", "onset")),
}
_PLAIN = {"quarantine"}
"""has no chunks on any edition"""


def drop_old(session: Session, can: Capabilities, now_us: int, keep: Keep) -> int:
    """Drop what is older than ``keep`` says, in whole UTC days; return how many chunks or rows."""
    dropped = 0
    days = {"raw": keep.raw_days, "1m": keep.minute_days, "15m": keep.quarter_hour_days}
    for resolution, kept_days in days.items():
        before = to_datetime(max(now_us // DAY_US - kept_days, 0) * DAY_US)
        dropped += session.run(lambda c, r=resolution, b=before: _drop(c, can, r, b))  # type: ignore[misc]
    before = to_datetime(max(now_us - _RECORDS_DAYS * DAY_US, 0))
    dropped += session.run(lambda connection: _drop_records(connection, before))
    return dropped + session.run(lambda connection: _drop_told(connection, now_us, keep))


def _drop_records(connection: Connection, before: datetime) -> int:
    locked = connection.execute(_LOCK).fetchone()
    return 0 if locked is None or not locked[0] else _delete(connection, "condition_record", "at", before)


def _drop_told(connection: Connection, now_us: int, keep: Keep) -> int:
    """Drop notifications that are over and changes of alarms that everybody has taken. No other lock is waited for."""
    locked = connection.execute(_LOCK).fetchone()
    if locked is None or not locked[0]:
        return 0
    anyway, passed = (to_datetime(max(now_us - days * DAY_US, 0)) for days in (keep.change_days, _PASSED_DAYS))
    dropped = _until_none(connection, _DROP_NOTIFICATIONS, (now_us - keep.notification_days * DAY_US,))
    return dropped + _until_none(connection, _DROP_CHANGES, {"anyway": anyway, "passed": passed})


def _until_none(connection: Connection, statement: LiteralString, values: Any) -> int:
    dropped = 0
    while gone := connection.execute(statement, values).rowcount:
        dropped += gone
    return dropped


def _drop(connection: Connection, can: Capabilities, resolution: str, before: datetime) -> int:
    locked = connection.execute(_LOCK).fetchone()
    if locked is None or not locked[0]:
        return 0
    connection.execute("SET LOCAL statement_timeout = '5min'")
    connection.execute(_SET_HORIZON, (resolution, before))
    dropped = 0
    for table, column in _TABLES[resolution]:
        if can.hypertables and table not in _PLAIN:
            dropped += connection.execute("SELECT drop_chunks(%s::regclass, %s::timestamptz)", (table, before)).rowcount
        else:
            dropped += _delete(connection, table, column, before)
    return dropped


def _delete(connection: Connection, table: str, column: str, before: datetime) -> int:
    statement = (
        f"DELETE FROM {table} WHERE ctid = ANY (ARRAY("  # noqa: S608 - names are constants
        f"SELECT ctid FROM {table} WHERE {column} < %s LIMIT {_ROWS_AT_A_TIME}))"
    )
    dropped = 0
    while True:
        gone = connection.execute(statement.encode(), (before,)).rowcount
        dropped += gone
        if gone < _ROWS_AT_A_TIME:
            return dropped
