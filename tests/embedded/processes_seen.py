"""Looking at the processes of this machine, and waiting for one to be gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def working_in(folder: Path) -> list[str]:
    """Programs with this folder in their command line or as working directory: a server and all it started."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            inside = str(folder) in line or str((entry / "cwd").readlink()).startswith(str(folder))
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and inside:
            found.append(f"{entry.name} {line}")
    return found


def wait_for(condition: Callable[[], bool], within_s: float, what: str) -> None:
    """Poll a real process until the condition holds; fails the test after ``within_s``."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what}"
        time.sleep(0.02)
