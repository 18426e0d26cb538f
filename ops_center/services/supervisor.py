"""Keeps the processes of one machine alive: what ``run.py`` without a command does after its servers run.

Each stage of the way of the data is a process of its own, the same that a larger city starts on many
machines. One that ends is started again with a growing pause; all end with the supervisor, however it ends.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 15.0
_HEALTHY_AFTER_S = 60.0  # a process that lived this long starts again without a pause
_STOP_TIMEOUT_S = 10.0
_POLL_S = 0.2
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when ``parent``, which started it, dies; called first by each child."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        # It was gone before the kernel was asked.
        sys.exit(0)


@dataclass(slots=True)
class Child:
    """One process to keep alive."""

    name: str
    arguments: Sequence[str]
    """what follows ``python run.py``"""
    once: bool = False
    """a task that is finished when it ends well, not a stage"""
    running: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    due_s: float = 0.0
    pause_s: float = field(default=_FIRST_PAUSE_S)
    starts: int = 0
    finished: bool = False


class Supervisor:
    """Starts ``children`` of the program ``script`` with ``environment`` and keeps them alive until stopped."""

    def __init__(self, script: str, children: Sequence[Child], environment: Mapping[str, str]) -> None:
        self._script = script
        self._children = list(children)
        self._environment = {**os.environ, **environment, "OPS_SUPERVISED": str(os.getpid())}

    def run(self, stop: threading.Event) -> None:
        """Return when ``stop`` is set and every child has ended."""
        try:
            while not stop.is_set():
                self._look_after_all()
                stop.wait(_POLL_S)
        finally:
            self._stop_all()

    def _look_after_all(self) -> None:
        now_s = time.monotonic()
        for child in self._children:
            if child.running is not None and child.running.poll() is not None:
                self._note_end(child, child.running.returncode, now_s)
            if child.running is None and not child.finished and now_s >= child.due_s:
                self._start(child, now_s)

    def _start(self, child: Child, now_s: float) -> None:
        # A session of its own keeps the terminal's Ctrl-C from the children: the supervisor stops them in order.
        child.running = subprocess.Popen(
            [sys.executable, self._script, *child.arguments], env=self._environment, start_new_session=True
        )
        child.started_s, child.starts = now_s, child.starts + 1
        log.info("process.started", name=child.name, pid=child.running.pid, starts=child.starts)

    def _note_end(self, child: Child, status: int, now_s: float) -> None:
        lived_s = now_s - child.started_s
        if child.once and status == 0:
            child.running, child.finished = None, True
            log.info("process.finished", name=child.name, lived_s=round(lived_s))
            return
        child.pause_s = _FIRST_PAUSE_S if lived_s > _HEALTHY_AFTER_S else min(2 * child.pause_s, _LONGEST_PAUSE_S)
        child.running, child.due_s = None, now_s + child.pause_s
        log.error("process.ended", name=child.name, status=status, lived_s=round(lived_s), again_in_s=child.pause_s)

    def _stop_all(self) -> None:
        running = [child.running for child in reversed(self._children) if child.running is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline_s = time.monotonic() + _STOP_TIMEOUT_S
        for process in running:
            try:
                process.wait(max(0.1, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("process.killed", pid=process.pid, after_s=_STOP_TIMEOUT_S)
                process.kill()
                process.wait()
