"""The audit of a process that serves people: its auditor and its keeper of heads, in threads of their own.

Made by ``bootstrap``; the web application hands ``auditor`` to whoever records, and asks ``fault`` for health.
"""

from __future__ import annotations

import threading
from pathlib import Path

from ops_center.domain.time import Clock
from ops_center.people.audit_heads import HeadSigner
from ops_center.services.audit_heads import HeadKeeper
from ops_center.services.auditing import Auditor
from ops_center.store.audit_port import AuditStore

_FAREWELL_S = 10.0


class RunningAudit:
    """Writes and signs from ``start`` until its event; ``finish`` waits for the last of it."""

    def __init__(self, store: AuditStore, folder: Path, signer: HeadSigner, clock: Clock) -> None:
        self._keeper = HeadKeeper(store, folder, signer, clock)
        self.auditor = Auditor(store, clock, self._keeper.nudge)
        self._threads: list[threading.Thread] = []

    def start(self, stop: threading.Event) -> None:
        """Write and sign until ``stop``."""
        if not stop.is_set():  # who only looks at the application writes nothing
            self._threads = [self.auditor.start(stop), self._keeper.start(stop)]

    def finish(self) -> None:
        """Once ``stop`` is set: wait until what is left is written, some seconds at most, and sign it."""
        if not self._threads:
            return
        self._keeper.nudge()
        for thread in self._threads:
            thread.join(_FAREWELL_S)
        if not any(thread.is_alive() for thread in self._threads):
            self._keeper.sign_once()

    def fault(self) -> str | None:
        """Return what is wrong, for health; None: nothing."""
        return self.auditor.fault or self._keeper.fault
