"""How long things took in the demo's incidents: the distributions, all assumed, none measured in a real city; pure.

Log-normal, as response times are (a median, and how far they spread): many are quick, a few very late.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from ops_center.domain.time import MINUTE_US


@dataclass(frozen=True, slots=True)
class Spread:
    """A log-normal distribution."""

    median: float
    sigma: float
    """of the logarithm: 0.5 has one in twenty above 2.3 times the median"""

    def draw(self, chance: Generator) -> float:
        """Return one value."""
        return self.median * float(chance.lognormal(0.0, self.sigma))

    def draw_us(self, chance: Generator) -> int:
        """Return one of minutes, as µs."""
        return round(self.draw(chance) * MINUTE_US)


REPORT = Spread(3.0, 0.6)
"""minutes from what happened to the report"""
VERIFY = Spread(5.0, 0.55)
"""minutes from the report"""
OPEN = Spread(3.0, 0.5)
"""minutes from verified to commanded"""
ACCEPT = Spread(0.5, 0.6)
"""share of the time that there is to accept a task: one in eight is late"""
START = Spread(2.0, 0.6)
"""minutes from accepted to under way"""
DONE = Spread(0.55, 0.42)
"""share of the time that there is to do a task; with the way there and what is sent back one in eight is late"""
CHECK = Spread(5.0, 0.7)
"""minutes from reported done to verified"""
REASSIGN = Spread(4.0, 0.5)
"""minutes from a refusal to another department"""
RESOLVE = Spread(12.0, 0.5)
"""minutes from the last task to resolved"""
REVIEW = Spread(20 * 60.0, 0.4)
"""minutes from resolved to closed: who was there meets the next day"""
DRIVE_KMH = Spread(26.0, 0.25)
"""what a unit makes as the crow flies"""

REFUSED = 0.04
"""share of tasks that a department refuses"""
SENT_BACK = 0.03
"""share of reports that are sent back"""
CONTAINED_AT = 0.55
"""share of tasks that are done when it grows no more"""
