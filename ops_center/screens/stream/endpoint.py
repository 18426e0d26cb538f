"""The addresses of the data plane: the WebSocket ``/live`` and the geometry its cells refer to.

Made by bootstrap. The guard (``ops_center/api/guard.py``) has judged address, Host and Origin before anything gets
here, and the gate (``ops_center/api/gate.py``) who asks; a connection that didn't pass the guard is refused, and one
that didn't pass the gate sees nothing, so that forgetting either opens nothing.
"""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from urllib.parse import unquote

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, WebSocket

from ops_center.domain.rights import PICTURE, Asker, Rights, allows
from ops_center.people.asking import asker_of
from ops_center.screens.stream.client import Client
from ops_center.screens.stream.hub import Hub
from ops_center.screens.stream.picture import may_see
from ops_center.screens.stream.placed import Piece

SERVER_OPTIONS = {
    # Frames are dense numbers: deflating them again for every client would cost more than everything else together.
    "ws_per_message_deflate": False,
    "ws": "websockets-sansio",
    "ws_max_size": 1 << 20,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
}
"""how uvicorn is to serve the data plane"""
LIVE = Rights(see=PICTURE)
"""who may open the stream; which cells it brings is decided cell by cell"""
_TRY_AGAIN_LATER = 1013
_POLICY_VIOLATION = 1008
_SEND_BUFFER_BYTES = 256 * 1024
"""what the kernel may hold for a slow reader: what lies there is old before it arrives"""


def build_live_router(hub: Hub) -> APIRouter:
    """Return the routes of the data plane. The hub starts with the first client, or with :func:`lifespan`."""
    router = APIRouter()

    @router.websocket("/live")
    @allows(LIVE)
    async def live(websocket: WebSocket) -> None:
        await _serve(hub, websocket)

    @router.get("/live/geometry/{cell:path}/{geometry}", include_in_schema=False)
    @allows(LIVE)
    def geometry(cell: str, geometry: str, request: Request) -> Response:
        return _answer_geometry(_piece(hub, cell, geometry, asker_of(request.scope)), request)

    return router


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
