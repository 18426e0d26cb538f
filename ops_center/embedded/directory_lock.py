"""One server per directory: a lock that lives exactly as long as the server's processes do.

`processes.ServerProcess` takes it before it starts a server and hands the open file on to it, so that the kernel
gives it back when the last process of that server is gone, however it ended. The file also names the keeper.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ops_center.domain.errors import ServerError

_POLL_S = 0.05


@contextmanager
def directory_lock(directory: Path, kind: str, patience_s: float = 60.0) -> Iterator[IO[str]]:
    """Hold ``directory`` for a server of this kind; write down who keeps it with `name_keeper`.

    A directory that is in use is refused at once. One whose owner died is still being stopped by its keeper: that is
    waited for, ``patience_s`` seconds at most.
    """
    path = directory / "lock"
    with path.open("a+") as lock:
        deadline = time.monotonic() + patience_s
        while not _try(lock):
            keeper = _keeper_with_owner(path)
            if keeper is not None or time.monotonic() > deadline:
                who = f" (process {keeper})" if keeper else ""
                raise ServerError(
                    f"{kind} already runs on {directory}{who}. Stop it, or give this one a directory of its own."
                )
            time.sleep(_POLL_S)
        yield lock


def name_keeper(lock: IO[str], pid: int) -> None:
    """Write down which process keeps the server, and for whom: us."""
    lock.truncate(0)
    lock.write(f"{pid} {os.getpid()}\n")
    lock.flush()


def _try(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keeper_with_owner(path: Path) -> int | None:
    """Return the keeper's process id if it still works for the process that started it."""
    try:
        keeper, owner = map(int, path.read_text().split())
        state, parent = Path(f"/proc/{keeper}/stat").read_text().rpartition(")")[2].split()[:2]
    except (ValueError, OSError):
        return None
    return keeper if int(parent) == owner and state != "Z" else None
