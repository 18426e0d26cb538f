"""From a value to a level and a score: five levels, their limits at 80, 60, 40 and 20 points."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from ops_center.domain.observations import Float64, Int64
from ops_center.domain.text import Label
from ops_center.indicators.form import Direction


class Level(IntEnum):
    """How good something is; greater is worse, 0 is not known."""

    UNKNOWN = 0
    GOOD = 1
    FAIR = 2
    NOTICE = 3
    POOR = 4
    SEVERE = 5

    @property
    def label(self) -> Label:
        """Return its name."""
        return _LABELS[self]

    @property
    def sign(self) -> str:
        """Return its sign: never colour alone."""
        return _SIGNS[self]


_LABELS = {
    Level.UNKNOWN: Label("未知", "not known"),
    Level.GOOD: Label("良好", "good"),
    Level.FAIR: Label("正常", "fair"),
    Level.NOTICE: Label("关注", "of concern"),
    Level.POOR: Label("较差", "poor"),
    Level.SEVERE: Label("严重", "severe"),
}
_SIGNS = {
    Level.UNKNOWN: "?",
    Level.GOOD: "●",
    Level.FAIR: "◐",
    Level.NOTICE: "◆",
    Level.POOR: "▲",
    Level.SEVERE: "■",
}
STEPS = (80.0, 60.0, 40.0, 20.0)
"""scores at the four limits"""


def levels_of(values: Float64, limits: tuple[float, ...], better: Direction) -> Int64:
    """Return the level of each value, int64 of its shape; 0 for NaN. A value at a limit is still on its better side."""
    side = 1.0 if better == "lower" else -1.0
    reached = np.searchsorted(side * np.asarray(limits), side * np.asarray(values), side="left")
    return np.where(np.isfinite(values), reached + 1, 0).astype(np.int64)


def scores_of(values: Float64, limits: tuple[float, ...], better: Direction, best: float, worst: float) -> Float64:
    """Return 0 to 100, straight between best, limits and worst; NaN for NaN."""
    side = 1.0 if better == "lower" else -1.0
    anchors, at = side * np.asarray([best, *limits, worst]), side * np.asarray(values)
    # Of counts the first limit may be the best itself: none is 100 points, not 80.
    return np.where(at <= anchors[0], 100.0, np.interp(at, anchors, [100.0, *STEPS, 0.0]))


def level_of_score(scores: Float64) -> Int64:
    """Return the level of each score, int64 of its shape; 0 for NaN."""
    return levels_of(scores, STEPS, "higher")
