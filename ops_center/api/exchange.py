"""One HTTP request and its answer, bounded: how long the body may be, and how long it may take to arrive.

What a body says of its length is judged by the guard before anything reads it; here is what really comes. A body that
is late or longer than it said is answered for the application, which is told that the client has gone.
"""

from __future__ import annotations

import asyncio

from ops_center.api.asgi import Message, Receive, Send
from ops_center.api.heads import Head, Refused
from ops_center.api.response_headers import ResponseHeaders
from ops_center.domain.text import Label

_GONE = {"type": "http.disconnect"}


def judge_body(head: Head, limit: int) -> None:
    """Raise Refused for a body that says too much or not how long it is; returning says nothing about what comes."""
    if head.all(b"transfer-encoding"):
        raise Refused(411, Label("请求体必须注明长度", "a body must say its length"))
    length = head.one(b"content-length")
    if length is None:
        return
    if not (length.isascii() and length.isdigit()):
        raise Refused(400, Label("Content-Length 无效", "not understood: content-length"))
    if int(length[:20]) > limit:
        raise _too_long(limit)


def _too_long(limit: int) -> Refused:
    return Refused(413, Label(f"请求体最多 {limit} 字节", f"a body may have {limit} bytes"))


class Exchange:
    """Stands between the application and the server for one request."""

    def __init__(self, receive: Receive, send: Send, headers: ResponseHeaders, path: str) -> None:
        self._receive = receive
        self._send = send
        self._headers = headers
        self._path = path
        self._limit = 0
        self._ends_s = 0.0
        self._read = 0
        self._is_whole = False
        self._has_started = False
        self.refused: Refused | None = None
        """why the body was not taken; the application's own answer is dropped then"""

    def expect_body(self, limit: int, within_s: float) -> None:
        """Say how much may come, and until when."""
        self._limit = limit
        self._ends_s = asyncio.get_running_loop().time() + within_s

    async def receive(self) -> Message:
        """Return the next piece of the body, or that the client has gone."""
        if self._is_whole:
            return await self._receive()
        if self.refused is not None:
            return dict(_GONE)
        try:
            async with asyncio.timeout_at(self._ends_s):
                message = await self._receive()
        except TimeoutError:
            return self._refuse(Refused(408, Label("请求体未按时到达", "the body took too long to arrive")))
        self._read += len(message.get("body", b""))
        if self._read > self._limit:
            return self._refuse(_too_long(self._limit))
        self._is_whole = not message.get("more_body", False)
        return message

    def _refuse(self, refused: Refused) -> Message:
        self.refused = refused
        return dict(_GONE)

    @property
    def has_started(self) -> bool:
        """Return whether an answer is on its way."""
        return self._has_started

    async def send(self, message: Message) -> None:
        """Hand a piece of the answer on, with our headers."""
        if self.refused is not None and not self._has_started:
            return
        if message["type"] == "http.response.start":
            self._has_started = True
            self._headers.add(message, self._path)
        await self._send(message)
