"""Where embedded servers may keep what they download and what they store.

Normally the user's cache and the state directory that was asked for. As root both must be reachable by the user that
PostgreSQL runs as (see `identity.py`); a home directory of mode 0700 is not, and then /var stands in.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ops_center.embedded.identity import can_reach, database_identity


def cache_folder(given: Path | None = None) -> Path:
    """Return the folder for downloaded servers: ``given``, else OPS_CACHE_DIR, else ~/.cache/ops-center.

    /var/cache/ops-center stands in for one that the database's user can't enter.
    """
    wanted = given or Path(os.environ.get("OPS_CACHE_DIR") or "~/.cache/ops-center")
    wanted = wanted.expanduser().absolute()
    return wanted if can_reach(database_identity(), wanted) else Path("/var/cache/ops-center")


def server_home(state_dir: Path) -> Path:
    """Return the folder for server data of a center whose state is in ``state_dir``, the same at every start."""
    wanted = state_dir.expanduser().absolute() / "servers"
    if can_reach(database_identity(), wanted):
        return wanted
    tag = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:8]
    return Path("/var/lib/ops-center") / f"{wanted.parent.parent.name}-{tag}"
