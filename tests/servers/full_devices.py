"""A device without room, lent to one test at a time.

Who writes heads of the audit locks its file; ``/dev/full`` is one for the whole machine, whichever process tests it.
"""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def full_device() -> Iterator[Path]:
    """Return a path that can be opened and locked, and takes nothing."""
    with (Path(tempfile.gettempdir()) / "ops-center-full-device.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield Path("/dev/full")
