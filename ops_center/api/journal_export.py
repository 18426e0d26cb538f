"""``/alarms/journal/export.csv``: the lines of the journal that somebody looks at, to take along; the audit says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from ops_center.api.csv_answer import csv_lines, in_pieces, sent
from ops_center.domain.catalog import Catalog
from ops_center.domain.rights import allows
from ops_center.domain.time import Clock, to_datetime
from ops_center.people.asking import asker
from ops_center.services.alarm_room import AlarmRoom
from ops_center.services.auditing import Auditor
from ops_center.services.journal_search import JOURNAL, Wanted, lines_of
from ops_center.store.alarm_port import JournalLine

_COLUMNS = (
    "id", "time", "recorded", "act", "actor", "reason", "alarm", "rule", "rule_version", "thing", "department",
    "district", "before", "after", "detail",
)  # fmt: skip


def journal_export_routes(room: AlarmRoom, catalog: Callable[[], Catalog], auditor: Auditor, clock: Clock) -> APIRouter:
    """Return the route."""
    router = APIRouter(include_in_schema=False)

    @router.get("/alarms/journal/export.csv")
    @allows(JOURNAL)
    def as_csv(request: Request) -> StreamingResponse:
        given = dict(request.query_params)
        wanted, address = Wanted.parse(given), request.client.host if request.client else ""
        told = {name: value[:200] for name, value in given.items() if value}
        auditor.did(asker(), "alarms.exported", request.url.path, address=address, detail=told)
        query = wanted.query(catalog(), clock.now_us())
        found = iter(()) if query is None else lines_of(room.desk, asker(), query)
        return sent(in_pieces(csv_lines(_COLUMNS, _rows(found, catalog()))), "text/csv; charset=utf-8", "journal.csv")

    return router


def _rows(lines: Iterable[JournalLine], catalog: Catalog) -> Iterator[list[Any]]:
    for line in lines:
        thing = catalog.things.get(line.thing)
        yield [
            line.id,
            to_datetime(line.at_us).isoformat(),
            to_datetime(line.recorded_us).isoformat(),
            line.act.value,
            line.actor,
            line.reason,
            line.alarm,
            line.rule,
            line.rule_version,
            thing.thing_id if thing else "",
            line.department,
            line.district,
            line.before.value,
            line.after.value,
            dict(line.detail),
        ]
