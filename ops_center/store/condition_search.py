"""Conditions that were found, to be looked for: each transition is one row. Called by the door of alarms."""

from __future__ import annotations

from typing import Any

from ops_center.domain.time import to_datetime
from ops_center.store.alarm_port import ConditionQuery, ConditionRow
from ops_center.store.session import Connection

_SEARCH = """
SELECT rule, rule_version, subject_kind, subject, channel, level, entered, reason,
       (extract(epoch FROM time) * 1000000)::bigint, (extract(epoch FROM onset) * 1000000)::bigint, value, limit_value
FROM condition
WHERE (%(rule)s::text IS NULL OR rule = %(rule)s)
  AND (%(subject_kind)s::int IS NULL OR subject_kind = %(subject_kind)s)
  AND (%(subject)s::bigint IS NULL OR subject = %(subject)s)
  AND (%(since)s::timestamptz IS NULL OR onset >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR onset < %(until)s)
ORDER BY onset DESC, time DESC, rule, subject, channel LIMIT %(limit)s
"""


def search(connection: Connection, query: ConditionQuery) -> list[ConditionRow]:
    """Return transitions, those of the newest onset first."""
    values: dict[str, Any] = {name: getattr(query, name) for name in ("rule", "subject_kind", "subject", "limit")}
    values["since"] = None if query.since_us is None else to_datetime(query.since_us)
    values["until"] = None if query.until_us is None else to_datetime(query.until_us)
    rows: Any = connection.execute(_SEARCH, values).fetchall()
    return [ConditionRow(*row) for row in rows]
