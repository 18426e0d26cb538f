"""Subjects that are groups: a feed, a district, the city. Their keys are hashes of their names.

So every process and every version of the catalog means the same by a key, and no database has to give it.
"""

from __future__ import annotations

from hashlib import blake2b

CITY = "city"


def group_key(name: str) -> int:
    """Return the key of ``feed:traffic``, ``district:320102``, ``city``: 62 bits, never negative."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") >> 2


def feed(name: str) -> str:
    """Return the name of a feed as a group."""
    return f"feed:{name}"


def district(code: str) -> str:
    """Return the name of a district as a group."""
    return f"district:{code}"
