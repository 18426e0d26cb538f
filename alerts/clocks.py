"""The time of feeds: how far each has come, and since when it brings anything without a long pause.

A feed's *watermark* is the newest phenomenon time it brought, less its lateness: nothing older is waited for. It never
goes back, and a device whose clock runs ahead doesn't drag it past the time of arrival. Called by ``alerts.engine``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from alerts.contract import NEVER_US
from ops_center.domain.observations import Int64


@dataclass(slots=True, eq=False)
class Clocks:
    """Clocks of k feeds and, last, the wall's; arrays int64[k + 1]."""

    newest_us: Int64
    """0: nothing yet"""
    alive_us: Int64
    lateness_us: Int64
    outage_us: Int64
    """so long without anything is a pause of the feed itself"""
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

        No watermark is beyond the wall's.
        """
        self.newest_us[-1] = max(int(self.newest_us[-1]), wall_us)
        passed: Int64 = np.minimum(self.newest_us, self.newest_us[-1]) - self.lateness_us
        return np.maximum(passed, self.ended_us)

    def advance(self, to_us: int) -> None:
        """Let every feed have come so far that everything before ``to_us`` has passed."""
        self.newest_us[:] = np.maximum(self.newest_us, to_us + self.lateness_us)
        self.ended_us = max(self.ended_us, to_us)
