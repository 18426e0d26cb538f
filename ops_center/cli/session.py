"""What every command does first: read the settings, set up the logs, and stop when it is asked to."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Any

from ops_center.domain.text import use_wording
from ops_center.logs import set_up_logs
from ops_center.settings import Settings, load_settings


def open_session(process: str, **overrides: Any) -> Settings:
    """Return the effective settings of a process named ``process`` in the logs; raises ConfigurationError."""
    settings = load_settings(**overrides)
    set_up_logs(process, settings.log_format, settings.log_level)
    if settings.locale_dir is not None:
        from ops_center.services import catalogs

        use_wording(catalogs.installed(settings.locale_dir).say)
    if parent := os.environ.get("OPS_SUPERVISED"):
        from ops_center.services.supervisor import die_with_parent

        die_with_parent(int(parent))
    return settings


def stop_on_signals() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set; a second Ctrl-C ends the process at once.

    A handler runs between two instructions of whatever the main thread does. Where that is waiting for the event, it
    may hold the event's lock, and setting it there would wait for ever: the handler only writes a byte, and a thread
    that reads it sets the event.
    """
    stop = threading.Event()
    hears, tells = os.pipe()
    asked: list[int] = []

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append(number)
        os.write(tells, b".")

    def hear() -> None:
        os.read(hears, 1)
        stop.set()

    threading.Thread(target=hear, name="stop", daemon=True).start()
    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    return stop
