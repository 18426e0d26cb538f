"""A scene as data: panels on a grid that spans the whole wall, when it is due, how long it stays in the rotation.

Made by ``scenes.reading`` from files, from the database and from what the editor sends: the same structures, the same
bounds. What a panel's options may say is known to its kind (``ops_center/screens/panels``), by its structure.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from ops_center.domain.words import ShortWords

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Moment = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""as datetime.weekday() counts them"""

MOST_COLUMNS, MOST_ROWS = 384, 216
MOST_PANELS = 60
GROUND = "map"
"""the kind that others may lie over"""


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a scene is due, every week, by the city's clock. One that ends before it begins ends on the next day."""

    days: Annotated[list[Day], msgspec.Meta(min_length=1, max_length=7)]
    begins: Moment
    ends: Moment

    @property
    def minutes(self) -> tuple[int, int]:
        """Return begin and end in minutes from the midnight before it begins; the end is greater."""
        begins, ends = _minutes(self.begins), _minutes(self.ends)
        return begins, ends if ends > begins else ends + 1440


class Panel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rectangle of a scene, in cells of its grid from the upper left corner."""

    id: Name
    """unique in its scene"""
    kind: Name
    x: Annotated[int, msgspec.Meta(ge=0, lt=MOST_COLUMNS)]
    y: Annotated[int, msgspec.Meta(ge=0, lt=MOST_ROWS)]
    w: Annotated[int, msgspec.Meta(ge=1, le=MOST_COLUMNS)]
    h: Annotated[int, msgspec.Meta(ge=1, le=MOST_ROWS)]
    options: dict[str, Any] = {}
    """judged by the kind's own structure"""

    def overlaps(self, other: Panel) -> bool:
        """Return whether both cover a cell."""
        across = self.x < other.x + other.w and other.x < self.x + self.w
        return across and self.y < other.y + other.h and other.y < self.y + self.h

    def holds(self, other: Panel) -> bool:
        """Return whether the other lies within this one."""
        across = self.x <= other.x and other.x + other.w <= self.x + self.w
        return across and self.y <= other.y and other.y + other.h <= self.y + self.h


class Scene(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A saved arrangement."""

    name: Name
    label: ShortWords
    purpose: ShortWords
    """what it is for, in one sentence; the editor's list shows it"""
    columns: Annotated[int, msgspec.Meta(ge=4, le=MOST_COLUMNS)]
    rows: Annotated[int, msgspec.Meta(ge=3, le=MOST_ROWS)]
    panels: Annotated[list[Panel], msgspec.Meta(min_length=1, max_length=MOST_PANELS)]
    schedule: Annotated[list[Window], msgspec.Meta(max_length=40)] = []
    rotate_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 0
    """how long it is shown in its turn; 0: it takes no part in the rotation"""
    order: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 500
    """place in lists and in the rotation"""
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] = 1


def _minutes(moment: str) -> int:
    hours, _, minutes = moment.partition(":")
    return 60 * int(hours) + int(minutes)
