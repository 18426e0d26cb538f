"""Colours that layers share, for a dark map (#0a0f16) and, darker, a light one; what aged and unknown look like.

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

HEAT: tuple[Color, ...] = ((70, 110, 190), (86, 180, 233), (164, 208, 92), (250, 214, 74), (247, 134, 43))
"""of a field of warmth, from little to much"""

AGED: Color = (134, 146, 160)
"""whatever is older than it may be"""
AGED_ALPHA = 120
UNKNOWN_ALPHA = 70
"""never received: there, but faint"""


DAY_GROUND: Color = (238, 242, 245)
"""the lightest that anything is drawn on by day"""
_DAY_SHARE = 0.28
"""of its light that a colour keeps by day"""
_DAY_LUMINANCE = 0.24
"""and what it has at most: 3:1 with DAY_GROUND (WCAG 2.1 clause 1.4.11)"""


def luminance(color: Color) -> float:
    """Return the relative luminance (WCAG 2.1), 0 to 1."""
    red, green, blue = (_linear(value / 255) for value in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _encoded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else float(1.055 * value ** (1 / 2.4) - 0.055)


def by_day(color: Color) -> Color:
    """Return a colour of the same hue that stands out from a light ground.

    All lose the same share of their light: what is lighter by night is lighter by day, so that levels are told apart by
    lightness also where hues are not.
    """
    share = min(_DAY_SHARE, _DAY_LUMINANCE / max(luminance(color), 1e-6))
    red, green, blue = (round(255 * _encoded(share * _linear(value / 255))) for value in color)
    return red, green, blue


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
