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
def directory_lock(directory: Path, kind: str, patience_s: float = 10.0) -> Iterator[IO[str]]:
    """Hold ``directory`` for a server of this kind; write the keeper's process id with `name_keeper`.

    A directory whose keeper lives is refused at once. After a crash the last processes of a server may need a
    moment to end: they are waited for, ``patience_s`` seconds at most.
    """
    path = directory / "lock"
    with path.open("a+") as lock:
        deadline = time.monotonic() + patience_s
        while not _try(lock):
            keeper = _keeper_named_in(path)
            if keeper is not None or time.monotonic() > deadline:
                raise ServerError(
                    f"{kind} already runs on {directory}"
                    + (f" (process {keeper})" if keeper else "")
                    + ". Stop it, or give this one a directory of its own."
                )
            time.sleep(_POLL_S)
        yield lock


def name_keeper(lock: IO[str], pid: int) -> None:
    """Write down which process keeps the server."""
    lock.truncate(0)
    lock.write(f"{pid}\n")
    lock.flush()


def _try(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keeper_named_in(path: Path) -> int | None:
    try:
        pid = int(path.read_text())
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ValueError, OSError):
        return None
    return pid if state != "Z" and pid != os.getpid() else None
