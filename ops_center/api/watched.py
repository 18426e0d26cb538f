"""A WebSocket that ends when what it hangs on ends: the gate puts it around whatever serves one.

A stalled reader takes no close message either: what isn't gone a moment later is cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

LOOK_EVERY_S = 1.0
_PATIENCE_S = 1.0


class Watched:
    """An ASGI application around one WebSocket; ``is_alive`` is asked every second and must not wait."""

    def __init__(self, app: App, is_alive: Callable[[], bool], code: int) -> None:
        self._app = app
        self._is_alive = is_alive
        self._code = code
        self._ended: asyncio.Event
        self._send: Send
        self._receive: Receive
        self._coming: asyncio.Task[Message] | None = None

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve the connection until either end closes it or what it hangs on ends."""
        self._ended, self._receive, self._send = asyncio.Event(), receive, send
        watch = asyncio.ensure_future(self._watch(scope))
        try:
            await self._app(scope, self._next, self._pass_on)
        finally:
            for task in (watch, self._coming):
                if task is not None:
                    task.cancel()

    async def _watch(self, scope: MutableMapping[str, Any]) -> None:
        while self._is_alive():
            await asyncio.sleep(LOOK_EVERY_S)
        self._ended.set()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._send({"type": "websocket.close", "code": self._code, "reason": "the session has ended"})
        except (TimeoutError, RuntimeError, OSError):
            if transport := scope.get("ops_center.transport"):
                transport.abort()

    async def _next(self) -> Message:
        """Return the next message, or that the connection is over."""
        if self._coming is None:
            self._coming = asyncio.ensure_future(self._receive())
        over = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({self._coming, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
        if self._ended.is_set() or not self._coming.done():
            return {"type": "websocket.disconnect", "code": self._code}
        message, self._coming = self._coming.result(), None
        return message

    async def _pass_on(self, message: Message) -> None:
        """Send, unless it is over: then it is as if the other side had gone."""
        if self._ended.is_set():
            raise OSError("the session has ended")
        await self._send(message)
