"""Frees what every registered group has passed, and nothing else. Called by the Redis consumer now and then, and by
its producer when there is no room left: without that, data that all have read would block the log for good.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ops_center.bus.redis_keys import Keys


class Trimmer:
    """Trims the streams of one realm; ``client`` is a Redis client."""

    def __init__(self, client: Any, keys: Keys) -> None:
        self._client = client
        self._keys = keys

    def trim(self, streams: Iterable[str], keep_s: int) -> None:
        """Free what all groups have passed and is older than ``keep_s``; a stream that no group reads stays whole."""
        passed = self._passed()
        seconds, _ = self._client.time()
        old_enough = (max(0, seconds + 1 - keep_s) * 1000, 0)
        for stream in streams:
            if stream in passed:
                milliseconds, sequence = min(passed[stream], old_enough)
                self._client.xtrim(stream, minid=f"{milliseconds}-{sequence}", approximate=True)

    def trim_all(self) -> None:
        """Free everything that all groups have passed."""
        self.trim(self._passed(), 0)

    def _passed(self) -> dict[str, tuple[int, int]]:
        """Return stream → the entry that the slowest of its groups has reached."""
        slowest: dict[str, tuple[int, int]] = {}
        for name, position in self._client.hgetall(self._keys.progress).items():
            _, _, stream = name.decode().partition("|")
            reached = _order(position.decode().partition("/")[0])
            slowest[stream] = min(reached, slowest.get(stream, reached))
        return slowest


def _order(entry: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry.partition("-")
    return int(milliseconds), int(sequence)
