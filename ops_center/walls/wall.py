"""A wall: displays in rows and columns that show one picture, with what lies behind their bezels left out.

All lengths in pixels are those of the displays, as they hang. The picture's origin is its upper left corner.
"""

from __future__ import annotations

from dataclasses import dataclass

from ops_center.domain.text import Label
from ops_center.walls.reading import PREFERRED_ARCMINUTES, Reading, reading


@dataclass(frozen=True, slots=True)
class Part:
    """What one display shows of the whole picture."""

    number: int
    """from 1, row by row from the upper left, as people count"""
    column: int
    row: int
    """both from 0"""
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Dim:
    """When the displays of a wall are darker, by the city's clock, and by how much."""

    begins: str
    """``23:00``; may be later than ``ends``: over midnight"""
    ends: str
    by: float
    """0.4: two fifths of the light are taken away"""


@dataclass(frozen=True, slots=True)
class Wall:
    """One wall."""

    name: str
    label: Label
    columns: int = 1
    rows: int = 1
    display_px: tuple[int, int] = (1920, 1080)
    """width and height of one display as it hangs"""
    gap_px: tuple[float, float] = (0.0, 0.0)
    """between the pictures of neighbours, side by side and one above the other: their two bezels"""
    display_height_mm: float | None = None
    """None: not known; then type is as large as on a desk, by the width of the display"""
    distance_mm: float = 8000.0
    arcminutes: float = PREFERRED_ARCMINUTES
    """what a Chinese character of one rem should have from there"""
    dim: Dim | None = None

    @property
    def size_px(self) -> tuple[float, float]:
        """Return width and height of the whole picture, bezels included."""
        (width, height), (across, down) = self.display_px, self.gap_px
        return (
            self.columns * width + (self.columns - 1) * across,
            self.rows * height + (self.rows - 1) * down,
        )

    @property
    def displays(self) -> int:
        """Return how many there are."""
        return self.columns * self.rows

    def part(self, number: int) -> Part | None:
        """Return what a display shows; None where there is none of this number."""
        if not 1 <= number <= self.displays:
            return None
        row, column = divmod(number - 1, self.columns)
        (width, height), (across, down) = self.display_px, self.gap_px
        return Part(number, column, row, column * (width + across), row * (height + down), width, height)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return what each display shows, by number."""
        found = (self.part(number) for number in range(1, self.displays + 1))
        return tuple(part for part in found if part is not None)

    @property
    def reading(self) -> Reading | None:
        """Return how large type is; None where the size of the displays isn't known."""
        if self.display_height_mm is None:
            return None
        return reading(self.size_px, self.display_px, self.display_height_mm, self.distance_mm, self.arcminutes)

    @property
    def rem_of_width(self) -> float:
        """Return one rem as a part of a display's width: the same picture whatever its browser takes for a pixel."""
        found = self.reading
        rem_px = found.rem_px if found else max(self.display_px) / 120.0
        return rem_px / self.display_px[0]


ONE_DISPLAY = Wall("main", Label("主屏", "Main wall"))
"""what there is where nobody has configured anything"""


def in_words(wall: Wall) -> str:
    """Say what a wall is, and from where it can be read, for those who configure it."""
    size = f"{wall.name}: {wall.columns} x {wall.rows} of {wall.display_px[0]} x {wall.display_px[1]} px"
    found = wall.reading
    if found is None:
        return f"{size}, display_height_mm is not given: type as on a desk"
    type_size = f"{size}, 1 rem = {found.rem_px:.0f} px, {found.arcminutes:.0f}' from {found.distance_mm / 1000:g} m"
    if found.is_enough:
        return type_size
    reach = f"{found.wanted_arcminutes:g}' are wanted, which fit only up to {found.readable_from_mm / 1000:.1f} m"
    return f"{type_size}: {reach}"
