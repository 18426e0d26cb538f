"""The door of incidents: commands, the log, what stands.

An incident and a task are one JSON document each; what is searched by is made of it by the database. Commands of a
realm take turns: so the log has one order, and its last id says how new a picture is. Nothing is deleted or changed in
it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import psycopg

from ops_center.domain.audit import AuditEntry
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.incidents.incident import Act, Entry, Incident, Refusal, State
from ops_center.incidents.task import Task
from ops_center.store.auditing import append
from ops_center.store.desk import keep_file
from ops_center.store.eventing import json_text, storable
from ops_center.store.incident_port import IncidentPicture, IncidentQuery, Locked, LogLine, Standing, Work
from ops_center.store.people_rows import with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

# Nobody who stands still may keep everybody else from commanding.
_TAKE_TURN = """
SELECT pg_advisory_xact_lock(hashtext('ops incidents'), hashtext(current_schema())),
       set_config('idle_in_transaction_session_timeout', '10000', true)
"""
_NEXT_ID = "SELECT nextval('incident_id')"
_SEQ = "SELECT coalesce(max(id), 0) FROM incident_log"
_BY_ID = "SELECT body::text FROM incident WHERE id = ANY(%s) ORDER BY id"
_LIVE = "SELECT body::text FROM incident WHERE state <> 'closed' ORDER BY id"
_HOLDER = """
SELECT id FROM incident WHERE state <> 'closed'
   AND body->'units' @> jsonb_build_array(jsonb_build_object('unit', %s::text, 'released_us', 0)) LIMIT 1
"""
_TAKEN = """
SELECT coalesce(sum((used->>'quantity')::float8), 0) FROM incident, jsonb_array_elements(body->'stocks') AS used
WHERE state <> 'closed' AND used->>'store' = %s::text AND used->>'item' = %s::text
"""
_TASKS = "SELECT body::text FROM incident_task WHERE incident = ANY(%s) ORDER BY id"
_TOLD = "SELECT id, incident FROM incident_log WHERE id > %s ORDER BY id LIMIT %s"
_WRITE = "INSERT INTO incident (id, body) VALUES (%s, %s::jsonb) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
_NEW_TASK = "SELECT nextval('incident_task_id')"
_WRITE_TASK = """
INSERT INTO incident_task (id, incident, body) VALUES (%s, %s, %s::jsonb)
ON CONFLICT (id) DO UPDATE SET incident = excluded.incident, body = excluded.body
"""
_WRITE_LINE = """
INSERT INTO incident_log (incident, at, act, who, text, before, after, mentions, detail)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)
"""
_NOTIFY = "SELECT pg_notify('ops_incidents_' || substr(current_schema(), length('realm_') + 1), '')"
_SEARCH = """
SELECT body::text FROM incident
WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
  AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
  AND (%(types)s::text[] IS NULL OR type = ANY(%(types)s))
  AND (%(level)s::int IS NULL OR level <= %(level)s)
  AND (%(since_us)s::bigint IS NULL OR reported_us >= %(since_us)s)
  AND (%(until_us)s::bigint IS NULL OR reported_us < %(until_us)s)
  AND (%(text)s = '' OR strpos(lower(concat_ws(' ', body->>'title', body->>'description', body->>'lessons')),
                               lower(%(text)s)) > 0)
  AND (%(district)s = '' OR incident.district = %(district)s)
  AND (%(department)s = '' OR body->'departments' ? %(department)s)
  AND (%(alarm)s::bigint IS NULL OR body->'alarms' @> to_jsonb(%(alarm)s::bigint))
  AND (%(everything)s OR EXISTS (SELECT FROM unnest(%(departments)s::text[], %(districts)s::text[])
                                             AS s (department, district)
                                 WHERE (s.department IS NULL OR body->'departments' ? s.department)
                                   AND (s.district IS NULL OR s.district = incident.district)))
