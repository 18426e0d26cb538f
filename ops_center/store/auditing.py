"""The audit's door: appends to the chain within anybody's transaction, reads it back. Called by every store module
that changes something on somebody's behalf, and by services through :class:`PostgresAuditStore`.

Who appends holds the row of the chain's end until its transaction is over, so that ``seq`` has no gap when one is
undone and every row knows the one before. Hence: append last, right before the end of the transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NoReturn

from ops_center.domain.audit import AuditEntry
from ops_center.domain.audit_form import AuditRow, Checkpoint, End, canonical_detail, said_of, storable
from ops_center.domain.errors import StoreError
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_APPEND = """
SELECT center.audit_append(%s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                           %s::text[], %s::text[])
"""

# A time that somebody set to infinity or to a year that no calendar here holds must not stop the one who looks for it.
_COLUMNS = """
SELECT seq,
       CASE WHEN time >= '0001-01-02' AND time < '9999-12-31' THEN (extract(epoch FROM time) * 1000000)::bigint
            ELSE -1 END,
       actor, session, address, action, subject, outcome, detail::text, realm, previous_hash, hash, form
"""

_PAGE = f"""{_COLUMNS}
FROM center.audit
WHERE (%(before)s::bigint IS NULL OR seq < %(before)s)
  AND (%(actor)s::text IS NULL OR actor = %(actor)s)
  AND (%(action)s::text IS NULL OR action = %(action)s
       OR (right(%(action)s, 1) = '.' AND starts_with(action, %(action)s)))
  AND (%(since)s::timestamptz IS NULL OR time >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR time < %(until)s)
ORDER BY seq DESC LIMIT %(limit)s
"""

# By place too: a row that somebody slipped in beside another of the same number is read as well.
_NEXT = f"""{_COLUMNS}, ctid::text
FROM center.audit WHERE (seq, ctid) > (%s, %s::tid) ORDER BY seq, ctid LIMIT %s
"""

_END = "SELECT seq, hash FROM center.audit_end"

_SPAN = """
SELECT min(seq), max(seq) FROM center.audit
WHERE (%(since)s::timestamptz IS NULL OR time >= %(since)s) AND (%(until)s::timestamptz IS NULL OR time < %(until)s)
"""

# Entries that waited while the database was away stand behind younger ones.
_ALL_OLDER = """
SELECT coalesce((SELECT min(seq) - 1 FROM center.audit WHERE time >= %s), (SELECT max(seq) FROM center.audit), 0)
"""

_CHECKPOINTS = "SELECT seq, hash, made, made_by, signature FROM center.audit_checkpoint ORDER BY seq"

_ADD_CHECKPOINT = (
    "INSERT INTO center.audit_checkpoint (seq, hash, made, made_by, signature) VALUES (%s, %s, %s, %s, %s)"
)

# Half a year of everything that was seen and done may be millions of rows.
_PATIENCE = "SET LOCAL statement_timeout = '30min'"

_LAST_PLACE = "(4294967295,65535)"
_AT_A_TIME = 2000


def append(connection: Connection, entries: Sequence[AuditEntry]) -> None:
    """Append ``entries`` within the caller's transaction, of which this should be the last statement."""
    if not entries:
        return
    columns = zip(*map(_values, map(storable, entries)), strict=True)
    connection.execute(_APPEND, [list(column) for column in columns])


class PostgresAuditStore:
    """The AuditStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def append(self, entries: Sequence[AuditEntry]) -> None:
        """Write ``entries`` in a transaction of their own."""
        self._pool.run(lambda connection: append(connection, entries))

    def page(
        self,
        *,
        before: int | None = None,
        limit: int = 100,
        actor: str | None = None,
        action: str | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> Sequence[AuditRow]:
        """Return the newest first, below ``before``; an ``action`` that ends in ``.`` is a prefix."""
        values = {
            "before": before,
            "limit": limit,
            "actor": actor,
            "action": action,
            "since": _moment(since_us),
            "until": _moment(until_us),
        }
        return self._pool.run(lambda connection: [_row(row) for row in connection.execute(_PAGE, values)])

    def walk(self, after_seq: int = 0) -> Iterator[AuditRow]:
        """Yield all rows behind ``after_seq`` in order; each chunk is a transaction of its own."""
        behind: tuple[int, str] | None = (after_seq, _LAST_PLACE)
        while behind is not None:
            found = self._next(behind)
            for row in found:
                yield _row(row[:-1])
            behind = (found[-1][0], found[-1][-1]) if found else None

    def end(self) -> End:
        """Return where the chain ends, as the database keeps it beside the rows."""
        row: Any = self._pool.run(lambda connection: connection.execute(_END).fetchone()) or _no_end()
        return End(*row)

    def checkpoints(self) -> Sequence[Checkpoint]:
        """Return where archived rows ended, oldest first."""
        rows: Any = self._pool.run(lambda connection: connection.execute(_CHECKPOINTS).fetchall())
        return [Checkpoint(seq, last, from_datetime(made), by, sign) for seq, last, made, by, sign in rows]

    def span(self, since_us: int | None = None, until_us: int | None = None) -> tuple[int, int] | None:
        """Return the first and last seq of what happened in [since, until); None: nothing did."""
        values = {"since": _moment(since_us), "until": _moment(until_us)}
        row: Any = self._pool.run(lambda connection: connection.execute(_SPAN, values).fetchone())
        return None if row[0] is None else (row[0], row[1])

    def all_older(self, before_us: int) -> int:
        """Return up to which row all happened before that; 0: not even the first."""
        row: Any = self._pool.run(lambda connection: connection.execute(_ALL_OLDER, (_moment(before_us),)).fetchone())
        return int(row[0])

    def archive(self, checkpoint: Checkpoint, entry: AuditEntry) -> int:
        """Drop the rows up to ``checkpoint``, which stays in their place; return how many."""

        def work(connection: Connection) -> int:
            connection.execute(_PATIENCE)
            made = to_datetime(checkpoint.made_us)
            values = (checkpoint.seq, checkpoint.hash, made, checkpoint.made_by, checkpoint.signature)
            connection.execute(_ADD_CHECKPOINT, values)
            dropped = connection.execute("DELETE FROM center.audit WHERE seq <= %s", (checkpoint.seq,)).rowcount
            append(connection, [entry])
            return dropped

        return self._pool.run(work)

    def _next(self, behind: tuple[int, str]) -> list[tuple[Any, ...]]:
        return self._pool.run(lambda connection: connection.execute(_NEXT, (*behind, _AT_A_TIME)).fetchall())


def _moment(us: int | None) -> datetime | None:
    return None if us is None else to_datetime(us)


def _no_end() -> NoReturn:
    raise StoreError("the audit has lost its end: see docs/audit.md, run `run.py audit verify`")


def _values(entry: AuditEntry) -> tuple[object, ...]:
    return (
        said_of(entry),
        to_datetime(entry.at_us),
        entry.actor,
        entry.session,
        entry.address,
        entry.action,
        entry.subject,
        entry.outcome,
        canonical_detail(entry.detail),
    )


def _row(row: tuple[Any, ...]) -> AuditRow:
    return AuditRow(*row[:8], _detail(row[8]), *row[9:])  # type: ignore[call-arg] # the columns' order is the fields'


def _detail(text: str) -> Any:
    """Return the details; of what no reader takes (nested or long beyond measure, so none of ours) the text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {"": text}
