"""The supervisor keeps real processes alive and takes them down with it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops_center.services.supervisor import Child, Supervisor

# Each start appends its pid to a file named by its argument and then does what the argument says.
SCRIPT = """
import os, sys, time
from ops_center.services.supervisor import die_with_parent
die_with_parent(int(os.environ["OPS_SUPERVISED"]))
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
if sys.argv[2] == "live": time.sleep(600)
sys.exit(int(sys.argv[2]))
"""
ROOT = str(Path(__file__).parents[2])


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "child.py"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def supervised(script: Path, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    stop = threading.Event()
    threads = []

    def start(what: str, *, once: bool = False) -> Path:
        pids = tmp_path / "pids"
        child = Child("child", [str(pids), what], once=once)
        supervisor = Supervisor(str(script), [child], {"PYTHONPATH": ROOT})
        threads.append(threading.Thread(target=supervisor.run, args=(stop,)))
        threads[-1].start()
        return pids

    yield start
    stop.set()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def test_a_process_that_is_killed_is_started_again(supervised: Callable[..., Path]) -> None:
    pids = supervised("live")
    first = _wait_for_pids(pids, 1)[0]
    os.kill(first, signal.SIGKILL)
    second = _wait_for_pids(pids, 2)[1]
    assert second != first
    assert _is_alive(second)


def test_a_task_that_ends_well_is_not_started_again(supervised: Callable[..., Path]) -> None:
    pids = supervised("0", once=True)
    _wait_for_pids(pids, 1)
    # A task that failed would be back after half a second; this one has had three times that.
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        assert len(pids.read_text().split()) == 1
        time.sleep(0.05)


def test_a_task_that_fails_is_tried_again(supervised: Callable[..., Path]) -> None:
    assert len(_wait_for_pids(supervised("3", once=True), 2)) >= 2


def test_no_child_outlives_a_supervisor_that_is_killed(script: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    supervisor = (
        "import threading; from ops_center.services.supervisor import Child, Supervisor;"
        f"Supervisor({str(script)!r}, [Child('child', [{str(pids)!r}, 'live'])], {{}}).run(threading.Event())"
    )
    parent = subprocess.Popen([sys.executable, "-c", supervisor], env={**os.environ, "PYTHONPATH": ROOT})
    child = _wait_for_pids(pids, 1)[0]
    parent.kill()
    parent.wait()
    _wait_until(lambda: not _is_alive(child))


def _wait_for_pids(file: Path, count: int) -> list[int]:
    _wait_until(lambda: file.exists() and len(file.read_text().split()) >= count)
    return [int(pid) for pid in file.read_text().split()]


def _is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def _wait_until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)
