"""Asking a server whether it is well without ever waiting long for it.

Used by health. A server that hangs is asked by one thread at a time, which may hang as long as it likes; whoever wants
to know waits a second at most and is told for how long there has been no answer.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from ops_center.domain.errors import OpsCenterError

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a server said, or why it didn't."""

    value: T | None
    fault: str | None


class Probe(Generic[T]):
    """One question to one server. Belongs to one event loop."""

    def __init__(self, name: str, question: Callable[[], T], patience_s: float = 1.0) -> None:
        self._name = name
        self._question = question
        self._patience_s = patience_s
        self._asked: Future[T] | None = None
        self._asked_s = 0.0

    async def ask(self) -> Answer[T]:
        """Return the answer, or what is wrong; takes no longer than its patience."""
        if self._asked is None:
            self._asked, self._asked_s = self._begin(), time.monotonic()
        asked = self._asked
        try:
            value = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(asked)), self._patience_s)
        except TimeoutError:
            return Answer(None, f"no answer for {time.monotonic() - self._asked_s:.0f} s")
        except Exception as error:
            self._forget(asked)
            if not isinstance(error, OpsCenterError):
                log.exception("probe.failed", probe=self._name)
            return Answer(None, str(error) or type(error).__name__)
        self._forget(asked)
        return Answer(value, None)

    def _forget(self, asked: Future[T]) -> None:
        if self._asked is asked:
            self._asked = None

    def _begin(self) -> Future[T]:
        future: Future[T] = Future()
        threading.Thread(target=self._run, args=(future,), name=f"probe {self._name}", daemon=True).start()
        return future

    def _run(self, future: Future[T]) -> None:
        try:
            value = self._question()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(value)
