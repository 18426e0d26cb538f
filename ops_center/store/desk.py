"""What operators keep beside alarms: files by their content, views of their own, hand-overs between shifts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from alerts.alarm import Alarm, Turn
from ops_center.domain.audit import AuditEntry
from ops_center.domain.text import Label
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.store.alarm_port import Attachment, HandOver, SavedView
from ops_center.store.alarm_rows import lock_end, write_turns
from ops_center.store.alarms import alarms_of
from ops_center.store.auditing import append
from ops_center.store.eventing import json_text, storable
from ops_center.store.people_rows import with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_FILE = "SELECT kind, bytes FROM center.attachment WHERE hash = %s"

_KEEP_FILE = """
INSERT INTO center.attachment (hash, kind, size, bytes, added_by) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (hash) DO NOTHING
"""

_VIEWS = "SELECT page, name, view FROM center.saved_view WHERE account = %s AND page = %s ORDER BY name"

_SAVE_VIEW = """
INSERT INTO center.saved_view (account, page, name, view) VALUES (%s, %s, %s, %s::jsonb)
ON CONFLICT (account, page, name) DO UPDATE SET view = excluded.view, saved = now()
"""

_DROP_VIEW = "DELETE FROM center.saved_view WHERE account = %s AND page = %s AND name = %s"

_HAND_OVER = """
INSERT INTO hand_over (at, since, from_account, to_account, department, district, text_zh, text_en, remark, figures)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
RETURNING id, at, since, from_account, to_account, department, district, text_zh, text_en, remark, figures
"""

_HAND_OVERS = """
SELECT id, at, since, from_account, to_account, department, district, text_zh, text_en, remark, figures FROM hand_over
WHERE %(before)s::bigint IS NULL OR id < %(before)s ORDER BY id DESC LIMIT %(limit)s
"""

_NEWEST_HAND_OVER = """
SELECT id, at, since, from_account, to_account, department, district, text_zh, text_en, remark, figures FROM hand_over
WHERE department = %s AND district = %s ORDER BY id DESC LIMIT 1
"""

_ONE_HAND_OVER = "SELECT pg_advisory_xact_lock(hashtext('ops hand over'), hashtext(current_schema()))"
"""one at a time, so that each sees those before it"""


class PostgresDeskStore:
    """The DeskStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def attachment(self, digest: str) -> Attachment | None:
        """Return the file of ``digest``."""
        row: Any = self._pool.run(lambda connection: connection.execute(_FILE, (bytes.fromhex(digest),)).fetchone())
        return None if row is None else Attachment(digest, row[0], row[1])

    def keep_attachment(self, attachment: Attachment, by: str) -> None:
        """Keep a file; one that is there already is left as it is."""
        self._pool.run(lambda connection: keep_file(connection, attachment, by))

    def views(self, account: str, page: str) -> Sequence[SavedView]:
        """Return the views that the account saved for the page, by name."""
        rows: Any = self._pool.run(lambda connection: connection.execute(_VIEWS, (account, page)).fetchall())
        return [SavedView(*row) for row in rows]

    def save_view(self, account: str, view: SavedView) -> None:
        """Save a view over one of the same name."""
        values = (account, view.page, storable(view.name), json_text(view.view))
        self._pool.run(lambda connection: connection.execute(_SAVE_VIEW, values))

    def drop_view(self, account: str, page: str, name: str) -> None:
        """Forget a view."""
        self._pool.run(lambda connection: connection.execute(_DROP_VIEW, (account, page, storable(name))))

    def hand_over(
        self,
        record: HandOver,
        entry: AuditEntry,
        seen: int | None = None,
        ids: Sequence[int] = (),
        give: Callable[[HandOver, Alarm], Turn | None] = lambda _written, _alarm: None,
    ) -> HandOver | None:
        """Write a hand-over, what it gives away and the audit's entry, in one transaction; None: ``seen`` is passed."""
        scope = (record.department, record.district)
        values = (
            to_datetime(record.at_us),
            to_datetime(record.since_us),
            record.from_account,
            record.to_account,
            record.department,
            record.district,
            storable(record.text.zh),
            storable(record.text.en),
            storable(record.remark),
            json_text(record.figures),
        )

        def work(connection: Connection) -> HandOver | None:
            connection.execute(_ONE_HAND_OVER)
            last: Any = connection.execute(_NEWEST_HAND_OVER, scope).fetchone()
            if seen is not None and last is not None and last[0] > seen:
                return None
            written = _hand_over(connection.execute(_HAND_OVER, values).fetchone())
            given = _give(connection, ids, lambda alarm: give(written, alarm))
            append(connection, [with_detail(entry, {"hand_over": written.id, "alarms": given})])
            return written

        return self._pool.run(work)

    def hand_overs(self, limit: int = 50, before: int | None = None) -> Sequence[HandOver]:
        """Return hand-overs, newest first."""
        values = {"limit": limit, "before": before}
        return self._pool.run(lambda connection: [_hand_over(row) for row in connection.execute(_HAND_OVERS, values)])

    def newest_hand_over(self, department: str, district: str) -> HandOver | None:
        """Return the last one of exactly this scope."""
        scope = (department, district)
        row: Any = self._pool.run(lambda connection: connection.execute(_NEWEST_HAND_OVER, scope).fetchone())
        return None if row is None else _hand_over(row)


def keep_file(connection: Connection, attachment: Attachment, by: str) -> None:
    """Keep a file in a transaction of the caller's; one that is there already is left as it is."""
    held = attachment.bytes
    connection.execute(_KEEP_FILE, (bytes.fromhex(attachment.hash), attachment.kind, len(held), held, by))


def _give(connection: Connection, ids: Sequence[int], give: Callable[[Alarm], Turn | None]) -> list[int]:
    """Write what ``give`` makes of alarms as they are now; return those that changed."""
    if not ids:
        return []
    seq, _ = lock_end(connection)
    turns = [turn for turn in map(give, alarms_of(connection, ids)) if turn is not None]
    write_turns(connection, turns, seq)
    return [turn.alarm.id for turn in turns]


def _hand_over(row: Any) -> HandOver:
    identifier, at, since, leaving, coming, department, district, zh, en, remark, figures = row
    return HandOver(
        id=identifier,
        at_us=from_datetime(at),
        since_us=from_datetime(since),
        from_account=leaving,
        to_account=coming,
        department=department,
        district=district,
        text=Label(zh, en),
        remark=remark,
        figures=figures,
    )
