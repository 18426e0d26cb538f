"""A process that is asked to stop stops, whatever its main thread does at that moment."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# The main thread goes in and out of waiting all the time: a handler that takes the event's lock itself soon hangs.
PROGRAM = """
import sys
from ops_center.cli.session import stop_on_signals
stop = stop_on_signals()
print("ready", flush=True)
while not stop.is_set():
    stop.wait(0)
print("stopped", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT] * 5)
def test_a_signal_is_heard_while_the_event_is_being_waited_for(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        try:
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert said == "stopped\n"
