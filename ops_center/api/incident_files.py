"""``/api/incidents/<id>/files``: what people add to an incident, told by its bytes, and how it comes back.

A browser shows pictures alone, since nothing in them runs; everything else is handed out to be saved, never as a page.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, HTTPException, Query, Response

from ops_center.api.errors import refused
from ops_center.api.incidents import STATUS, standing_answer
from ops_center.api.parameters import Digest, IncidentKey
from ops_center.domain.rights import Rights, allows
from ops_center.people.asking import asker
from ops_center.services.attachments import LARGEST_BYTES, as_attachment
from ops_center.services.incidents.rights import INVOLVED
from ops_center.services.incidents.room import IncidentRoom
from ops_center.store.alarm_port import Attachment

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/*": _BYTES, "application/octet-stream": _BYTES}}}
_REFUSED: dict[int | str, dict[str, Any]] = {409: {"description": "Refused: `{code, zh, en}`"}}
Name = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/\\]*[^\s\x00-\x1f\x7f/\\]$")]
Held = Annotated[bytes, Body(media_type="application/octet-stream", min_length=1, max_length=LARGEST_BYTES)]


def incident_file_routes(room: IncidentRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/incidents", tags=["incidents"])

    @router.post("/{id}/files", response_model=None, responses=_REFUSED)
    @allows(INVOLVED)
    def attach(id: IncidentKey, name: Name, held: Held) -> Response | dict[str, Any]:
        """Add a file: a picture, PDF, MP4 or plain text, told by its bytes; return the incident as it is then."""
        file = as_attachment(held)
        if not isinstance(file, Attachment):
            return refused(file.code, file.label, STATUS.get(file.code, 409))
        return standing_answer(room, room.desk.attach(asker(), id, file, name))

    @router.get("/{id}/files/{digest}", response_class=Response, responses=_FILE)
    @allows(Rights(see=INVOLVED.see))
    def file(id: IncidentKey, digest: Digest) -> Response:
        """Return a file of an incident or of one of its tasks: a picture to be shown, anything else to be saved."""
        found = room.desk.file(asker(), id, digest)
        if found is None:
            raise HTTPException(404, "no such file belongs to this incident")
        held, name = found
        return as_answer(held, name)

    return router


def as_answer(held: Attachment, name: str) -> Response:
    """Return a file as a browser may have it, under its name."""
    shown = held.kind.startswith("image/")
    headers = {
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=31536000, immutable",
    }  # fmt: skip
    return Response(held.bytes, media_type=held.kind if shown else "application/octet-stream", headers=headers)
