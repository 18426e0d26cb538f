"""The door of attempts to sign in: counted before they are judged, so that many at once get no more than one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from ops_center.domain.time import SECOND_US, from_datetime, to_datetime
from ops_center.store.people_port import Patience
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

# A row that is not there can't be locked: it is made first.
_PRESENT = """
INSERT INTO sign_in_attempt (subject, failures, last, until) SELECT s, 0, %(now)s, '-infinity'
FROM unnest(%(subjects)s::text[]) AS s ORDER BY s ON CONFLICT DO NOTHING
"""

_HOLD = """
SELECT subject, failures, last, CASE WHEN isfinite(until) THEN until END FROM sign_in_attempt
WHERE subject = ANY(%s) ORDER BY subject FOR UPDATE
"""

_COUNT = "UPDATE sign_in_attempt SET failures = %s, last = %s, until = %s WHERE subject = %s"

_FORGIVE = """
UPDATE sign_in_attempt a SET failures = greatest(0, failures - 1), until = '-infinity'
FROM (SELECT subject FROM sign_in_attempt WHERE subject = ANY(%s) ORDER BY subject FOR UPDATE) held
WHERE a.subject = held.subject
"""
_FORGIVE_WHOLLY = "DELETE FROM sign_in_attempt WHERE subject = ANY(%s)"
_SWEEP = "DELETE FROM sign_in_attempt WHERE last < %s"


class PostgresAttemptStore:
    """The AttemptStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def take(self, subjects: Mapping[str, Patience], now_us: int) -> float:
        """Count an attempt of every subject and return 0; or count none and return how many seconds to wait."""
        now = to_datetime(now_us)

        def work(connection: Connection) -> float:
            connection.execute(_PRESENT, {"now": now, "subjects": sorted(subjects)})
            held: list[Any] = connection.execute(_HOLD, (sorted(subjects),)).fetchall()
            wait_s = max((_remaining_s(row, subjects[row[0]], now_us) for row in held), default=0.0)
            if wait_s <= 0:
                for row in held:
                    connection.execute(_COUNT, _counted(row, subjects[row[0]], now_us))
            return wait_s

        return self._pool.run(work)

    def forgive(self, subjects: Collection[str], *, wholly: Collection[str] = ()) -> None:
        """Take one attempt back from each of ``subjects``, and all from ``wholly``."""

        def work(connection: Connection) -> None:
            connection.execute(_FORGIVE, (sorted(set(subjects) - set(wholly)),))
            connection.execute(_FORGIVE_WHOLLY, (sorted(wholly),))

        self._pool.run(work)

    def sweep(self, before_us: int) -> None:
        """Forget subjects whose last attempt was before."""
        self._pool.run(lambda connection: connection.execute(_SWEEP, (to_datetime(before_us),)))


def _remaining_s(row: tuple[Any, ...], patience: Patience, now_us: int) -> float:
    """Return how long to wait; a clock that was set back makes nobody wait longer than the failures are worth."""
    _, failures, _, until = row
    if until is None:
        return 0.0
    return max(0.0, min((from_datetime(until) - now_us) / SECOND_US, patience.wait_s(failures)))


def _counted(row: tuple[Any, ...], patience: Patience, now_us: int) -> tuple[int, datetime, datetime, str]:
    subject, failures, last, _ = row
    forgotten = now_us - from_datetime(last) > patience.forget_s * SECOND_US
    counted = 1 if forgotten else failures + 1
    now = to_datetime(now_us)
    return counted, now, now + timedelta(seconds=patience.wait_s(counted)), subject
