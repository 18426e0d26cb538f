"""Members of a group in processes of their own, to be frozen, woken and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from types import TracebackType
from typing import Any, Self

from tests.bus.subjects import PATIENCE_S, Subject
from tests.stages import ROOT


class Member:
    """One worker process that polls and finishes when it is told to."""

    def __init__(self, subject: Subject, topic: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bus.member", subject.kind, subject.url, subject.group, topic],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def ask(self, command: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def poll_until_it_has(self, values: list[int]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while (answer := self.ask("poll"))["values"] != values:
            assert time.monotonic() < deadline, f"it has {answer}"

    def freeze(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    def wake(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
