"""The time of feeds: how far each has come, and since when it brings anything without a long pause.

A feed's *watermark* is the newest phenomenon time it brought, less its lateness: nothing older is waited for. It never
goes back, and a device whose clock runs ahead doesn't drag it past the time of arrival. Called by ``alerts.engine``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from alerts.contract import NEVER_US
from ops_center.domain.observations import Int32, Int64
from ops_center.domain.time import MINUTE_US

IDLE_US = MINUTE_US
"""a source that brought nothing of a feed for so long holds its time back no more"""


@dataclass(slots=True, eq=False)
class Clocks:
    """Clocks of k feeds and, last, the wall's; arrays int64[k + 1]."""

    newest_us: Int64
    """0: nothing yet"""
    alive_us: Int64
    lateness_us: Int64
    outage_us: Int64
    """so long without anything is a pause of the feed itself"""
    seen_us: Int64
    """int64[sources, k + 1]: the newest that each source brought of each feed; 0: nothing yet"""
    heard_us: Int64
    """int64[sources, k + 1]: when that arrived"""
    ended_us: int = 0
    """up to here a replay has let time pass for all"""

    @classmethod
    def of(cls, lateness_us: Int64, outage_us: Int64) -> Self:
        """Return clocks that have seen nothing; the wall's is never late and never pauses."""
        size = len(lateness_us) + 1
        return cls(
            np.zeros(size, np.int64),
            np.zeros(size, np.int64),
            np.append(lateness_us, 0).astype(np.int64),
            np.append(outage_us, NEVER_US).astype(np.int64),
            np.zeros((0, size), np.int64),
            np.zeros((0, size), np.int64),
        )

    def saw(self, feed: int, time_us: Int64, received_us: int) -> Int64:
        """Take note of n phenomenon times; return for each since when the feed was alive then, int64[n]."""
        newest, alive = int(self.newest_us[feed]), int(self.alive_us[feed])
        if newest == 0:
            newest = int(time_us.min())
        ordered = np.sort(np.maximum(np.minimum(time_us, received_us), newest))
        pauses = np.flatnonzero(np.diff(ordered, prepend=newest) > self.outage_us[feed])
        resumed = np.concatenate([[alive], ordered[pauses]])
        self.newest_us[feed], self.alive_us[feed] = ordered[-1], resumed[-1]
        found: Int64 = resumed[np.searchsorted(resumed[1:], time_us, side="right")]
        return found

    def passed(self, wall_us: int) -> Int64:
        """Return up to when time has passed for each: watermarks, and the wall's, which never goes back.

        No watermark is beyond the wall's, nor beyond what the slowest source of its feed has brought, unless that one
        has brought nothing of it for long.
        """
        self.newest_us[-1] = wall_us = max(int(self.newest_us[-1]), wall_us)
        newest = np.minimum(self.newest_us, wall_us)
        if len(self.seen_us):
            active = self.heard_us >= wall_us - IDLE_US
            newest = np.minimum(newest, np.where(active, self.seen_us, NEVER_US).min(axis=0))
        return np.maximum(newest - self.lateness_us, self.ended_us)

    def saw_from(self, feeds: Int32, sources: Int32, time_us: Int64, received_us: int) -> None:
        """Take note of n phenomenon times by feed (-1: none) and source: what is read in parallel, at its own pace."""
        known = feeds >= 0
        self._grow(int(sources.max(initial=-1)) + 1)
        place = sources[known], feeds[known]
        np.maximum.at(self.seen_us, place, np.minimum(time_us[known], received_us))
        np.maximum.at(self.heard_us, place, received_us)

    def _grow(self, sources: int) -> None:
        more = sources - len(self.seen_us)
        if more > 0:
            none = np.zeros((more, len(self.newest_us)), np.int64)
            self.seen_us, self.heard_us = (np.concatenate([one, none]) for one in (self.seen_us, self.heard_us))

    def advance(self, to_us: int) -> None:
        """Let every feed have come so far that everything before ``to_us`` has passed."""
        self.newest_us[:] = np.maximum(self.newest_us, to_us + self.lateness_us)
        self.ended_us = max(self.ended_us, to_us)
