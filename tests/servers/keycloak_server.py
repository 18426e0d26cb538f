"""A real Keycloak on this machine, the single sign-on of the tests.

Its distribution comes from Maven into our cache, where it is prepared once: built for the database that it carries,
and started once, so that later starts find their tables and the realm of `keycloak.realm.json`. Every server works on a
copy of those in a folder of its own. ``python -m tests.servers.keycloak_server`` prepares it (the Makefile does).
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.error import URLError
from zipfile import ZipFile

import structlog

from ops_center.domain.errors import ServerError
from ops_center.embedded.maven import java_program, parts, version_in
from ops_center.embedded.ports import LOOPBACK
from ops_center.embedded.processes import Command, ServerProcess

REALM = "city"
ADMIN, PASSWORD = "keeper", "keeper-of-the-tests"
_POM = Path(__file__).with_name("keycloak.pom.xml")
_REALM_FILE = Path(__file__).with_name("keycloak.realm.json")
_TABLES = Path("data", "h2")
_HEAP = ("-Xms64m", "-Xmx320m", "-XX:MaxMetaspaceSize=256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_OPENED = ("java.util", "java.util.concurrent", "java.security", "java.lang")
# As its own script starts it, without the shell around.
_RUN = (
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
    "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    "-Dpicocli.disable.closures=true",
    "-Dquarkus-log-max-startup-records=1000",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
)
_MAIN = "io.quarkus.bootstrap.runner.QuarkusEntryPoint"
_SLOW_START_S = 240.0


class KeycloakServer(ServerProcess):
    """One Keycloak on loopback over plain http; `url` is its root, realms are below ``/realms``."""

    kind = "Keycloak"
    start_timeout_s = _SLOW_START_S

    def __init__(self, data_dir: Path | str, port: int = 0, home: Path | None = None) -> None:
        super().__init__(data_dir, port)
        self._home = home

    @property
    def url(self) -> str:
        """``http://127.0.0.1:port``."""
        return f"http://{LOOPBACK}:{self.port}"

    def _prepare(self) -> None:
        self._java = java_program(self.kind)
        home = self._home or keycloak_home()
        (self.data_dir / "providers").mkdir(exist_ok=True)
        for name in ("lib", "conf"):
            if not (self.data_dir / name).exists():
                (self.data_dir / name).symlink_to(home / name)
        self._is_new = not (home / _TABLES).exists()
        if self._is_new:
            (imported := self.data_dir / "data" / "import").mkdir(parents=True)
            shutil.copy(_REALM_FILE, imported)
        elif not (self.data_dir / _TABLES).exists():
            shutil.copytree(home / _TABLES, self.data_dir / _TABLES)

    def _choose_port(self) -> None:
        super()._choose_port()
        self._asked_port = self.port  # its port is part of its name as an issuer: it must stay true after a restart

    def _command(self) -> Command:
        options = (
            "--optimized",
            "--http-enabled=true",
            f"--http-host={LOOPBACK}",
            f"--http-port={self.port}",
            f"--hostname={self.url}",
            "--cache=local",
            "--log-level=warn",
            *(["--import-realm"] if self._is_new else []),
        )
        argv = [*_java_command(self._java, self.data_dir), "start", *options]
        admin = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD}
        return Command(argv, signal.SIGTERM, stop_timeout_s=45, env=admin)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/realms/master", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def _java_command(java: str, home: Path) -> list[str]:
    return [java, *_HEAP, f"-Dkc.home.dir={home}", *_RUN, "-cp", str(home / "lib" / "quarkus-run.jar"), _MAIN]


def keycloak_home() -> Path:
    """Return the folder of the prepared distribution; it is fetched and prepared the first time (a minute or two)."""
    version = version_in(_POM, "keycloak-quarkus-dist")
    fetched = parts("Keycloak", _POM, version, _finish, also=_REALM_FILE.read_bytes())
    return fetched / f"keycloak-{version}"


def _finish(fresh: Path) -> None:
    archive = next(fresh.glob("*.zip"))
    with ZipFile(archive) as opened:
        opened.extractall(fresh)
    archive.unlink()
    home = next(fresh.glob("keycloak-*"))
    java = java_program("Keycloak")
    built = subprocess.run(
        [*_java_command(java, home), "build", "--db=dev-file"],
        stdout=sys.stderr, check=False, timeout=600,
    )  # fmt: skip
    if built.returncode:
        raise ServerError("Keycloak could not be built; its messages are above")
    with tempfile.TemporaryDirectory(prefix="ops-center-keycloak-") as first:
        with KeycloakServer(first, home=home):
            pass
        shutil.copytree(Path(first, _TABLES), home / _TABLES)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        print(f"keycloak: {keycloak_home()}")
    except ServerError as error:
        raise SystemExit(f"error: {error}") from None
