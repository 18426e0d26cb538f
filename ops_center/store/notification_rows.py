"""Rows of notifications ↔ values, and what several statements share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from alerts.cap import MsgType
from alerts.notification_text import Content
from alerts.notifying import Wanted
from alerts.public_warning import Draft
from alerts.route import Route, read_route
from ops_center.store.notification_port import Notification, WarningMessage
from ops_center.store.session import Connection

COLUMNS = """
SELECT id, key, route, route_version, channel, target, alarm, act, number, content, due_us, state, made_us, attempts,
       outcome, finished_us, digest, department, district
FROM notification
"""

# To who shows pages that one was told, or read.
TELL_PAGES = "SELECT pg_notify('ops_notices_' || substr(current_schema(), length('realm_') + 1), '')"

# What is there already (a planner that was killed after its commit and starts again) stays as it is.
_INSERT = """
INSERT INTO notification (key, route, route_version, channel, target, alarm, act, number, content, department, district,
                          made_us, due_us)
SELECT key, route, route_version, channel, target, alarm, act, number, content,
       coalesce(content -> 'facts' ->> 'department', ''), coalesce(content -> 'facts' ->> 'district', ''),
       %(now)s, due_us
FROM ROWS FROM (jsonb_to_recordset(%(rows)s::jsonb)
                AS (key text, route text, route_version int, channel text, target text, alarm bigint, act text,
                    number int, content jsonb, due_us bigint))
    WITH ORDINALITY AS w (key, route, route_version, channel, target, alarm, act, number, content, due_us, place)
ORDER BY place
ON CONFLICT (key) DO NOTHING RETURNING id
"""


def insert(connection: Connection, wanted: Sequence[Wanted], now_us: int) -> list[int]:
    """Insert what is wanted; return the ids of what was not there."""
    if not wanted:
        return []
    rows = msgspec.json.encode(list(wanted)).decode()
    found: list[Any] = connection.execute(_INSERT, {"rows": rows, "now": now_us}).fetchall()
    return [row[0] for row in found]


def notification(row: tuple[Any, ...]) -> Notification:
    """Return the notification of a row of COLUMNS."""
    wanted = Wanted(
        key=row[1],
        route=row[2],
        route_version=row[3],
        channel=row[4],
        target=row[5],
        alarm=row[6],
        act=row[7],
        number=row[8],
        content=msgspec.convert(row[9], Content),
        due_us=row[10],
    )
    return Notification(row[0], wanted, *row[11:])


def route(form: Any, version: int) -> Route:
    """Return a route as it was saved."""
    return msgspec.structs.replace(read_route(form), version=version)


def form_of(saved: Route) -> str:
    """Return what of a route is kept: its number is the row's."""
    form = msgspec.to_builtins(saved)
    form.pop("version")
    return json.dumps(form, ensure_ascii=False, sort_keys=True)


def warning(row: tuple[Any, ...]) -> WarningMessage:
    """Return the message of a row."""
    *values, draft, message = row
    names = ("identifier", "first", "number", "msg_type", "alarm", "department", "district", "sender", "sent_us")
    fields = dict(zip((*names, "author", "note"), values, strict=True))
    fields["msg_type"] = MsgType(fields["msg_type"])
    return WarningMessage(**fields, draft=msgspec.convert(draft, Draft), message=message)


def route_with(saved: Route, version: int) -> Route:
    """Return the route with the number that it was given."""
    return msgspec.structs.replace(saved, version=version)


def values_of(message: WarningMessage) -> tuple[object, ...]:
    """Return a message of a warning as the columns are ordered."""
    return (
        message.identifier,
        message.first,
        message.number,
        message.msg_type.value,
        message.alarm,
        message.department,
        message.district,
        message.sender,
        message.sent_us,
        message.author,
        message.note,
        msgspec.json.encode(message.draft).decode(),
        message.message,
    )
