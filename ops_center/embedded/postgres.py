"""PostgreSQL on this machine, with TimescaleDB where the machine can have it.

`machine.embedded_servers` starts one when no database address is configured; the tests start one of each flavour. Which
program it is, is found by `installs.py`; what that server can do is asked of the server itself.
"""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops_center.domain.errors import ServerError
from ops_center.embedded.identity import blocked_at, database_identity
from ops_center.embedded.installs import Flavour, PostgresInstall, choose_install
from ops_center.embedded.places import cache_folder
from ops_center.embedded.ports import LOOPBACK
from ops_center.embedded.processes import Command, ServerProcess

USER = "ops_center"
DATABASE = "ops_center"

_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    # One chunk is one table: a query over years of history locks more than the default 64 per connection.
    "max_locks_per_transaction": "256",
    # TimescaleDB's schedulers (one per database) plus jobs plus parallel queries.
    "max_worker_processes": "24",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    # Durable by default; the writer relaxes it for raw observations only, in its own transactions.
    "synchronous_commit": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    # The Debian packages' LLVM is left out, and compiling queries of a few milliseconds costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
_TIMESCALE_SETTINGS = {
    "shared_preload_libraries": "timescaledb",
    "timescaledb.telemetry_level": "off",
    "timescaledb.max_background_workers": "16",
}


class PostgresServer(ServerProcess):
    """A PostgreSQL whose superuser ``ops_center`` owns the database ``ops_center``.

    ``flavour``: ``timescale`` must have the extension, ``plain`` must not, ``auto`` has it where it can. A directory
    that holds data is always opened by the major version that wrote it. The password is random, made once, and kept in
    ``password`` (mode 0600) under the directory.
    """

    kind = "PostgreSQL"

    def __init__(
        self,
        data_dir: Path | str,
        port: int = 0,
        flavour: Flavour = "auto",
        install: PostgresInstall | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        super().__init__(data_dir, port)
        self._flavour: Flavour = flavour
        self._install = install
        self._cache_dir = cache_dir

    @property
    def url(self) -> str:
        """``postgresql://ops_center:password@127.0.0.1:port/ops_center``."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """Return the address of another database on the same server."""
        return f"postgresql://{USER}:{self._password()}@{LOOPBACK}:{self.port}/{database}"

    @property
    def install(self) -> PostgresInstall:
        """The programs in use; chosen when the server is first started."""
        if self._install is None:
            self._install = choose_install(self._flavour, self._major_of_data(), cache_folder(self._cache_dir))
        return self._install

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement with the server's own psql and return its bare output; for set-up, not for data."""
        result = subprocess.run(
            [
                self.install.program("psql"),
                "-XAtq",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                self.url_of(database),
                "-c",
                statement,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if result.returncode:
            raise ServerError(f"{self.kind} refused `{statement}`: {result.stderr.strip()}")
        return result.stdout.strip()

    def create_database(self, name: str) -> str:
        """Create an empty database and return its address."""
        self.sql(f'CREATE DATABASE "{name}"')
        return self.url_of(name)

    def start(self) -> PostgresServer:
        """Start the server and return when it serves and the database exists."""
        super().start()
        if self.sql(f"SELECT count(*) FROM pg_database WHERE datname = '{DATABASE}'") == "0":  # noqa: S608 - a constant
            self.create_database(DATABASE)
        return self

    @property
    def _data(self) -> Path:
        return self.data_dir / "data"

    def _password(self) -> str:
        return (self.data_dir / "password").read_text().strip()

    def _major_of_data(self) -> int | None:
        version = self._data / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None

    def _prepare(self) -> None:
        self._identity = database_identity(self._data)
        self._check_reachable(self.install.bin_dir)
        self._check_reachable(self.data_dir)
        if self._major_of_data() is None:
            self._initialise()

    def _check_reachable(self, folder: Path) -> None:
        if self._identity and (gate := blocked_at(self._identity, folder)):
            raise ServerError(
                f"{self.kind} can't run as root, and the user `{self._identity.name}` that it runs as may not enter "
                f"{gate} on the way to {folder}. Choose a directory that it can reach, for example under /var/lib."
            )

    def _initialise(self) -> None:
        """Run initdb into a neighbouring directory and move it in place, so that a torn one is never opened."""
        fresh = self.data_dir / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(self._data, ignore_errors=True)
        self._make_owned(fresh)
        secret = self.data_dir / "password"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(24))
        with self._password_file(fresh) as password_file:
            self._run_initdb(fresh, password_file)
        fresh.rename(self._data)

    def _make_owned(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        if self._identity:
            shutil.chown(folder, self._identity.uid, self._identity.gid)

    @contextmanager
    def _password_file(self, folder: Path) -> Iterator[Path]:
        """Give initdb the password in a file that only its user can read."""
        path = folder.with_name("password.new")
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(self._password())
        if self._identity:
            shutil.chown(path, self._identity.uid, self._identity.gid)
        try:
            yield path
        finally:
            path.unlink()

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        # "C" sorts by bytes, on every machine and version alike; upper/lower of the built-in provider know Unicode.
        locale = ["--locale=C"]
        if self.install.major >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        result = subprocess.run(
            [
                self.install.program("initdb"), "-D", str(folder), "-U", USER, f"--pwfile={password_file}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", *locale,
            ],
            capture_output=True, text=True, check=False, cwd="/", env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            umask=0o077,
            user=self._identity.uid if self._identity else None,
            group=self._identity.gid if self._identity else None,
            extra_groups=[] if self._identity else None,
        )  # fmt: skip
        if result.returncode:
            raise ServerError(f"{self.kind} can't make a database in {self.data_dir}: {result.stderr.strip()}")

    def _command(self) -> Command:
        settings = _SETTINGS | {"port": str(self.port)}
        if self.install.has_timescaledb:
            settings |= _TIMESCALE_SETTINGS
        argv = [self.install.program("postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        # SIGINT is the fast shutdown: open transactions are rolled back, nothing needs recovery afterwards.
        return Command(argv, signal.SIGINT, identity=self._identity)

    def _is_ready(self) -> bool:
        check = [self.install.program("pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port), "-d", "postgres"]
        return subprocess.run(check, check=False, timeout=10).returncode == 0
