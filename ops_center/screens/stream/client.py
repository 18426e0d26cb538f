"""One browser on ``/live``: takes the newest version of each cell it lacks, when it is ready for it.

Nothing is queued for a client. It keeps which versions it has sent, and whenever the connection takes more, it sends
what is newest then: a slow client skips versions and holds no memory but one message.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress

import structlog
from fastapi import WebSocket, WebSocketDisconnect

from ops_center.people.asking import asker_of
from ops_center.screens.stream.cells import CellName
from ops_center.screens.stream.frames import encode_frame
from ops_center.screens.stream.hub import Hub
from ops_center.screens.stream.notice_line import NoticeLine
from ops_center.screens.stream.picture import names_of
from ops_center.screens.stream.placed import PlacedLayer
from ops_center.screens.stream.seq_line import SeqLine
from ops_center.screens.stream.subscriptions import NotUnderstood, Subscription, decode_message
from ops_center.screens.stream.wall_line import WallLine

log = structlog.get_logger(__name__)

_POLICY_VIOLATION = 1008
_GONE = (WebSocketDisconnect, RuntimeError)
"""what sending raises where the connection is over; the second, where the server closed it for frames that are none"""
_ANSWERS_WAITING = 8
"""answers not yet sent; one who sends more without reading gets only the newest"""


class Client:
    """One connection. Everything happens on the event loop."""

    def __init__(self, hub: Hub, websocket: WebSocket) -> None:
        self._hub = hub
        self._websocket = websocket
        self._asker = asker_of(websocket.scope)
        self._alarms = SeqLine(hub.alarms, self._asker)
        self._incidents = SeqLine(hub.incidents, self._asker)
        self._wall = WallLine(hub.walls, self._asker)
        self._notices = NoticeLine(hub.notices, self._asker)
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._subscription = Subscription(layers=())
        self._answers: deque[bytes] = deque(maxlen=_ANSWERS_WAITING)
        self._sent: dict[str, int] = {}
        """cell → version that the browser holds or is being sent"""
        self._round: deque[tuple[str, CellName | None]] = deque()
        """cells to be looked at before the next round begins: none starves behind one that changes all the time"""
        self._names: Mapping[str, CellName] = {}
        self._names_of: tuple[Mapping[str, PlacedLayer] | None, Subscription | None] = (None, None)
        self._next_round = float("-inf")
        self._beat_sent = 0
        self._allowance = 10 * hub.limits.messages_per_s
        self._allowance_at = self._loop.time()
        self._refused = 0

    @property
    def layers(self) -> frozenset[str]:
        """Return the layers it looks at."""
        return frozenset(self._subscription.layers)

    @property
    def is_of_a_wall(self) -> bool:
        """Return whether it is told what hangs on a wall."""
        return self._wall.is_open

    def wake(self) -> None:
        """Look whether there is something to send."""
        self._woken.set()

    async def serve(self) -> None:
        """Serve the connection until it ends. The caller has accepted it."""
        self.wake()
        tasks = {self._loop.create_task(self._receive()), self._loop.create_task(self._send())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if not self._is_allowed():
                await self._close("too many messages")
                return
            self._take(message.get("text") or message.get("bytes") or "")
            if self._refused > self._hub.limits.refusals:
                await self._close("messages that are not understood")
                return

    async def _close(self, reason: str) -> None:
        with suppress(*_GONE):
            await self._websocket.close(_POLICY_VIOLATION, reason)

    def _take(self, text: str | bytes) -> None:
        try:
            asked = decode_message(text)
        except NotUnderstood as error:
            self._refused += 1
            self._answers.append(encode_frame({"kind": "refused", "reason": str(error)}))
        else:
            self._subscribe(asked)
        self.wake()

    def _subscribe(self, asked: Subscription) -> None:
        known = self._hub.picture.sources.layers
        layers = tuple(
            name for name in dict.fromkeys(asked.layers) if name in known and self._asker.may_see(known[name].rights)
        )
        self._subscription = Subscription(layers, asked.districts)
        self._alarms.subscribe(asked.alarms, asked.alarms_seq)
        self._incidents.subscribe(asked.incidents, asked.incidents_seq)
        self._wall.subscribe(*((asked.wall.name, asked.wall.display) if asked.wall else (None, None)))
        self._notices.subscribe(asked.notices)
        current = self._hub.picture.cells.current
        names = self._wanted()
        self._sent = {text: asked.since[text] for text in names if text in asked.since}
        self._round.clear()
        self._next_round = float("-inf")
        answer = {
            "kind": "subscribed",
            "layers": layers,
            "unknown": sorted(set(asked.layers) - set(layers)),
            "alarms": self._alarms.is_open,
            "incidents": self._incidents.is_open,
            "wall": self._wall.is_open,
            "cells": {text: current[name].version if name in current else None for text, name in names.items()},
        }
        self._answers.append(encode_frame(answer))
        self._hub.wants_changed()

    def _is_allowed(self) -> bool:
        """Return whether another message may come: a bucket that fills with time."""
        rate, now = self._hub.limits.messages_per_s, self._loop.time()
        self._allowance = min(self._allowance + (now - self._allowance_at) * rate, 10 * rate) - 1
        self._allowance_at = now
        return self._allowance >= 0

    async def _send(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            while message := (
                self._next_text(self._wall)
                or self._next_message()
                or self._next_text(self._alarms, self._incidents, self._notices)
            ):
                try:
                    async with asyncio.timeout(self._hub.limits.stalled_s):
                        await (
                            self._websocket.send_bytes(message)
                            if isinstance(message, bytes)
                            else self._websocket.send_text(message)
                        )
                except TimeoutError:
                    self._drop()
                    return
                except _GONE:
                    return
                self._hub.figures.messages += 1
                self._hub.figures.bytes += len(message)

    def _drop(self) -> None:
        """Cut the connection: closing it politely would wait for a reader that doesn't read."""
        self._hub.figures.stalled += 1
        log.info("live.client_stalled", client=str(self._websocket.client), seconds=self._hub.limits.stalled_s)
        self._websocket.scope["ops_center.transport"].abort()

    def _next_message(self) -> bytes:
        """Return what is to be sent now, b"" if nothing: answers and heartbeat first, then cells."""
        parts: list[bytes] = [self._answers.popleft() for _ in range(len(self._answers))]
        if self._beat_sent != self._hub.sequence:
            self._beat_sent = self._hub.sequence
            parts.append(self._hub.heartbeat)
        room = self._hub.limits.message_bytes - sum(map(len, parts))
        if not self._round:
            self._begin_round()
        while self._round and (frame := self._next_frame(room)) is not None:
            parts.append(frame)
            room -= len(frame)
        return b"".join(parts)

    def _next_text(self, *lines: SeqLine | NoticeLine | WallLine) -> str:
        """Return what one of the lines has to be sent now, "" if none has; come back when it is time."""
        now = self._loop.time()
        for line in lines:
            if text := line.next_frame(now):
                return text
            if due_s := line.due_s(now):
                self._loop.call_at(now + due_s, self.wake)
        return ""

    def _begin_round(self) -> None:
        """List what the browser lacks, if it isn't too soon; else come back when it is time."""
        lacking = self._lacking()
        now = self._loop.time()
        if not lacking:
            return
        if now < self._next_round:
            self._loop.call_at(self._next_round, self.wake)
            return
        self._next_round = now + self._hub.limits.apart_s
        self._round.extend(lacking)

    def _lacking(self) -> list[tuple[str, CellName | None]]:
        current = self._hub.picture.cells.current
        wanted = self._wanted()
        gone = [(text, None) for text in self._sent if text not in wanted]
        lacking = [
            (text, name)
            for text, name in wanted.items()
            if name in current and current[name].version != self._sent.get(text)
        ]
        return [*gone, *lacking]

    def _next_frame(self, room: int) -> bytes | None:
        """Return the next frame of the round, b"" for a cell that needs none, None where it doesn't fit any more."""
        text, name = self._round[0]
        cell = self._hub.picture.cells.current.get(name) if name else None
        if cell is None:
            self._round.popleft()
            return self._gone(text, name)
        if len(cell.frame) > room and room < self._hub.limits.message_bytes:
            return None
        self._round.popleft()
        self._sent[text] = cell.version
        return cell.frame

    def _gone(self, text: str, name: CellName | None) -> bytes:
        """Tell the browser to remove a cell, unless it is only waiting to be drawn again."""
        if name is not None or self._sent.pop(text, None) is None:
            return b""
        return encode_frame({"kind": "gone", "cell": text})

    def _wanted(self) -> Mapping[str, CellName]:
        """Return the cells it looks at by their names as text; made anew when they may have changed."""
        placed = self._hub.picture.placed
        if self._names_of[0] is not placed or self._names_of[1] is not self._subscription:
            asked = self._subscription
            names = names_of(self._hub.picture, asked.layers, asked.districts, self._asker)
            self._names = {str(name): name for name in names}
            self._names_of = (placed, asked)
        return self._names
