"""TimescaleDB from Debian's packages, unpacked beside the system: no root, nothing installed.

Debian trixie packages PostgreSQL 17 with TimescaleDB 2.19 (Apache edition). apt fetches them and their libraries with a
configuration of our own, from the archive this system already uses, and checks signatures and checksums as always; dpkg
unpacks them into ``cache``. Each program is wrapped to run on the libraries, C library included, that came with it, so
that it runs on older releases too. Called by `installs.py` and by ``python -m ops_center.embedded fetch``.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import structlog

from ops_center.domain.errors import ServerError

SUITE = "trixie"
MAJOR = 17
_PACKAGES = (f"postgresql-{MAJOR}", f"postgresql-client-{MAJOR}", f"postgresql-{MAJOR}-timescaledb")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_ETC_APT = Path("/etc/apt")
# Libraries that only perl scripts, the package tools or the JIT compiler (switched off) would load.
_NOT_NEEDED = re.compile(r"llvm|perl|installer|newt|slang|debconf|semanage|sepol|pam-|-modules|-common$|z3|-l10n|text")

log = structlog.get_logger(__name__)


def timescale_bin_dir(cache: Path) -> Path | None:
    """Return the folder of the wrapped programs, fetching them the first time; None where that can't be done."""
    target = cache / f"timescaledb-debian-{SUITE}-{MAJOR}"
    programs = target / f"usr/lib/postgresql/{MAJOR}/bin"
    if (target / "complete").exists():
        return programs
    if (archive := debian_archive()) is None:
        return None
    try:
        _fetch_once(target, archive)
    except (OSError, subprocess.SubprocessError, ServerError) as error:
        log.warning("timescaledb.not_fetched", reason=str(error))
        return None
    return programs


def debian_archive() -> str | None:
    """Return the address of the Debian archive that this system's apt uses; None elsewhere than on Debian."""
    if not (shutil.which("apt-get") and shutil.which("dpkg") and _KEYRING.exists()):
        return None
    for path in [*sorted((_ETC_APT / "sources.list.d").glob("*.sources")), _ETC_APT / "sources.list"]:
        if path.exists() and (archive := _archive_in(path.read_text())):
            return archive
    return None


def _archive_in(text: str) -> str | None:
    """Find the main archive in a sources file of either format: the address whose path ends in /debian."""
    lines = [line for line in text.splitlines() if re.match(r"\s*(URIs:|deb\s)", line)]
    addresses = re.findall(r"\S+://\S+", " ".join(lines))
    return next((address for address in addresses if address.rstrip("/").endswith("/debian")), None)


def _fetch_once(target: Path, archive: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two centers starting at once fetch it once
        if (target / "complete").exists():
            return
        shutil.rmtree(target, ignore_errors=True)
        work = target.with_suffix(".work")
        shutil.rmtree(work, ignore_errors=True)
        try:
            log.info("timescaledb.fetching", suite=SUITE, into=str(target))
            _Apt(work, archive).download(_PACKAGES)
            _unpack(work, target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        (target / "complete").touch()


class _Apt:
    """apt with its own sources, lists and status: what this system has installed is neither asked nor changed."""

    def __init__(self, work: Path, archive: str) -> None:
        self._work = work
        for folder in ("lists/partial", "archives/partial", "sources", "parts", "debs"):
            (work / folder).mkdir(parents=True)
        (work / "status").touch()
        (work / "sources" / "debian.sources").write_text(
            f"Types: deb\nURIs: {archive}\nSuites: {SUITE}\nComponents: main\nSigned-By: {_KEYRING}\n"
        )
        self._environment = os.environ | {"APT_CONFIG": str(self._configuration()), "LC_ALL": "C"}

    def _configuration(self) -> Path:
        """Keep the system's settings (proxy, certificates), drop its hooks: some empty the system's package cache."""
        parts = self._work / "parts"
        for part in (_ETC_APT / "apt.conf.d").glob("*"):
            (parts / part.name).symlink_to(part)
        (parts / "zz-ops-center").write_text(
            "#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n#clear DPkg::Post-Invoke;\n"
            "#clear Acquire::IndexTargets::deb::DEP-11;\n"
        )
        configuration = self._work / "apt.conf"
        configuration.write_text(
            f'Dir::Etc::parts "{parts}";\n'
            'Dir::Etc::sourcelist "/dev/null";\n'
            f'Dir::Etc::sourceparts "{self._work}/sources";\n'
            f'Dir::State::lists "{self._work}/lists";\n'
            f'Dir::State::status "{self._work}/status";\n'
            f'Dir::Cache "{self._work}";\n'
            'APT::Sandbox::User "root";\n'  # apt's own user can't write into a cache in a home directory
        )
        return configuration

    def download(self, packages: tuple[str, ...]) -> None:
        """Fetch these packages and the libraries they load into ``work/debs``; progress goes to standard error."""
        self._run(["apt-get", "-q", "update"])
        wanted = sorted({*packages, *self._libraries(packages)})
        self._run(["apt-get", "-q", "download", *wanted], cwd=self._work / "debs")

    def _libraries(self, packages: tuple[str, ...]) -> set[str]:
        only_depends = [
            f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
        ]
        listing = subprocess.run(
            ["apt-cache", "depends", "--recurse", *only_depends, *packages],
            env=self._environment, capture_output=True, text=True, check=True, timeout=120,
        ).stdout  # fmt: skip
        names = {line for line in listing.splitlines() if re.match(r"(lib|zlib)[a-z0-9.+-]+$", line)}
        return {name for name in names if not _NOT_NEEDED.search(name)}

    def _run(self, command: list[str], cwd: Path | None = None) -> None:
        result = subprocess.run(command, env=self._environment, cwd=cwd, stdout=sys.stderr, check=False, timeout=900)
        if result.returncode:
            raise ServerError(f"`{' '.join(command[:3])} …` ended with {result.returncode}")


def _unpack(work: Path, target: Path) -> None:
    fresh = target.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    for package in sorted((work / "debs").glob("*.deb")):
        subprocess.run(["dpkg", "-x", package, fresh], check=True, timeout=120)
    for bulk in ("usr/share/doc", "usr/share/man", "usr/share/locale"):
        shutil.rmtree(fresh / bulk, ignore_errors=True)
    for plugin in (fresh / f"usr/lib/postgresql/{MAJOR}/lib").glob("llvmjit*"):
        plugin.unlink() if plugin.is_file() else shutil.rmtree(plugin)
    _wrap_programs(fresh, target)
    fresh.chmod(0o755)
    fresh.rename(target)


def _wrap_programs(fresh: Path, target: Path) -> None:
    """Put a script in the place of each program: initdb and pg_ctl start postgres by path, so each needs its own."""
    loader = next(found for found in (fresh / "usr/lib64", fresh / "lib64") if found.exists()) / "ld-linux-x86-64.so.2"
    loader = target / loader.relative_to(fresh)
    libraries = ":".join(str(target / folder) for folder in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"))
    for program in (fresh / f"usr/lib/postgresql/{MAJOR}/bin").iterdir():
        if program.is_symlink() or program.read_bytes()[:4] != b"\x7fELF":
            continue
        real = program.with_name(f".{program.name}")
        program.rename(real)
        real_path = target / real.relative_to(fresh)
        program.write_text(f'#!/bin/sh\nexec "{loader}" --library-path "{libraries}" --argv0 "$0" "{real_path}" "$@"\n')
        program.chmod(0o755)
