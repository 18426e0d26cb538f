"""Signs how far the audit has come, every second and whenever this process has appended; refuses what doesn't fit.

Runs in a thread of every web process, and once at the end of a command that wrote. Each keeps a file of its own, so a
row is vouched for by as many processes as run; what one left unsigned when it died, or what was committed by a program
that signs nothing, the others sign within a second. Before it signs, it follows the chain from the newest head: a row
that was rewritten meanwhile gets no head, and health says so.
"""

from __future__ import annotations

import threading
from pathlib import Path

import structlog

from ops_center.domain.audit_form import AuditRow, End
from ops_center.domain.errors import StoreError
from ops_center.domain.time import Clock
from ops_center.people.audit_findings import fits
from ops_center.people.audit_folder import HeadFile, newest_head
from ops_center.people.audit_heads import Head, HeadSigner, as_head
from ops_center.store.audit_port import AuditStore

log = structlog.get_logger(__name__)

_EVERY_S = 1.0
_LOOK_AGAIN = 30
"""turns between two looks at a folder whose heads contradict the rows: somebody may have set them aside"""

_FOLLOWED_BLIND = 10_000
"""so many rows are followed from the first one where no head is"""


class _Broken(Exception):
    """The rows are not those that the heads vouch for."""


class HeadKeeper:
    """Belongs to one thread, but for ``nudge`` and ``fault``."""

    def __init__(self, store: AuditStore, folder: Path, signer: HeadSigner, clock: Clock) -> None:
        self._store = store
        self._folder = folder
        self._signer = signer
        self._clock = clock
        self._file = HeadFile(folder)
        self._reached: End | None = None
        self._turns_broken = 0
        self._begun = False
        self._woken = threading.Event()
        self._fault: str | None = None

    @property
    def fault(self) -> str | None:
        """Return what is wrong, for health: the folder or the chain; None: nothing."""
        return self._fault

    def nudge(self) -> None:
        """Look at once. From any thread."""
        self._woken.set()

    def start(self, stop: threading.Event) -> threading.Thread:
        """Sign in a thread of its own until ``stop``; return the thread."""
        thread = threading.Thread(target=self.run, args=(stop,), name="audit heads", daemon=True)
        thread.start()
        return thread

    def run(self, stop: threading.Event) -> None:
        """Take turns until ``stop``, and a last one then."""
        while not stop.is_set():
            self._woken.wait(_EVERY_S)
            self._woken.clear()
            self.turn()
        self.sign_once()

    def sign_once(self) -> None:
        """Take one turn and let go of the file."""
        self.turn()
        self._file.close()

    def turn(self) -> None:
        """Sign what is new. Whatever is wrong is logged once and the next turn tries again; nothing is raised."""
        try:
            self._sign_what_is_new()
        except StoreError:
            return  # who appends and who reads say so; rows that can't be read are signed later
        except _Broken as error:
            self._say(f"the audit's rows contradict its signed heads: {error}; run `run.py audit verify`")
        except OSError as error:
            self._say(f"the audit's heads can't be kept in {self._folder}: {error.strerror or error}")
        else:
            self._say(None)

    def _say(self, fault: str | None) -> None:
        if fault is not None and self._fault is None:
            log.error("audit.unsigned", fault=fault)
        if fault is None and self._fault is not None:
            log.info("audit.signed_again")
        self._fault = fault

    def _sign_what_is_new(self) -> None:
        end = self._store.end()
        reached = self._reached or self._begin(end)
        try:
            last = self._follow(reached, end)
        except _Broken:
            self._reached = self._remembered(reached)
            raise
        if last != self._reached and last.seq:
            self._file.write(self._signer.sign(last.seq, last.hash, self._clock.now_us()))
        self._reached = last

    def _remembered(self, reached: End) -> End | None:
        """Return from where to look next; now and then nothing: then the folder is read anew."""
        self._turns_broken = (self._turns_broken + 1) % _LOOK_AGAIN
        return reached if self._turns_broken else None

    def _begin(self, end: End) -> End:
        """Return from where to follow: the newest head or checkpoint, else the first row.

        Where many rows and no head are found (a new folder), what is there now is believed.
        """
        head = newest_head(self._folder, self._signer)
        known = [End(one.seq, one.hash) for one in (head, self._checkpoint()) if one is not None]
        if known:
            return max(known, key=lambda one: one.seq)
        if end.seq <= _FOLLOWED_BLIND:
            return End()
        if not self._begun:
            log.warning("audit.heads_begin", seq=end.seq, folder=str(self._folder))
        self._begun = True
        return end

    def _checkpoint(self) -> Head | None:
        checkpoints = [as_head(one) for one in self._store.checkpoints()]
        return next((one for one in reversed(checkpoints) if self._signer.signed(one)), None)

    def _follow(self, reached: End, end: End) -> End:
        """Return ``end``, if the rows lead there from ``reached``."""
        if end.seq < reached.seq:
            raise _Broken(f"they end at {end.seq}, a head vouches for row {reached.seq}")
        for row in self._store.walk(reached.seq):
            if row.seq > end.seq:
                break
            reached = _next(reached, row)
        if reached != end:
            raise _Broken(f"they lead to row {reached.seq}, the database says they end at {end.seq} with another hash")
        return end


def _next(reached: End, row: AuditRow) -> End:
    if row.seq != reached.seq + 1 or row.previous != reached.hash or not fits(row):
        raise _Broken(f"row {row.seq} does not follow row {reached.seq}")
    return End(row.seq, row.hash)
