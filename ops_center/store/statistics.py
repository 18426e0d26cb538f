"""The door of statistics: every figure with its versions, appended and never changed, the audit with it."""

from __future__ import annotations

from collections.abc import Sequence

from ops_center.domain.audit import AuditEntry
from ops_center.indicators.evidence import StatisticValue
from ops_center.indicators.statistics import Entered
from ops_center.store.auditing import append
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('ops statistics'), hashtext(current_schema()))"
_COLUMNS = "name, district, period, ended_us, value, version, source, account, at_us"
_PRESENT = f"SELECT DISTINCT ON (name, district, period) {_COLUMNS} FROM statistic ORDER BY name, district, period, version DESC"  # noqa: E501, S608
_NEWEST = f"SELECT DISTINCT ON (name, district) {_COLUMNS} FROM ({_PRESENT}) p ORDER BY name, district, ended_us DESC"  # noqa: S608
_LAST = f"SELECT {_COLUMNS} FROM statistic ORDER BY id DESC LIMIT %s"  # noqa: S608
_ADD = """
INSERT INTO statistic (name, district, period, ended_us, value, source, account, at_us, version)
SELECT %(name)s, %(district)s, %(period)s, %(ended_us)s, %(value)s, %(source)s, %(account)s, %(at_us)s,
       coalesce(max(version), 0) + 1
FROM statistic WHERE name = %(name)s AND district = %(district)s AND period = %(period)s
HAVING NOT coalesce((array_agg(value ORDER BY version DESC))[1] = %(value)s
                    AND (array_agg(source ORDER BY version DESC))[1] = %(source)s, false)
"""


class PostgresStatisticStore:
    """The StatisticStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def newest(self) -> Sequence[StatisticValue]:
        """Return the newest period of every statistic of every area, in its newest version."""
        return self._pool.run(lambda connection: [_value(row) for row in connection.execute(_NEWEST)])

    def last(self, limit: int) -> Sequence[tuple[StatisticValue, int]]:
        """Return what was entered last, newest first, each with when."""
        return self._pool.run(
            lambda connection: [(_value(row), int(str(row[8]))) for row in connection.execute(_LAST, (limit,))]
        )

    def add(self, entered: Sequence[Entered], account: str, at_us: int, entry: AuditEntry | None) -> int:
        """Keep figures as new versions, and that it was done, in one transaction; return how many were new.

        What is there already, with the same value and source, is left as it is.
        """

        def work(connection: Connection) -> int:
            connection.execute(_ONE_AT_A_TIME)
            new = 0
            for one in entered:
                values = {
                    "name": one.name,
                    "district": one.district,
                    "period": one.period,
                    "ended_us": one.ended_us,
                    "value": one.value,
                    "source": one.source,
                    "account": account,
                    "at_us": at_us,
                }
                new += connection.execute(_ADD, values).rowcount
            if entry is not None and new:
                append(connection, [entry])
            return new

        return self._pool.run(work)


def _value(row: Sequence[object]) -> StatisticValue:
    name, district, period, ended_us, value, version, source, account, _ = map(str, row)
    return StatisticValue(name, district, period, int(ended_us), float(value), int(version), source, account)
