"""JSON values of others, as they come with events and registrations: small and plain enough to be kept and sent on.

A value that was decoded can still break whoever encodes it, stores it or decodes it deeper in a stack: half a
surrogate pair, nesting, sheer size. Called where such values come in: feeds, registrations, the API,
callbacks of pages.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

MAX_BYTES = 16 * 1024
"""of one value as JSON: attributes are for people and programs to read, not a place for pictures"""
MAX_DEPTH = 16
"""containers within containers"""


def fault_of_json(value: object, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> str | None:
    """Return why a decoded JSON value can't be taken; None if it can."""
    if _is_deeper_than(max_depth, value):
        return f"nested deeper than {max_depth}"
    try:
        size = len(msgspec.json.encode(value))
    except (UnicodeEncodeError, ValueError):
        return "text or numbers that are no JSON"
    return f"longer than {max_bytes} bytes" if size > max_bytes else None


def _is_deeper_than(depth: int, value: object) -> bool:
    """Level by level: a recursive look would break on what it looks for."""
    level: list[object] = [value]
    for _ in range(depth + 1):
        level = [part for one in level if isinstance(one, dict | list) for part in _parts(one)]
        if not level:
            return False
    return True


def _parts(container: dict[object, object] | list[object]) -> Iterable[object]:
    return container.values() if isinstance(container, dict) else container
