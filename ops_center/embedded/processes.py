"""Starting, watching and stopping one server process: what the embedded servers share.

`ServerProcess` is the base of `postgres.PostgresServer`, `valkey.ValkeyServer` and `kafka.KafkaServer`. Each owns one
directory (``lock``, ``server.log`` and whatever the server keeps) and runs under a keeper (see `keeper.py`).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import structlog

from ops_center.domain.errors import ServerError
from ops_center.embedded.directory_lock import directory_lock, name_keeper
from ops_center.embedded.identity import Identity
from ops_center.embedded.ports import LOOPBACK, answers, free_port, port_is_taken

_KEEPER = Path(__file__).with_name("keeper.py")
_LOG_KEPT_BYTES = 16 * 1024 * 1024  # a longer log is moved to server.log.1 at the next start
_POLL_S = 0.02

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Command:
    """How to run one server in the foreground."""

    argv: list[str]
    """Program and arguments; the program is an absolute path."""
    stop_signal: signal.Signals = signal.SIGTERM
    """What asks the server to end cleanly."""
    stop_timeout_s: float = 30.0
    """How long a clean end may take before the server is killed."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to a minimal environment; ours is not handed on, it may hold secrets."""
    identity: Identity | None = None
    """The user to run as; None keeps ours."""


class ServerProcess(ABC):
    """One server with its own directory; start it with ``with`` or `start` and `stop`.

    ``port`` 0 lets the system choose at every start. A second start on a directory in use raises `ServerError`; so
    does a port in use, a missing program, or a server that does not become ready within ``start_timeout_s``.
    """

    kind: str
    start_timeout_s: float = 60.0

    def __init__(self, data_dir: Path | str, port: int = 0) -> None:
        self.data_dir = Path(data_dir).expanduser().absolute()
        self.port = port
        self._asked_port = port
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Address for clients, with credentials where there are any."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make the directory ready for the server; called with the lock held."""

    @abstractmethod
    def _command(self) -> Command:
        """Say how to run the server on ``self.port``."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Ask the server whether it serves."""

    @property
    def log_path(self) -> Path:
        """Where the server writes what it has to say."""
        return self.data_dir / "server.log"

    @property
    def pid(self) -> int | None:
        """Process id of the server itself (not its keeper); None when it isn't running."""
        if not self.is_running() or self._keeper is None:
            return None
        children = Path(f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children").read_text().split()
        return int(children[0]) if children else None

    @property
    def _port_file(self) -> Path:
        return self.data_dir / "port"

    @property
    def url_while_running(self) -> str:
        """The address of a server that another process runs on this directory; raises `ServerError` if none does."""
        if not self._port_file.exists() or not answers(port := int(self._port_file.read_text())):
            raise ServerError(f"no {self.kind} runs on {self.data_dir}")
        self.port = port
        return self.url

    @property
    def keeper_pid(self) -> int | None:
        """Process id of the server's keeper; None when it isn't running."""
        return self._keeper.pid if self._keeper is not None and self.is_running() else None

    def is_running(self) -> bool:
        """Say whether the server that we started still runs."""
        return self._keeper is not None and self._keeper.poll() is None

    def start(self) -> Self:
        """Start the server and return when it serves."""
        if self.is_running():
            raise ServerError(f"{self.kind} on {self.data_dir} was started already")
        started = time.monotonic()
        self._make_directory()
        with directory_lock(self.data_dir, self.kind) as lock:
            self._prepare()
            self._choose_port()
            self._keeper = self._spawn(self._command(), lock)
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self._port_file.write_text(f"{self.port}\n")
        log.info("server.started", server=self.kind, port=self.port, ms=round((time.monotonic() - started) * 1e3))
        return self

    def stop(self) -> None:
        """End the server cleanly; it is killed if it does not end in time. Harmless when it isn't running."""
        keeper, self._keeper = self._keeper, None
        if keeper is None or keeper.stdin is None:
            return
        with contextlib.suppress(OSError):
            keeper.stdin.write(b"stop")
        with contextlib.suppress(OSError):
            keeper.stdin.close()
        keeper.wait()
        log.info("server.stopped", server=self.kind, port=self.port, status=keeper.returncode)

    def kill(self) -> None:
        """End the server as a power cut would (SIGKILL) and wait until it is gone."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        self.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _make_directory(self) -> None:
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ServerError(f"{self.kind} can't use {self.data_dir}: {error.strerror}") from error

    def _choose_port(self) -> None:
        if not self._asked_port:
            self.port = free_port()
        elif port_is_taken(self._asked_port):
            raise ServerError(
                f"{self.kind} can't listen on {LOOPBACK}:{self._asked_port}: the port is in use. "
                "Stop what listens there or choose another port."
            )

    def _spawn(self, command: Command, lock: IO[str]) -> subprocess.Popen[bytes]:
        spec = {
            "argv": command.argv,
            "cwd": str(self.data_dir),
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **command.env},
            "uid": command.identity.uid if command.identity else None,
            "gid": command.identity.gid if command.identity else None,
            "held_fds": [lock.fileno()],
            "owner": os.getpid(),
            "stop_signal": int(command.stop_signal),
            "stop_timeout_s": command.stop_timeout_s,
        }
        with self._open_log() as output:
            keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_KEEPER), json.dumps(spec)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                bufsize=0,
                pass_fds=[lock.fileno()],
                start_new_session=True,  # Ctrl-C in the terminal reaches us only; we decide the order of stopping
            )
        name_keeper(lock, keeper.pid)
        return keeper

    def _open_log(self) -> IO[bytes]:
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_KEPT_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        return self.log_path.open("ab")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self.start_timeout_s
        while not self._is_ready():
            if not self.is_running():
                raise ServerError(f"{self.kind} did not start on {self.data_dir}. Its log ends:\n{self._log_tail()}")
            if time.monotonic() > deadline:
                raise ServerError(
                    f"{self.kind} on {self.data_dir} was not ready after {self.start_timeout_s:.0f} s. "
                    f"Its log ends:\n{self._log_tail()}"
                )
            time.sleep(_POLL_S)

    def _log_tail(self, lines: int = 12) -> str:
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else "(no log)"
        return "\n".join(text.splitlines()[-lines:])