ORDER BY id DESC LIMIT %(limit)s
"""
_LOG = """
SELECT id, incident, at, recorded, act, who, text, before, after, mentions, detail FROM incident_log
WHERE incident = %s AND id > %s ORDER BY id LIMIT %s
"""

_incident = msgspec.json.Decoder(Incident)
_task = msgspec.json.Decoder(Task)


class PostgresIncidentStore:
    """The IncidentStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def command(
        self, ids: Sequence[int], act: Callable[[Locked], Work | Refusal], entry: AuditEntry | None
    ) -> Work | Refusal:
        """Do ``act`` to incidents as they are now, and write what it makes of them with its lines."""

        def work(connection: Connection) -> Work | Refusal:
            written = commanded(connection, ids, act)
            if isinstance(written, Work) and entry is not None:
                touched = sorted({change.incident.id for change in written.changes})
                append(connection, [with_detail(entry, {"incidents": touched})])
            return written

        return self._pool.run(work)

    def open(self) -> IncidentPicture:
        """Return everything that is not closed, from one snapshot."""

        def work(connection: Connection) -> IncidentPicture:
            return IncidentPicture(_next_number(connection, _SEQ), tuple(_incidents_of(connection, _LIVE)))

        return self._pool.run(work, isolation=psycopg.IsolationLevel.REPEATABLE_READ)

    def changes(self, after_seq: int, limit: int = 1000) -> IncidentPicture:
        """Return what lines behind ``after_seq`` tell of; it may be newer than the seq that is returned."""

        def work(connection: Connection) -> IncidentPicture:
            told: Any = connection.execute(_TOLD, (after_seq, limit)).fetchall()
            changed = sorted({incident for _, incident in told})
            return IncidentPicture(
                told[-1][0] if told else after_seq, tuple(_incidents_of(connection, _BY_ID, changed))
            )

        return self._pool.run(work)

    def find(self, ids: Sequence[int]) -> Sequence[Standing]:
        """Return the incidents of ``ids`` that there are, by id."""
        return self._pool.run(lambda connection: _incidents_of(connection, _BY_ID, list(ids)))

    def search(self, query: IncidentQuery) -> Sequence[Incident]:
        """Return incidents, newest first."""
        scopes = query.scopes or ()
        values = {
            "before": query.before, "level": query.level, "since_us": query.since_us, "until_us": query.until_us,
            "alarm": query.alarm, "text": storable(query.text), "district": storable(query.district),
            "department": storable(query.department), "limit": query.limit, "everything": query.scopes is None,
            "states": None if query.states is None else [state.value for state in query.states],
            "types": None if query.types is None else list(query.types),
            "departments": [department for department, _ in scopes], "districts": [district for _, district in scopes],
        }  # fmt: skip
        return self._pool.run(
            lambda connection: [_incident.decode(text) for text in _documents(connection, _SEARCH, values)]
        )

    def log(self, incident: int, after_id: int = 0, limit: int = 1000) -> Sequence[LogLine]:
        """Return lines of an incident's log behind ``after_id``, in their order."""
        asked = (incident, after_id, limit)
        return self._pool.run(lambda connection: [line_of_log(row) for row in connection.execute(_LOG, asked)])


def commanded(connection: Connection, ids: Sequence[int], act: Callable[[Locked], Work | Refusal]) -> Work | Refusal:
    """Do ``act`` to incidents as they are now and write what it makes of them, within a transaction of the caller's."""
    connection.execute(_TAKE_TURN)
    standing = {one.incident.id: one for one in _incidents_of(connection, _BY_ID, list(ids))}
    made = act(_locked(connection, standing))
    return made if isinstance(made, Refusal) else _write(connection, made)


def _incidents_of(connection: Connection, query: str, *values: Any) -> list[Standing]:
    incidents = [_incident.decode(text) for text in _documents(connection, query, values)]
    tasks: dict[int, list[Task]] = {incident.id: [] for incident in incidents}
    for text in _documents(connection, _TASKS, (list(tasks),)):
        task = _task.decode(text)
        tasks[task.incident].append(task)
    return [Standing(incident, tuple(tasks[incident.id])) for incident in incidents]


def _documents(connection: Connection, query: str, values: Any) -> list[str]:
    """Return the one column of a query."""
    rows: Any = connection.execute(query, values or None).fetchall()
    return [row[0] for row in rows]


def _write(connection: Connection, made: Work) -> Work:
    """Write what a command made; every change has its line, and the last version of an incident counts."""
    for incident in {change.incident.id: change.incident for change in made.changes}.values():
        connection.execute(_WRITE, (incident.id, json_text(incident)))
    tasks = tuple(replace(task, id=task.id or _next_number(connection, _NEW_TASK)) for task in made.tasks)
    for task in tasks:
        connection.execute(_WRITE_TASK, (task.id, task.incident, json_text(task)))
    lines = [_row(entry) for change in made.changes for entry in change.entries]
    if not lines:
        raise ValueError("a command that changes something says so in the log")
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE_LINE, lines)
    for file in made.files:
        keep_file(connection, file, storable(made.changes[0].entries[0].who))
    connection.execute(_NOTIFY)
    return replace(made, tasks=tasks)


def _row(entry: Entry) -> tuple[object, ...]:
    mentions = [storable(name) for name in entry.mentions]
    said = (entry.act.value, storable(entry.who), storable(entry.text), entry.before.value, entry.after.value)
    return entry.incident, to_datetime(entry.at_us), *said, mentions, json_text(entry.detail)


def line_of_log(row: tuple[Any, ...]) -> LogLine:
    """Return the line of a row: its columns in the order of ``_LOG``."""
    number, incident, at, recorded, act, who, text, before, after, mentions, detail = row
    return LogLine(
        id=number, incident=incident, at_us=from_datetime(at), recorded_us=from_datetime(recorded), act=Act(act),
        who=who, text=text, before=State(before), after=State(after), mentions=tuple(mentions), detail=detail,
    )  # fmt: skip


def _locked(connection: Connection, standing: Mapping[int, Standing]) -> Locked:
    return Locked(
        standing,
        _next_number(connection, _NEXT_ID),
        partial(_holder_of, connection),
        partial(_next_number, connection, _NEW_TASK),
        partial(_taken_of, connection),
    )


def _holder_of(connection: Connection, unit: str) -> int:
    row: Any = connection.execute(_HOLDER, (storable(unit),)).fetchone()
    return int(row[0]) if row else 0


def _taken_of(connection: Connection, store: str, item: str) -> float:
    row: Any = connection.execute(_TAKEN, (storable(store), storable(item))).fetchone()
    return float(row[0])


def _next_number(connection: Connection, query: str) -> int:
    row: Any = connection.execute(query).fetchone()
    return int(row[0])
