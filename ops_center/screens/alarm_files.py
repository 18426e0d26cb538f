"""``/alarms/<id>/files/<hash>``: a file that the journal of an alarm names, for those who may see the alarm."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Path, Request, Response

from ops_center.domain.rights import Rights, allows
from ops_center.people.asking import asker_of
from ops_center.screens.screen import Center
from ops_center.services.alarm_rights import ALARMS

_SHOWN = ("image/", "application/pdf", "video/")
"""what a browser shows; everything else is saved"""
FILES = Rights(see=ALARMS.see)


def routes(center: Center) -> APIRouter:
    """Return the route."""
    router = APIRouter()

    @router.get("/alarms/{number}/files/{digest}", include_in_schema=False)
    @allows(FILES)
    def file(
        number: Annotated[int, Path(ge=1, le=2**53)], digest: Annotated[str, Path(max_length=64)], request: Request
    ) -> Response:
        desk = center.alarms.desk if center.alarms else None
        found = desk.attachment(asker_of(request.scope), number, digest) if desk else None
        if found is None:
            raise HTTPException(404, "no such file")
        attachment, name = found
        place = "inline" if attachment.kind.startswith(_SHOWN) else "attachment"
        headers = {
            "Content-Disposition": f"{place}; filename*=UTF-8''{quote(name, safe='')}",
            "Cache-Control": "private, max-age=31536000, immutable",
        }
        return Response(attachment.bytes, media_type=attachment.kind, headers=headers)

    return router
