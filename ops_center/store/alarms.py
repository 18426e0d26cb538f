"""The door of alarms for services and screens: reads, and what people do to alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import psycopg

from alerts.alarm import Act, Alarm, State, Turn
from ops_center.domain.audit import AuditEntry
from ops_center.domain.time import to_datetime
from ops_center.store import condition_search
from ops_center.store.alarm_port import (
    AlarmChanges,
    AlarmPicture,
    AlarmQuery,
    ChangedAlarm,
    ConditionQuery,
    ConditionRow,
    JournalLine,
    JournalQuery,
    R,
    Scopes,
)
from ops_center.store.alarm_rows import (
    ALARMS_AS_JSON,
    JOURNAL_COLUMNS,
    journal_line,
    lock_end,
    read_alarms,
    write_turns,
)
from ops_center.store.auditing import append
from ops_center.store.people_rows import with_detail
from ops_center.store.pool import SessionPool
from ops_center.store.session import Connection

_MOST_STANDING = 20_000

_SEQ = "SELECT seq FROM alarm_end"

_OPEN = f"{ALARMS_AS_JSON} WHERE state <> 'normal' ORDER BY id) n"

_BY_ID = f"{ALARMS_AS_JSON} WHERE id = ANY(%s) ORDER BY id) n"

_CHANGES = "SELECT seq, alarm, acts FROM alarm_change WHERE seq > %s ORDER BY seq LIMIT %s"

# In one statement, so that nothing is committed between the two questions.
_ALL_DROPPED = """
SELECT e.seq FROM alarm_end e WHERE e.seq > %(seq)s AND NOT EXISTS (SELECT FROM alarm_change c WHERE c.seq > %(seq)s)
"""

_IN_SCOPE = """
(%(everything)s OR EXISTS (SELECT FROM unnest(%(departments)s::text[], %(districts)s::text[])
                                  AS s (department, district)
                           WHERE (s.department IS NULL
                                OR s.department IN (a.department, nullif(a.assigned_department, '')))
                             AND (s.district IS NULL OR s.district = a.district)))
"""

_SEARCH = f"""{ALARMS_AS_JSON} a
WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
  AND (%(rule)s::text IS NULL OR rule = %(rule)s)
  AND (%(thing)s::int IS NULL OR thing = %(thing)s)
  AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))
  AND (%(priority)s::int IS NULL OR priority <= %(priority)s)
  AND (%(department)s::text IS NULL OR department = %(department)s)
  AND (%(district)s::text IS NULL OR district = %(district)s)
  AND (%(parent)s::bigint IS NULL OR parent = %(parent)s)
  AND (%(since_us)s::bigint IS NULL OR raised_us >= %(since_us)s)
  AND (%(until_us)s::bigint IS NULL OR raised_us < %(until_us)s)
  AND {_IN_SCOPE}
ORDER BY id DESC LIMIT %(limit)s) n
"""

# The last line up to the moment says the state; what was decided about an alarm later (its cause, its priority) is
# shown as it is known today: whoever looks back wants to see what belonged together.
_STANDING = f"""{ALARMS_AS_JSON} a
WHERE a.raised_us <= %(at_us)s AND (a.state <> 'normal' OR (a.state = 'normal' AND a.closed_us > %(at_us)s))
  AND {_IN_SCOPE}
ORDER BY id DESC LIMIT %(limit)s) n
"""

_STATES_AT = """
SELECT a.id, j.state_after FROM unnest(%s::bigint[]) AS a (id) CROSS JOIN LATERAL (
    SELECT state_after FROM alarm_journal WHERE alarm = a.id AND at <= %s ORDER BY id DESC LIMIT 1
) j
"""

_JOURNAL = f"""
SELECT {JOURNAL_COLUMNS} FROM alarm_journal j JOIN alarm a ON a.id = j.alarm
WHERE (%(before)s::bigint IS NULL OR j.id < %(before)s)
  AND (%(alarm)s::bigint IS NULL OR j.alarm = %(alarm)s)
  AND (%(rule)s::text IS NULL OR a.rule = %(rule)s)
  AND (%(thing)s::int IS NULL OR a.thing = %(thing)s)
  AND (%(acts)s::text[] IS NULL OR j.act = ANY(%(acts)s))
  AND (%(actor)s::text IS NULL OR j.actor = %(actor)s)
  AND (%(since)s::timestamptz IS NULL OR j.at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR j.at < %(until)s)
  AND {_IN_SCOPE}
