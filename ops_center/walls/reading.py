"""How large type has to be to be read from where people sit: the visual angle of a character.

ISO 9241-303:2011 asks for a character height of at least 16 minutes of arc and prefers 20 to 22 (its predecessor ISO
9241-3:1992 said the same, 5.4). That height is an upper-case Latin letter's. Chinese characters carry more strokes in
the same square: here the square of a Chinese character subtends the preferred angle and Latin letters beside it,
smaller by the font's own measure, stay above the least one.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, degrees, radians, tan

LEAST_ARCMINUTES = 16.0
"""what must be read, by ISO 9241-303"""
PREFERRED_ARCMINUTES = 22.0
"""of a Chinese character, unless a wall says otherwise: a capital letter beside it has 17.5"""
FACE_EM = 0.92
"""height of a Chinese character of Noto Sans CJK by its font size; a capital letter's is 0.733"""
BASIS_REM = 120.0
"""a screen's width in rem where nothing else is known: 16 px at 1920, as pages for a desk have it"""
LEAST_WIDTH_REM, LEAST_HEIGHT_REM = 76.0, 42.0
"""what a whole wall must hold, so that a scene has room for more than a few words"""


def height_mm(arcminutes: float, distance_mm: float) -> float:
    """Return how high something is that subtends so much from so far."""
    return 2 * distance_mm * tan(radians(arcminutes / 60) / 2)


def arcminutes(high_mm: float, distance_mm: float) -> float:
    """Return the visual angle of something so high from so far."""
    return degrees(2 * atan(high_mm / 2 / distance_mm)) * 60


@dataclass(frozen=True, slots=True)
class Reading:
    """What follows for the type of a wall."""

    rem_px: float
    """font size of one rem on its displays, in their own pixels; lines and signs are in rem too"""
    arcminutes: float
    """what a Chinese character of one rem then has from the configured distance"""
    wanted_arcminutes: float
    distance_mm: float
    readable_from_mm: float
    """the farthest place from which a character of one rem has what is wanted"""

    @property
    def is_enough(self) -> bool:
        """Return whether what is wanted is reached."""
        return self.arcminutes >= self.wanted_arcminutes - 0.05

    @property
    def stroke_scale(self) -> float:
        """Return by how much lines and signs are wider than on a desk, where a rem has 16 px."""
        return self.rem_px / 16.0


def reading(
    wall_px: tuple[float, float], display_px: tuple[int, int], display_height_mm: float, distance_mm: float, want: float
) -> Reading:
    """Return the type of a wall: as large as wanted, unless too little would fit on it; never smaller than a desk's.

    ``wall_px``: the whole wall; ``display_px``: one display, as it hangs, ``display_height_mm`` high.
    """
    px_per_mm = display_px[1] / display_height_mm
    wanted_px = height_mm(want, distance_mm) * px_per_mm / FACE_EM
    most_px = min(wall_px[0] / LEAST_WIDTH_REM, wall_px[1] / LEAST_HEIGHT_REM)
    rem_px = max(max(display_px) / BASIS_REM, min(wanted_px, most_px))
    face_mm = rem_px * FACE_EM / px_per_mm
    return Reading(
        rem_px, arcminutes(face_mm, distance_mm), want, distance_mm, face_mm / 2 / tan(radians(want / 60) / 2)
    )
