"""Alarms and lines of their journal as the database holds them. Called by everything that writes or reads alarms.

Both ways they travel as one JSON text, which the server takes apart: ten thousand alarms of thirty-four columns are
encoded in hundredths of a second, where a list for each column takes a second. JSON knows no NaN: what has no place
has no longitude and latitude there, and none in the database.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from alerts.alarm import Act, Alarm, State, Turn
from ops_center.domain.errors import Fenced
from ops_center.store.alarm_port import JournalLine
from ops_center.store.eventing import json_text
from ops_center.store.session import Connection

_TYPES = {
    "id": "bigint",
    "rule": "text",
    "rule_version": "int",
    "subject_kind": "smallint",
    "subject": "bigint",
    "state": "text",
    "findings": "jsonb",
    "priority": "smallint",
    "level": "smallint",
    "value": "float8",
    "limit": "float8",
    "raised_us": "bigint",
    "changed_us": "bigint",
    "returned_us": "bigint",
    "acknowledged_us": "bigint",
    "waiting_us": "bigint",
    "closed_us": "bigint",
    "times": "int",
    "longitude": "float8",
    "latitude": "float8",
    "thing": "int",
    "department": "text",
    "district": "text",
    "aside": "text",
    "aside_until_us": "bigint",
    "aside_reason": "text",
    "aside_by": "text",
    "parent": "bigint",
    "explained_by": "text",
    "assigned_department": "text",
    "assigned_person": "text",
    "acknowledged_by": "text",
    "escalated": "int",
    "chattering": "boolean",
}
assert list(_TYPES) == list(Alarm.__dataclass_fields__)  # noqa: S101 - when loaded
_NAMES = ", ".join(f'"{name}"' for name in _TYPES)
_COLUMNS = ", ".join(f'"{name}" {kind}' for name, kind in _TYPES.items())
_SET = ", ".join(f'"{name}" = excluded."{name}"' for name in _TYPES if name != "id")

# Nobody who stands still may keep everybody else from changing alarms.
_LOCK_END = """
SELECT seq, last_alarm, set_config('idle_in_transaction_session_timeout', '10000', true) FROM alarm_end FOR UPDATE
"""

# By id: an alarm that closed goes before the one that was raised over the same subject after it.
_WRITE_ALARMS = f"""
INSERT INTO alarm ({_NAMES})
SELECT {_NAMES} FROM json_to_recordset(%s::json) AS n ({_COLUMNS}) ORDER BY id
ON CONFLICT (id) DO UPDATE SET {_SET}
"""  # noqa: S608 - names of columns, from the table above

_WRITE_JOURNAL = """
INSERT INTO alarm_journal (alarm, at, act, actor, reason, state_before, state_after, rule_version, detail)
SELECT alarm, 'epoch'::timestamptz + at_us * interval '1 microsecond', act, actor, reason, before, after, rule_version,
       detail
FROM ROWS FROM (json_to_recordset(%s::json) AS (alarm bigint, at_us bigint, act text, actor text, reason text,
                                                before text, after text, rule_version int, detail jsonb))
     WITH ORDINALITY AS n (alarm, at_us, act, actor, reason, before, after, rule_version, detail, place)
ORDER BY place
"""

_WRITE_CHANGES = """
INSERT INTO alarm_change (seq, alarm, acts)
SELECT %(after)s + place, alarm, string_to_array(acts, ',')
FROM unnest(%(alarms)s::bigint[], %(acts)s::text[]) WITH ORDINALITY AS n (alarm, acts, place)
"""

_MOVE_END = "UPDATE alarm_end SET seq = %s, last_alarm = greatest(last_alarm, %s)"

_NOTIFY = "SELECT pg_notify('ops_alarms_' || substr(current_schema(), length('realm_') + 1), %s)"

_ALL = f"(SELECT {_NAMES} FROM alarm"  # noqa: S608 - names of columns, from the table above

ALARMS_AS_JSON = f"SELECT coalesce(json_agg(json_strip_nulls(to_json(n))), '[]')::text FROM {_ALL}"  # noqa: S608
"""to be ended by a condition, an order and ``) n``"""

JOURNAL_COLUMNS = """
j.id, j.alarm, (extract(epoch FROM j.at) * 1000000)::bigint, (extract(epoch FROM j.recorded) * 1000000)::bigint,
j.act, j.actor, j.reason, j.state_before, j.state_after, j.rule_version, j.detail, a.rule, a.thing, a.department,
a.district
"""

_decoder = msgspec.json.Decoder(list[Alarm])


def lock_end(connection: Connection) -> tuple[int, int]:
    """Take the end of the changes until the transaction is over; return the last seq and the last id of an alarm."""
    row: Any = connection.execute(_LOCK_END).fetchone()
    if row is None:
        raise Fenced("the alarms have lost their end: restore the backup (docs/storage.md)")
    return row[0], row[1]


def write_turns(connection: Connection, turns: Sequence[Turn], seq: int) -> int:
    """Write alarms, journal and changes behind ``seq``, whose row the caller has locked; return the last seq."""
    if not turns:
        return seq
    alarms = {turn.alarm.id: turn.alarm for turn in turns}
    entries = [entry for turn in turns for entry in turn.entries]
    acts: dict[int, dict[Act, None]] = {}
    for turn in turns:
        acts.setdefault(turn.alarm.id, {}).update({entry.act: None for entry in turn.entries})
    connection.execute(_WRITE_ALARMS, (json_text([_finite(alarm) for alarm in alarms.values()]),))
    connection.execute(_WRITE_JOURNAL, (json_text(entries),))
    said = [",".join(done) for done in acts.values()]
    connection.execute(_WRITE_CHANGES, {"after": seq, "alarms": list(acts), "acts": said})
    last = seq + len(acts)
    connection.execute(_MOVE_END, (last, max(alarms)))
    connection.execute(_NOTIFY, (str(last),))
    return last


def read_alarms(row: Any) -> list[Alarm]:
    """Return the alarms of the one row that a query of ``ALARMS_AS_JSON`` gives."""
    return _decoder.decode(row[0])


def journal_line(row: tuple[Any, ...]) -> JournalLine:
    """Return a row of ``JOURNAL_COLUMNS`` as a value."""
    identifier, alarm, at_us, recorded_us, act, actor, reason, before, after, version, detail, *whose = row
    rule, thing, department, district = whose
    return JournalLine(
        id=identifier,
        alarm=alarm,
        at_us=at_us,
        recorded_us=recorded_us,
        act=Act(act),
        actor=actor,
        reason=reason,
        before=State(before),
        after=State(after),
        rule_version=version,
        detail=detail,
        rule=rule,
        thing=thing,
        department=department,
        district=district,
    )


def _finite(alarm: Alarm) -> Alarm:
    """Return the alarm with numbers that JSON can hold: what is endless is as great as a number gets."""
    if math.isfinite(alarm.value + alarm.limit) and all(math.isfinite(f.value + f.limit) for f in alarm.findings):
        return alarm
    findings = tuple(replace(f, value=_bounded(f.value), limit=_bounded(f.limit)) for f in alarm.findings)
    return replace(alarm, value=_bounded(alarm.value), limit=_bounded(alarm.limit), findings=findings)


def _bounded(value: float) -> float:
    return max(-1.7976931348623157e308, min(1.7976931348623157e308, value))
