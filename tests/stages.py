"""Stages of the center as real processes: started, frozen, killed and looked at by tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).parents[1]


class Stage:
    """``python run.py <arguments>`` with an environment of its own; ends with the test."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.arguments = arguments
        self.log = log
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPS_")}
        self._environment = {**inherited, "OPS_SUPERVISED": str(os.getpid()), "OPS_CONFIG": "", **environment}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        with self.log.open("ab") as output:
            self._process = self._spawn(output)
        return self

    def _spawn(self, output: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "run.py"), *self.arguments],
            env=self._environment,
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def wait(self, timeout_s: float) -> int:
        """Return the exit status once the process has ended by itself."""
        assert self._process is not None
        return self._process.wait(timeout_s)

    def stop(self, timeout_s: float = 60) -> int:
        """Ask the process to end and return its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout_s)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.is_running():
            self.thaw()
            self.kill()


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = 60, every_s: float = 0.05) -> None:
    """Return when ``condition`` holds; fail, saying ``what``, when it doesn't in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not in {timeout_s:.0f} s: {what}"
        time.sleep(every_s)
