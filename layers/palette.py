"""Colours that layers share, for a dark map (#0a0f16), and what aged and unknown look like.

Called by every layer. tests/layers checks each palette: contrast with the ground, and distance between
neighbours also for people who don't see red or green.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Color = tuple[int, int, int]

GROUND: Color = (10, 15, 22)
"""what everything is drawn on"""

CALM: Color = (86, 180, 233)
GOOD: Color = (45, 190, 140)
FAIR: Color = (164, 208, 92)
NOTICE: Color = (250, 214, 74)
WARNING: Color = (247, 134, 43)
SEVERE: Color = (238, 52, 75)
"""from calm to severe: lightness rises to NOTICE and falls again, so that it reads without red and green"""

AGED: Color = (134, 146, 160)
"""whatever is older than it may be"""
AGED_ALPHA = 120
UNKNOWN_ALPHA = 70
"""never received: there, but faint"""


def paint(colors: NDArray[np.uint8], grade: NDArray[np.intp], aged: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return uint8[n, 4]: row ``grade[i]`` of ``colors`` (uint8[k, 3]), grey where aged, faint where grade is -1."""
    painted = np.empty((len(grade), 4), np.uint8)
    painted[:, :3] = colors[np.maximum(grade, 0)]
    painted[:, 3] = 255
    unknown = grade < 0
    painted[aged | unknown, :3] = AGED
    painted[aged, 3] = AGED_ALPHA
    painted[unknown, 3] = UNKNOWN_ALPHA
    return painted


def table(*colors: Color) -> NDArray[np.uint8]:
    """Return the colours as uint8[k, 3]."""
    return np.array(colors, np.uint8).reshape(-1, 3)
