"""``/things/series.csv``: the series that a thing's page shows, as they are stored; bounded, and the audit says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from ops_center.api.csv_answer import csv_lines, in_pieces, sent
from ops_center.domain.catalog import Datastream, Thing
from ops_center.domain.observations import Quality
from ops_center.domain.rights import Rights, Role, allows
from ops_center.domain.time import Clock, to_datetime
from ops_center.people.asking import asker
from ops_center.services.auditing import Auditor
from ops_center.services.things.room import THINGS, ThingRoom

MOST_ROWS = 50_000
"""of one series: beyond that the next coarser grain is written"""
MOST_SERIES = 8
_KEYS = r"^\d{1,10}(,\d{1,10}){0,7}$"
_COLUMNS = (
    "thing", "name_zh", "name_en", "observed_property", "unit", "time", "grain", "mean", "low", "high", "count",
    "quality",
)  # fmt: skip
Ms = Annotated[int, Query(ge=0, le=7_258_118_400_000, description="ms since 1970")]
EXPORT = Rights(see=THINGS.see - {Role.DISPLAY})


def series_export_routes(room: ThingRoom, auditor: Auditor, clock: Clock) -> APIRouter:
    """Return the route."""
    router = APIRouter(include_in_schema=False)

    @router.get("/things/series.csv")
    @allows(EXPORT)
    def as_csv(
        request: Request,
        since: Annotated[Ms, Query(alias="from")],
        until: Annotated[Ms, Query(alias="to")],
        series: Annotated[str, Query(pattern=_KEYS)],
    ) -> StreamingResponse:
        if until <= since:
            raise HTTPException(422, "`from` must lie before `to`")
        keys = list(dict.fromkeys(int(key) for key in series.split(",")))
        found = [one for key in keys if (one := room.stream(asker(), key)) is not None]
        if not found:
            raise HTTPException(404, "no such series")
        told = {"from": to_datetime(since * 1000).isoformat(), "to": to_datetime(until * 1000).isoformat()}
        names = ", ".join(f"{thing.producer}/{thing.thing_id} {stream.observed_property}" for thing, stream in found)
        address = request.client.host if request.client else ""
        auditor.did(asker(), "series.exported", names[:200], address=address, detail=told)
        rows = _rows(room, found, (since * 1000, until * 1000), clock.now_us())
        return sent(in_pieces(csv_lines(_COLUMNS, rows)), "text/csv; charset=utf-8", "series.csv")

    return router


def _rows(
    room: ThingRoom, found: list[tuple[Thing, Datastream]], span_us: tuple[int, int], now_us: int
) -> Iterator[list[Any]]:
    for thing, stream in found:
        shown = room.series(stream, span_us, now_us, MOST_ROWS, whole=True)
        names = [
            f"{thing.producer}/{thing.thing_id}",
            thing.name.zh,
            thing.name.en,
            stream.observed_property,
            stream.unit,
        ]
        for part in shown.parts:
            columns = (part.time_us, part.mean, part.low, part.high, part.count, part.quality)
            for at, mean, low, high, count, quality in zip(*(one.tolist() for one in columns), strict=True):
                flags = " ".join(flag.name or "" for flag in Quality if flag and flag in Quality(quality))
                yield [*names, to_datetime(at).isoformat(), part.resolution, mean, low, high, count, flags]
