"""The door of walls: one row for each, set by comparing its seq first, told to all web processes.

Called by ``services.walls`` (commands, the schedule) and by ``services.wall_watch`` (reading). Who hangs something
holds the wall's row until the transaction is over, so that of two who decide at once the second is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import WallChanged
from ops_center.domain.time import DAY_US
from ops_center.store.auditing import append
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection
from ops_center.store.wall_port import ChangeRow, DisplayRow, Shows, WallRow
from ops_center.walls.state import Moved, View, WallState

_LOAD = "SELECT name, state::text, view_seq, view::text, view_by, view_us FROM wall ORDER BY name"
_FIRST = """
INSERT INTO wall (name, seq, state) VALUES (%(name)s, %(seq)s, %(state)s::jsonb) ON CONFLICT (name) DO NOTHING
"""
_NEXT = "UPDATE wall SET seq = %(seq)s, state = %(state)s::jsonb WHERE name = %(name)s AND seq = %(expected)s"
_KEEP = "INSERT INTO wall_change (wall, seq, act, author, at_us, state) VALUES (%s, %s, %s, %s, %s, %s::jsonb)"
_MOVE = """
INSERT INTO wall (name, seq, state, view_seq, view, view_by, view_us)
VALUES (%(name)s, 0, %(empty)s::jsonb, 1, %(view)s::jsonb, %(by)s, %(at_us)s)
ON CONFLICT (name) DO UPDATE SET view_seq = wall.view_seq + 1, view = excluded.view, view_by = excluded.view_by,
                                 view_us = excluded.view_us
RETURNING view_seq
"""
_HISTORY = "SELECT wall, act, author, at_us, state::text FROM wall_change WHERE wall = %s ORDER BY seq DESC LIMIT %s"
_REPORT = """
INSERT INTO wall_display (wall, display, page, account, seen_us, shows) VALUES (%s, %s, %s, %s, %s, %s::jsonb)
ON CONFLICT (wall, display, page) DO UPDATE SET account = excluded.account, seen_us = excluded.seen_us,
                                                shows = excluded.shows
RETURNING (xmax = 0)
"""
_FORGET = "DELETE FROM wall_display WHERE seen_us < %s"
_DISPLAYS = """
SELECT wall, display, page, account, seen_us, shows::text FROM wall_display WHERE seen_us >= %s
ORDER BY wall, display, seen_us DESC LIMIT 1000
"""
_TELL = "SELECT pg_notify('ops_walls_' || replace(current_schema(), 'realm_', ''), '')"
_EMPTY = msgspec.json.encode(WallState()).decode()


class PostgresWallStore:
    """The WallStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def load(self) -> Sequence[WallRow]:
        """Return every wall: a few rows."""
        return self._pool.run(lambda connection: [_wall(row) for row in connection.execute(_LOAD)])

    def write(self, name: str, expected: int, state: WallState, entry: AuditEntry) -> None:
        """Hang ``state`` where ``expected`` is the newest seq. Raises WallChanged."""
        values = {"name": name, "seq": state.seq, "state": _text(state), "expected": expected}

        def work(connection: Connection) -> None:
            set_now = connection.execute(_NEXT, values).rowcount
            if not set_now and expected == 0:
                set_now = connection.execute(_FIRST, values).rowcount
            if not set_now:
                raise WallChanged(f"wall {name}: something else was hung there meanwhile")
            kept = (name, state.seq, state.act, state.by, state.at_us, _text(state))
            connection.execute(_KEEP, kept)
            connection.execute(_TELL)
            append(connection, [entry])

        self._pool.run(work)

    def move(self, name: str, view: View, by: str, at_us: int) -> int:
        """Keep where the hand is now; return its seq."""
        values = {"name": name, "view": _text(view), "by": by, "at_us": at_us, "empty": _EMPTY}

        def work(connection: Connection) -> int:
            row: Any = connection.execute(_MOVE, values).fetchone()
            connection.execute(_TELL)
            return int(row[0])

        return self._pool.run(work)

    def history(self, name: str, limit: int = 50) -> Sequence[ChangeRow]:
        """Return the decisions, newest first."""
        return self._pool.run(lambda connection: [_change(row) for row in connection.execute(_HISTORY, (name, limit))])

    def report(self, row: DisplayRow) -> None:
        """Keep what a display says of itself; a page that is new makes room by forgetting old ones."""
        values = (row.wall, row.display, row.page, row.account, row.seen_us, _text(row.shows))

        def work(connection: Connection) -> None:
            found: Any = connection.execute(_REPORT, values).fetchone()
            if found[0]:
                connection.execute(_FORGET, (row.seen_us - DAY_US,))

        self._pool.run(work)

    def displays(self, since_us: int) -> Sequence[DisplayRow]:
        """Return the pages that have spoken since then, the newest of each display first."""
        return self._pool.run(lambda connection: [_display(row) for row in connection.execute(_DISPLAYS, (since_us,))])


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _wall(row: tuple[Any, ...]) -> WallRow:
    name, state, seq, view, by, at_us = row
    moved = None if view is None else Moved(seq, msgspec.json.decode(view, type=View), by, at_us)
    return WallRow(name, msgspec.json.decode(state, type=WallState), moved)


def _change(row: tuple[Any, ...]) -> ChangeRow:
    wall, act, author, at_us, state = row
    return ChangeRow(wall, act, author, at_us, msgspec.json.decode(state, type=WallState))


def _display(row: tuple[Any, ...]) -> DisplayRow:
    wall, display, page, account, seen_us, shows = row
    return DisplayRow(wall, display, page, account, seen_us, msgspec.json.decode(shows, type=Shows))
