"""Which system user a database server runs as, and whether it can reach a directory.

PostgreSQL refuses to run as root. Started by root (a container, a fresh machine) it runs as the owner of its data,
else as the system's ``postgres`` user, else as ``nobody``; no user is created. Used by `postgres.py` and `places.py`.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from ops_center.domain.errors import ServerError


@dataclass(frozen=True)
class Identity:
    """A system user, with its primary group."""

    uid: int
    gid: int
    name: str


def database_identity(data: Path | None = None) -> Identity | None:
    """Return the user for a database with its data in ``data`` (may not exist yet); None: the one we are."""
    if os.geteuid() != 0:
        return None
    if data is not None and data.exists() and (uid := data.stat().st_uid) != 0:
        return _identity(pwd.getpwuid(uid))
    for name in ("postgres", "nobody"):
        try:
            return _identity(pwd.getpwnam(name))
        except KeyError:
            continue
    raise ServerError("PostgreSQL must not run as root and there is neither a user `postgres` nor `nobody` here")


def can_reach(identity: Identity | None, directory: Path) -> bool:
    """Say whether this user may walk down to ``directory`` (to the part of it that exists)."""
    return identity is None or blocked_at(identity, directory) is None


def blocked_at(identity: Identity, directory: Path) -> Path | None:
    """Return the first folder on the way to ``directory`` that this user may not pass, None if there is none."""
    for folder in [*reversed(directory.absolute().parents), directory.absolute()]:
        if folder.exists() and not _may_pass(identity, folder):
            return folder
    return None


def _identity(entry: pwd.struct_passwd) -> Identity:
    return Identity(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _may_pass(identity: Identity, folder: Path) -> bool:
    state = folder.stat()
    if state.st_uid == identity.uid:
        return bool(state.st_mode & 0o100)
    if state.st_gid == identity.gid:
        return bool(state.st_mode & 0o010)
    return bool(state.st_mode & 0o001)
