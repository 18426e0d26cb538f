"""Runs what waits, also where another loop runs in this thread: a browser that a test opened has one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(waiting: Coroutine[Any, Any, T]) -> T:
    """Return what comes of it, from a loop of its own in a thread of its own."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, waiting).result()