ORDER BY j.id DESC LIMIT %(limit)s
"""  # noqa: S608 - put together of constants alone


class PostgresAlarmStore:
    """The AlarmStore; safe to use from any thread."""

    def __init__(self, pool: SessionPool) -> None:
        self._pool = pool

    def open(self) -> AlarmPicture:
        """Return all open alarms and the seq they belong to, from one snapshot."""

        def work(connection: Connection) -> AlarmPicture:
            return AlarmPicture(_last_seq(connection), tuple(read_alarms(connection.execute(_OPEN).fetchone())))

        return self._pool.run(work, isolation=psycopg.IsolationLevel.REPEATABLE_READ)

    def changes(self, after_seq: int, limit: int = 5000) -> AlarmChanges:
        """Return what changed behind ``after_seq``, each alarm once and as it is now."""
        return self._pool.run(lambda connection: changes(connection, after_seq, limit))

    def find(self, ids: Sequence[int]) -> Sequence[Alarm]:
        """Return the alarms of ``ids`` that there are, by id."""
        return self._pool.run(lambda connection: alarms_of(connection, ids))

    def command(
        self, ids: Sequence[int], act: Callable[[Alarm], Turn | R], entry: AuditEntry | None
    ) -> Mapping[int, Turn | R]:
        """Do ``act`` to each alarm as it is now, and return what became of each; unknown ids are left out."""

        def work(connection: Connection) -> Mapping[int, Turn | R]:
            seq, _ = lock_end(connection)
            outcomes = {alarm.id: act(alarm) for alarm in alarms_of(connection, ids)}
            turns = [turn for turn in outcomes.values() if isinstance(turn, Turn)]
            write_turns(connection, turns, seq)
            if entry is not None:
                append(connection, [_said(entry, ids, [turn.alarm.id for turn in turns])])
            return outcomes

        return self._pool.run(work)

    def journal(self, query: JournalQuery) -> Sequence[JournalLine]:
        """Return lines of the journal, newest first."""
        values = {
            "before": query.before,
            "alarm": query.alarm,
            "rule": query.rule,
            "thing": query.thing,
            "acts": None if query.acts is None else [act.value for act in query.acts],
            "actor": query.actor,
            "since": None if query.since_us is None else to_datetime(query.since_us),
            "until": None if query.until_us is None else to_datetime(query.until_us),
            "limit": query.limit,
            **_scope_values(query.scopes),
        }
        return self._pool.run(lambda connection: [journal_line(row) for row in connection.execute(_JOURNAL, values)])

    def search(self, query: AlarmQuery) -> Sequence[Alarm]:
        """Return alarms, closed ones too, newest first."""
        names = ("before", "rule", "thing", "priority", "department", "district", "parent", "since_us", "until_us")
        values: dict[str, Any] = {name: getattr(query, name) for name in (*names, "limit")}
        values["states"] = None if query.states is None else [state.value for state in query.states]
        values |= _scope_values(query.scopes)
        return self._pool.run(lambda connection: read_alarms(connection.execute(_SEARCH, values).fetchone()))

    def standing_at(self, at_us: int, scopes: Scopes | None = None) -> Sequence[Alarm]:
        """Return what was open at ``at_us``, in the state of then, newest first; at most 20,000."""
        values = {"at_us": at_us, "limit": _MOST_STANDING, **_scope_values(scopes)}

        def work(connection: Connection) -> Sequence[Alarm]:
            found = read_alarms(connection.execute(_STANDING, values).fetchone())
            rows: Any = connection.execute(_STATES_AT, ([alarm.id for alarm in found], to_datetime(at_us)))
            states = {number: State(state) for number, state in rows}
            # One without a line yet, or whose line says that it is over (late news of then), was not open.
            were = [(alarm, states.get(alarm.id, State.NORMAL)) for alarm in found]
            return [replace(alarm, state=state) for alarm, state in were if state is not State.NORMAL]

        return self._pool.run(work, isolation=psycopg.IsolationLevel.REPEATABLE_READ)

    def conditions(self, query: ConditionQuery) -> Sequence[ConditionRow]:
        """Return what rules found, those of the newest onset first."""
        return self._pool.run(lambda connection: condition_search.search(connection, query))


def changes(connection: Connection, after_seq: int, limit: int) -> AlarmChanges:
    """Return what changed behind ``after_seq``. The alarms may be newer than the last seq that is returned."""
    rows: Any = connection.execute(_CHANGES, (after_seq, limit)).fetchall()
    if not rows:
        end: Any = connection.execute(_ALL_DROPPED, {"seq": after_seq}).fetchone()
        return AlarmChanges(end[0], (), missed=True) if end else AlarmChanges(after_seq, ())
    acts: dict[int, dict[Act, None]] = {}
    for _, alarm, done in rows:
        acts.setdefault(alarm, {}).update({Act(act): None for act in done if act})
    found = {alarm.id: alarm for alarm in alarms_of(connection, list(acts))}
    changed = tuple(ChangedAlarm(found[alarm], tuple(done)) for alarm, done in acts.items())
    return AlarmChanges(rows[-1][0], changed, missed=rows[0][0] != after_seq + 1)


def alarms_of(connection: Connection, ids: Sequence[int]) -> list[Alarm]:
    """Return the alarms of ``ids`` that there are, by id."""
    return read_alarms(connection.execute(_BY_ID, (list(ids),)).fetchone())


def _last_seq(connection: Connection) -> int:
    row: Any = connection.execute(_SEQ).fetchone()
    return 0 if row is None else int(row[0])


def _said(entry: AuditEntry, asked: Sequence[int], done: Sequence[int]) -> AuditEntry:
    """Return the entry with the alarms it was done to, and those to which it was not."""
    rest = sorted(set(asked) - set(done))
    detail = {"alarms": list(done), **({"not_done": rest} if rest else {})}
    return replace(with_detail(entry, detail), outcome=entry.outcome if done else "refused")


def _scope_values(scopes: Scopes | None) -> dict[str, object]:
    return {
        "everything": scopes is None,
        "departments": [department for department, _ in scopes or ()],
        "districts": [district for _, district in scopes or ()],
    }
