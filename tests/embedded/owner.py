"""A process that owns one server, for the tests that kill owners: ``owner.py KIND FOLDER`` prints its pids."""

from __future__ import annotations

import signal
import sys

from tests.embedded.subjects import KAFKA, PLAIN, TIMESCALE, VALKEY

if __name__ == "__main__":
    chosen = next(subject for subject in (PLAIN, TIMESCALE, VALKEY, KAFKA) if subject.name == sys.argv[1])
    server = chosen.make(sys.argv[2]).start()
    sys.stdout.write(f"READY {server.keeper_pid} {server.pid} {server.url}\n")
    sys.stdout.flush()
    signal.pause()
