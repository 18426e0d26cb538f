"""A small process between us and one server: it stops the server when we ask, and when we die.

Started by `processes.py` as ``python -I -S keeper.py SPEC``, with a pipe from the owner as standard input; never
imported by the center. A byte or the end of that pipe, a signal, or a change of parent means "stop". The server is
then asked to end, given time, and killed with everything it left behind. If the keeper itself is killed, the kernel
kills the server (PR_SET_PDEATHSIG, prctl(2)). The parent-death signal alone would not do for the owner: it fires when
the *thread* that started the child ends, and it gives a database no chance to write its checkpoint.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>: what the server leaves behind becomes our child, so we can end it
_OWNER_CHECK_MS = 500


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _start(spec: dict[str, Any]) -> subprocess.Popen[bytes]:
    identity = {}
    if spec["uid"] is not None:
        identity = {"user": spec["uid"], "group": spec["gid"], "extra_groups": []}
    # preexec_fn is safe here: this process has one thread. It runs after the change of user, which clears the signal.
    return subprocess.Popen(
        spec["argv"],
        stdin=subprocess.DEVNULL,
        cwd=spec["cwd"],
        env=spec["env"],
        umask=0o077,
        pass_fds=spec["held_fds"],
        preexec_fn=lambda: _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL),  # noqa: PLW1509 - one thread, see above
        **identity,
    )


def _wait_for_a_reason_to_stop(child: subprocess.Popen[bytes], owner: int, wakeup: int) -> None:
    """Return when the owner asked to stop, is gone, a signal came, or the server ended by itself."""
    poller = select.poll()
    poller.register(0, select.POLLIN | select.POLLHUP)
    poller.register(wakeup, select.POLLIN)
    while child.poll() is None and os.getppid() == owner:
        ready = dict(poller.poll(_OWNER_CHECK_MS))
        if 0 in ready:
            return
        if wakeup in ready and set(os.read(wakeup, 64)) - {signal.SIGCHLD}:
            return


def _stop(child: subprocess.Popen[bytes], stop_signal: int, timeout_s: float) -> None:
    if child.poll() is None:
        child.send_signal(stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout_s)
    child.kill()
    child.wait()


def _children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def _end_leftovers(timeout_s: float = 3.0) -> None:
    """Let what the server left behind end by itself, then kill it: its shared memory must be free for a restart."""
    deadline = time.monotonic() + timeout_s
    while left := _children():
        for pid in left:
            if time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.02)


def main() -> int:
    """Run one server to its end; the exit status is the server's (128 + signal if it was killed)."""
    spec = json.loads(sys.argv[1])
    wakeup, wakeup_writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wakeup_writer)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    child = _start(spec)
    _wait_for_a_reason_to_stop(child, spec["owner"], wakeup)
    _stop(child, spec["stop_signal"], spec["stop_timeout_s"])
    _end_leftovers()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


if __name__ == "__main__":
    sys.exit(main())
