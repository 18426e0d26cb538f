"""The door of crews and their units: sign-ons end and are never deleted, the audit is written with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ops_center.domain.audit import AuditEntry
from ops_center.store.auditing import append
from ops_center.store.people_rows import with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection
from ops_center.store.sign_on_port import Ended, SignedOn, SignOn

_ONE_CREW_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('ops sign ons'), hashtext(current_schema()))"
_HELD = "SELECT unit, account, since_us, until_us, ended FROM unit_sign_on WHERE until_us = 0 ORDER BY unit"
_OF_UNIT = """
SELECT unit, account, since_us, until_us, ended FROM unit_sign_on
WHERE unit = %s ORDER BY since_us DESC, id DESC LIMIT %s
"""
_BEGIN = """
INSERT INTO unit_sign_on (unit, account, since_us) VALUES (%s, %s, %s)
RETURNING unit, account, since_us, until_us, ended
"""
# Clocks of two servers differ: nothing ends before it began.
_END = """
UPDATE unit_sign_on SET until_us = greatest(%(at_us)s, since_us), ended = %(ended)s
WHERE until_us = 0 AND ((%(unit)s <> '' AND unit = %(unit)s) OR (%(account)s <> '' AND account = %(account)s))
RETURNING unit, account, since_us, until_us, ended
"""


class PostgresSignOnStore:
    """The SignOnStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def held(self) -> Sequence[SignOn]:
        """Return who holds what now, by unit."""
        return self._pool.run(lambda connection: _sign_ons(connection, _HELD, None))

    def of_unit(self, unit: str, limit: int = 50) -> Sequence[SignOn]:
        """Return who held a unit, newest first."""
        return self._pool.run(lambda connection: _sign_ons(connection, _OF_UNIT, (unit, limit)))

    def sign_on(self, unit: str, entry: AuditEntry) -> SignedOn:
        """Give the unit to the actor of ``entry``; who holds it already keeps it, and nothing is written."""

        def work(connection: Connection) -> SignedOn:
            connection.execute(_ONE_CREW_AT_A_TIME)
            mine = [
                one for one in _sign_ons(connection, _HELD, None) if one.unit == unit and one.account == entry.actor
            ]
            if mine:
                return SignedOn(mine[0])
            left = _end(connection, entry.at_us, "moved", account=entry.actor)
            before = _end(connection, entry.at_us, "taken_over", unit=unit)
            (held,) = _sign_ons(connection, _BEGIN, (unit, entry.actor, entry.at_us))
            told = {"took_over": before.account if before else "", "left": left.unit if left else ""}
            append(connection, [with_detail(entry, {name: said for name, said in told.items() if said})])
            return SignedOn(held, before, left)

        return self._pool.run(work)

    def sign_off(self, entry: AuditEntry) -> SignOn | None:
        """End what the actor of ``entry`` holds; None: nothing."""

        def work(connection: Connection) -> SignOn | None:
            connection.execute(_ONE_CREW_AT_A_TIME)
            ended = _end(connection, entry.at_us, "signed_off", account=entry.actor)
            append(connection, [with_detail(entry, asdict(ended))] if ended else [])
            return ended

        return self._pool.run(work)


def _end(connection: Connection, at_us: int, why: Ended, unit: str = "", account: str = "") -> SignOn | None:
    found = _sign_ons(connection, _END, {"at_us": at_us, "ended": why, "unit": unit, "account": account})
    return found[0] if found else None


def _sign_ons(connection: Connection, query: str, values: Any) -> list[SignOn]:
    rows: Any = connection.execute(query, values).fetchall()
    return [SignOn(*row) for row in rows]
