"""When alarms come faster than one operator can take them: an alarm flood, with the first of them in order.

Begins with more than ten alarms in ten minutes, ends with fewer than five (ISA-18.2 and IEC 62682, clause on
performance; EEMUA 191). Counted are lines: what lies under another alarm or was set aside is none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ops_center.domain.time import MINUTE_US

WITHIN_US = 10 * MINUTE_US
BEGINS_ABOVE = 10
ENDS_BELOW = 5
MOST_FIRST = 50
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood under way."""

    since_us: int
    first: tuple[int, ...]
    """ids of the alarms that it began with, in the order in which they were raised, at most MOST_FIRST"""
    lines: int
    """how many were raised so far"""


class FloodWatch:
    """Counts lines as they are raised."""

    def __init__(self, recent: Iterable[tuple[int, int]] = (), flood: Flood | None = None) -> None:
        self._recent = deque(recent, maxlen=_MOST_KEPT)
        self.flood = flood

    def raised(self, alarms: Iterable[int], now_us: int) -> None:
        """Count lines that were raised now, in their order."""
        new = list(alarms)
        self._recent.extend((now_us, alarm) for alarm in new)
        self.passes(now_us)
        if self.flood is not None:
            first = (*self.flood.first, *(alarm for alarm in new if alarm not in self.flood.first))
            self.flood = Flood(self.flood.since_us, first[:MOST_FIRST], self.flood.lines + len(new))
        elif len(self._recent) > BEGINS_ABOVE:
            known = tuple(dict.fromkeys(alarm for _, alarm in self._recent))
            self.flood = Flood(self._recent[0][0], known[:MOST_FIRST], len(self._recent))

    def passes(self, now_us: int) -> None:
        """Let time pass."""
        while self._recent and self._recent[0][0] <= now_us - WITHIN_US:
            self._recent.popleft()
        if self.flood is not None and len(self._recent) < ENDS_BELOW:
            self.flood = None

    def kept(self) -> tuple[list[tuple[int, int]], Flood | None]:
        """Return what another can begin with."""
        return list(self._recent), self.flood
