"""What every test may ask for: real servers and a real browser. Each file under tests/servers says what it gives."""

from __future__ import annotations

pytest_plugins = [
    "tests.servers.databases",
    "tests.servers.valkeys",
    "tests.servers.kafkas",
    "tests.servers.browsers",
]
