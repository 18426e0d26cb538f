"""Programs in Java whose parts come from Maven Central: resolved once into our cache, run by Java 17 or newer.

A POM beside the server's module says which parts. Used by `kafka.py`, and by a server that only tests start.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import structlog

from ops_center.domain.errors import ServerError
from ops_center.embedded.places import cache_folder

_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_JAVA_AT_LEAST = 17

log = structlog.get_logger(__name__)


def java_program(what: str) -> str:
    """Return a Java that can run ``what``: JAVA_HOME's, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if program is None:
        raise ServerError(
            f"{what} needs Java {_JAVA_AT_LEAST} or newer (Debian: apt-get install openjdk-17-jre-headless)"
        )
    answer = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=60).stderr
    version = re.search(r'version "(\d+)', answer)
    if version is None or int(version[1]) < _JAVA_AT_LEAST:
        raise ServerError(f"{what} needs Java {_JAVA_AT_LEAST} or newer; {program} says {answer.splitlines()[:1]}")
    return program


def version_in(pom: Path, artifact: str) -> str:
    """Return the version of ``artifact`` that ``pom`` asks for."""
    found = re.search(rf"<artifactId>{re.escape(artifact)}</artifactId>\s*<version>([\w.]+)</version>", pom.read_text())
    if found is None:
        raise ServerError(f"{pom} names no version of {artifact}")
    return found[1]


def parts(what: str, pom: Path, version: str, finish: Callable[[Path], None] | None = None, also: bytes = b"") -> Path:
    """Return the folder of the parts that ``pom`` names, having Maven resolve them the first time.

    ``finish`` is called once on the fresh folder before it counts. When the POM or ``also`` changes, all is done anew.
    """
    tag = hashlib.sha256(pom.read_bytes() + also).hexdigest()[:8]
    target = cache_folder() / f"{what.lower()}-{version}-{tag}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f"{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            fresh = target.with_name(f"{target.name}.new")
            shutil.rmtree(fresh, ignore_errors=True)
            log.info("parts.fetching", what=what, version=version, into=str(target))
            _resolve(f"{what} {version}", pom, fresh)
            if finish is not None:
                finish(fresh)
            fresh.rename(target)
    return target


def _resolve(what: str, pom: Path, into: Path) -> None:
    if (maven := shutil.which("mvn")) is None:
        raise ServerError(f"{what} is resolved with Maven, which is missing (Debian: apt-get install maven)")
    options = ["-B", "-ntp", "-f", str(pom), f"-DoutputDirectory={into}", "-DincludeScope=runtime"]
    result = subprocess.run([maven, *options, _GOAL], stdout=sys.stderr, check=False, timeout=1200)
    if result.returncode:
        raise ServerError(f"Maven could not resolve {what}; its messages are above")
