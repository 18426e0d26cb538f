"""The addresses of the data plane: the WebSocket ``/live``, the geometry its cells refer to, and what they were.

Made by bootstrap. The guard (``ops_center/api/guard.py``) has judged address, Host and Origin before anything gets
here, and the gate (``ops_center/api/gate.py``) who asks; a connection that didn't pass the guard is refused, and one
that didn't pass the gate sees nothing, so that forgetting either opens nothing.
"""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Annotated, TypeVar
from urllib.parse import unquote

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request, Response, WebSocket

from layers.contract import Layer
from ops_center.domain.rights import PICTURE, Asker, Rights, Role, allows
from ops_center.people.asking import asker_of
from ops_center.screens.stream.client import Client
from ops_center.screens.stream.hub import Hub
from ops_center.screens.stream.past import Past, PastBusy
from ops_center.screens.stream.picture import may_see
from ops_center.screens.stream.placed import Piece
from ops_center.screens.stream.subscriptions import MAX_LAYERS
from ops_center.services.alarm_rights import ALARMS

T = TypeVar("T")
Moment = Annotated[int, Query(ge=0, le=1 << 53)]
"""µs since the epoch, UTC"""
LayerNames = Annotated[str, Query(min_length=1, max_length=MAX_LAYERS * 40, pattern=r"^[a-z0-9_]+(,[a-z0-9_]+)*$")]
"""names, with commas between them"""

SERVER_OPTIONS = {
    # Frames are dense numbers: deflating them again for every client would cost more than everything else together.
    "ws_per_message_deflate": False,
    "ws": "websockets-sansio",
    "ws_max_size": 1 << 20,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
}
"""how uvicorn is to serve the data plane"""
LIVE = Rights(see=PICTURE | {Role.FIELD_UNIT})
"""who may open the stream; which cells, alarms and incidents it brings is decided for each"""
_TRY_AGAIN_LATER = 1013
_POLICY_VIOLATION = 1008
_SEND_BUFFER_BYTES = 256 * 1024
"""what the kernel may hold for a slow reader: what lies there is old before it arrives"""


def build_live_router(hub: Hub, past: Past | None = None) -> APIRouter:
    """Return the routes of the data plane. The hub starts with the first client, or with :func:`lifespan`.

    ``past``: the picture as it was; without it (in trials and measurements) nothing is answered about it.
    """
    router = APIRouter()

    @router.websocket("/live")
    @allows(LIVE)
    async def live(websocket: WebSocket) -> None:
        await _serve(hub, websocket)

    @router.get("/live/geometry/{cell:path}/{geometry}", include_in_schema=False)
    @allows(LIVE)
    def geometry(cell: str, geometry: str, request: Request) -> Response:
        return _answer_geometry(_piece(hub, cell, geometry, asker_of(request.scope)), request)

    @router.get("/live/past", include_in_schema=False)
    @allows(LIVE)
    def cells_of_the_past(request: Request, at: Moment, layers: LayerNames) -> Response:
        asker = asker_of(request.scope)
        shown = [name for name in layers.split(",") if _is_open_to(asker, hub.picture.sources.layers.get(name))]
        content = _asked_of_past(hub, past, at, lambda past: past.cells(at, shown, asker))
        # What was is not quite over: late data may still come, so a browser keeps it for minutes, not for ever.
        return Response(
            content, media_type="application/octet-stream", headers={"Cache-Control": "private, max-age=300"}
        )

    @router.get("/live/past/alarms", include_in_schema=False)
    @allows(ALARMS)
    def alarms_of_the_past(request: Request, at: Moment) -> Response:
        plane = hub.alarms
        if plane is None:
            raise HTTPException(404, "no alarms are kept here")
        content = _asked_of_past(hub, past, at, lambda _: plane.standing_at(asker_of(request.scope), at))
        return Response(content, media_type="application/json")

    return router


def _is_open_to(asker: Asker, layer: Layer | None) -> bool:
    return layer is not None and asker.may_see(layer.rights)


def _asked_of_past(hub: Hub, past: Past | None, at_us: int, ask: Callable[[Past], T]) -> T:
    if past is None:
        raise HTTPException(404, "no past is kept here")
    if at_us > hub.picture.sources.clock.now_us():
        raise HTTPException(422, "what is not over yet is on /live")
    try:
        return ask(past)
    except PastBusy as error:
        raise HTTPException(503, str(error), {"Retry-After": "2"}) from None


@asynccontextmanager
async def lifespan(hub: Hub, app: FastAPI | None = None) -> AsyncIterator[None]:
    """Follow the live values while the application runs."""
    hub.start()
    try:
        yield
    finally:
        await hub.stop()


async def _serve(hub: Hub, websocket: WebSocket) -> None:
    transport = websocket.scope.get("ops_center.transport")
    if transport is None:
        await websocket.close(_POLICY_VIOLATION, "not guarded")
        return
    hub.start()
    client = Client(hub, websocket)
    if not hub.join(client):
        await websocket.close(_TRY_AGAIN_LATER, "too many clients")
        return
    try:
        await websocket.accept()
        _bound_send_buffer(transport)
        await client.serve()
    finally:
        hub.leave(client)


def _bound_send_buffer(transport: object) -> None:
    import socket

    connection = transport.get_extra_info("socket")  # type: ignore[attr-defined]
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)


def _piece(hub: Hub, cell: str, geometry: str, asker: Asker) -> Piece:
    placed = hub.picture.placed.get(cell.split("/", 1)[0])
    if placed is None:
        raise HTTPException(404, "no such layer")
    for piece in placed.pieces:
        if unquote(str(piece.name)) == cell and piece.geometry == geometry and may_see(asker, placed.layer, piece.name):
            return piece
    raise HTTPException(404, "this geometry is no longer current")


def _answer_geometry(piece: Piece, request: Request) -> Response:
    headers = {
        "ETag": f'"{piece.geometry}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = piece.frame
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = _compressed(piece.frame)
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type="application/octet-stream")


@lru_cache(maxsize=128)
def _compressed(frame: bytes) -> bytes:
    return gzip.compress(frame, 5, mtime=0)
