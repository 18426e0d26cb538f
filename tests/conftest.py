"""What every test may ask for: real servers and a real browser. Each file under tests/servers says what it gives."""

from __future__ import annotations

from hypothesis import settings

# Time never decides a test: these machines are shared.
settings.register_profile("center", deadline=None)
settings.load_profile("center")

pytest_plugins = [
    "tests.servers.databases",
    "tests.servers.valkeys",
    "tests.servers.kafkas",
    "tests.servers.keycloaks",
    "tests.servers.browsers",
    "tests.servers.certificates",
    "tests.servers.nginxes",
    "tests.servers.cities",
    "tests.servers.full_devices",
]
