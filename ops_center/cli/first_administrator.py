"""Tells the one-time password of the first administrator, once: on a terminal, or in a file that only we can read.

Never in a log: logs are kept, copied and read by many.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from rich.console import Console

from ops_center.settings import Settings

if TYPE_CHECKING:
    from ops_center.services.accounts import WithPassword

log = structlog.get_logger(__name__)

FILE_NAME = "first-administrator.txt"


def prepare_accounts(settings: Settings) -> None:
    """Make the first administrator where there is none; show name and password to whoever starts the center."""
    from ops_center.bootstrap import prepare_people

    made = prepare_people(settings)
    if made is not None:
        _tell(made, settings)


def _tell(made: WithPassword, settings: Settings) -> None:
    if sys.stderr.isatty():
        Console(stderr=True, highlight=False).print(_on_terminal(made))
        return
    file = settings.state_dir / FILE_NAME
    _write(file, f"{made.account.name}\n{made.password}\n")
    log.warning("administrator.made", account=made.account.name, one_time_password_in=str(file))


def _on_terminal(made: WithPassword) -> str:
    return (
        f"\n  The first administrator: name [bold]{made.account.name}[/], one-time password [bold]{made.password}[/]\n"
        "  Sign in with it within 24 hours; it is shown this once. "
        f"A new one: [bold]python run.py user password {made.account.name}[/]\n"
    )


def _write(file: Path, text: str) -> None:
    """Write a file that nobody else can read, in the place of an old one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
