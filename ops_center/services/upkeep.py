"""Does now and then what the store needs: rollups every quarter of a minute, retention every hour.

Runs in a thread of the writer process; with several writers an advisory lock lets one of them work at a time. What
fails is tried again at the next turn: every pass starts from what the database says is to be done.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from ops_center.domain.errors import StoreError
from ops_center.domain.time import Clock
from ops_center.store.port import Keep, UpkeepStore

log = structlog.get_logger(__name__)

ROLLUPS_EVERY_S = 15.0
RETENTION_EVERY_S = 3600.0


class Upkeep:
    """The jobs of one realm."""

    def __init__(
        self, store: UpkeepStore, keep: Keep, clock: Clock, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._keep = keep
        self._clock = clock
        self._now_s = monotonic_s
        self._retention_due_s = 0.0
        self._failed = False

    def start(self, stop: threading.Event) -> threading.Thread:
        """Run in a thread of its own until ``stop``, and return the thread."""
        thread = threading.Thread(target=self.run, args=(stop,), name="upkeep", daemon=True)
        thread.start()
        return thread

    def run(self, stop: threading.Event) -> None:
        """Take turns until ``stop``; then let go of the store."""
        while not stop.is_set():
            self.turn()
            stop.wait(ROLLUPS_EVERY_S)
        self._store.close()

    def turn(self) -> None:
        """Do what is due; a failure is logged once, and so is that it is over."""
        try:
            made = self._store.refresh_rollups(self._clock.now_us())
            self._drop_if_due()
        except StoreError as error:
            if not self._failed:
                log.warning("upkeep.failed", error=str(error))
            self._failed = True
            return
        if self._failed:
            log.info("upkeep.works_again")
        self._failed = False
        log.debug("upkeep.rollups", buckets=made)

    def _drop_if_due(self) -> None:
        if self._now_s() < self._retention_due_s:
            return
        dropped = self._store.drop_old(self._clock.now_us(), self._keep)
        self._retention_due_s = self._now_s() + RETENTION_EVERY_S
        if dropped:
            log.info("upkeep.dropped", chunks_or_rows=dropped)
