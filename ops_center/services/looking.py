"""Follows something of the store that a process holds in memory. Called by the watches of alarms, walls and notices."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from ops_center.domain.errors import StoreError
from ops_center.store.port import Ear

log = structlog.get_logger(__name__)


def follow(look: Callable[[], object], ear: Ear, stop: threading.Event, name: str, every_s: float) -> threading.Thread:
    """Look whenever something is said, and every so often anyhow, in a thread of its own until ``stop``.

    ``name``: of what is looked at, as one of it is called. That the database is away is said once, and once that it is
    back.
    """

    def run() -> None:
        failed = False
        while not stop.is_set():
            failed = _look_anyhow(look, name, failed)
            ear.wait(stop, every_s)
        ear.close()

    thread = threading.Thread(target=run, name=f"{name} watch", daemon=True)
    thread.start()
    return thread


def _look_anyhow(look: Callable[[], object], name: str, failed: bool) -> bool:
    """Return whether it failed."""
    try:
        look()
    except StoreError as error:
        if not failed:
            log.warning(f"{name}s.cannot_look", error=str(error))
        return True
    if failed:
        log.info(f"{name}s.looks_again")
    return False
