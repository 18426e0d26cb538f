"""Files of the catalog: a template, the list as CSV, and the file that is to be imported, compressed by the browser.

A file of a hundred thousand things is larger than a request may be; what is sent is gzip, and inflated up to a bound.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Body, HTTPException, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel

from ops_center.api.csv_answer import csv_lines, in_pieces, sent
from ops_center.domain.catalog import Thing
from ops_center.domain.rights import Rights, Role, allows
from ops_center.people.asking import asker
from ops_center.services.auditing import Auditor
from ops_center.services.things.desk import CatalogDesk
from ops_center.services.things.files import COLUMNS, MOST_BYTES, row_of, template
from ops_center.services.things.forms import held_streams
from ops_center.services.things.imports import Imports
from ops_center.services.things.listing import Wanted
from ops_center.services.things.room import THINGS

_LIST = Rights(see=THINGS.see - {Role.DISPLAY})
_IMPORT = Rights(see=THINGS.change, change=THINGS.change)
_Text = Annotated[str, Query(max_length=200)]


class Started(BaseModel):
    """The number of an import that has begun."""

    number: int


def catalog_file_routes(desk: CatalogDesk, imports: Imports, auditor: Auditor) -> APIRouter:
    """Return the routes."""
    router = APIRouter(include_in_schema=False)

    @router.get("/catalog/template.csv")
    @allows(_LIST)
    def as_template() -> Response:
        headers = {"Content-Disposition": 'attachment; filename="things-template.csv"'}
        return Response(template(), media_type="text/csv; charset=utf-8", headers=headers)

    @router.get("/catalog/things.csv")
    @allows(_LIST)
    def as_csv(
        request: Request,
        text: _Text = "",
        kind: _Text = "",
        feed: _Text = "",
        department: _Text = "",
        district: _Text = "",
        state: _Text = "",
    ) -> StreamingResponse:
        given = {
            "text": text,
            "kind": kind,
            "feed": feed,
            "department": department,
            "district": district,
            "state": state,
        }
        told = {name: value for name, value in given.items() if value}
        address = request.client.host if request.client else ""
        auditor.did(asker(), "things.exported", request.url.path, address=address, detail=told)
        things = desk.listing.all(asker(), Wanted(**given))
        return sent(in_pieces(csv_lines(COLUMNS, _rows(desk, things))), "text/csv; charset=utf-8", "things.csv")

    @router.post("/catalog/imports", status_code=202)
    @allows(_IMPORT)
    def begin(
        body: Annotated[bytes, Body(media_type="application/gzip")],
        name: Annotated[str, Query(min_length=1, max_length=200)],
        crs: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84",
    ) -> Started:
        return Started(number=imports.start(asker(), name, _inflated(body), crs).number)

    return router


def _rows(desk: CatalogDesk, things: Iterable[Thing]) -> Iterator[list[str]]:
    catalog = desk.catalog()
    for thing in things:
        yield row_of(thing, held_streams(catalog, thing))


def _inflated(body: bytes) -> bytes:
    """Return what was compressed; raises HTTPException 422 for what is no gzip, 413 for what is too much."""
    inflate = zlib.decompressobj(31)
    try:
        data = inflate.decompress(body, MOST_BYTES + 1)
    except zlib.error:
        raise HTTPException(422, "a file as gzip is wanted") from None
    if len(data) > MOST_BYTES or inflate.unconsumed_tail:
        raise HTTPException(413, f"more than {MOST_BYTES >> 20} MB")
    if not inflate.eof:
        raise HTTPException(422, "a whole gzip file is wanted")
    return data
