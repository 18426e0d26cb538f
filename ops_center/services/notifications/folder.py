"""The drop folder: one file for each public warning, from which broadcasters and portals take them.

A file appears whole or not at all, and the same message has the same name: written twice it is there once.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path

from alerts.notifying import WARNING
from ops_center.services.notifications.door import Delivered, Failed, Outcome, Refused
from ops_center.store.notification_port import Notification

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


class Folder:
    """Writes into one folder that is there already."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, notification: Notification) -> Outcome:
        """Hand it over once."""
        facts = notification.wanted.content.facts
        if notification.wanted.act != WARNING or "cap" not in facts:
            return Refused("the drop folder takes public warnings alone")
        name = f"{_ODD.sub('-', str(facts['identifier'])).lstrip('.-')[:150] or 'warning'}.xml"
        try:
            write_whole(self._folder / name, str(facts["cap"]).encode())
        except OSError as error:
            return Failed(f"the folder can't be written to ({error.strerror})")
        return Delivered(name)


def write_whole(file: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees a part of it, and so that it is there after a power cut."""
    handle, made = tempfile.mkstemp(prefix=".", suffix=".part", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as open_file:
            open_file.write(content)
            open_file.flush()
            os.fsync(open_file.fileno())
        Path(made).chmod(0o644)
        Path(made).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(made).unlink()
        raise
    parent = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
