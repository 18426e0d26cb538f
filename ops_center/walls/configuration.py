"""The file that says which walls there are (``OPS_WALLS_FILE``, docs/walls.md). Strict: all faults are said at once.

::

    [[wall]]
    name = "main"
    label = {zh = "主屏", en = "Main wall"}
    columns = 3
    rows = 1
    display_px = [3840, 2160]        # as the display is made, the longer side first
    orientation = "landscape"        # or "portrait": it hangs turned by a quarter
    display_height_mm = 685          # of its picture, as it hangs
    bezel_mm = [3.5, 3.5]            # between the pictures of neighbours; or bezel_px
    distance_m = 8
    arcminutes = 22
    dim = {begins = "23:00", ends = "06:00", by = 0.4}
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.text import Label
from ops_center.walls.reading import PREFERRED_ARCMINUTES
from ops_center.walls.wall import ONE_DISPLAY, Dim, Wall

Pixels = Annotated[int, msgspec.Meta(ge=320, le=16384)]
Gap = Annotated[float, msgspec.Meta(ge=0, le=1000)]
Moment = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"\S")]


class WordsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    zh: Words
    en: Words


class DimForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When displays are darker."""

    begins: Moment
    ends: Moment
    by: Annotated[float, msgspec.Meta(ge=0, le=0.8)] = 0.4


class WallForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A wall as it is written."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    label: WordsForm
    columns: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1
    rows: Annotated[int, msgspec.Meta(ge=1, le=8)] = 1
    display_px: tuple[Pixels, Pixels] = (1920, 1080)
    orientation: Literal["landscape", "portrait"] = "landscape"
    display_height_mm: Annotated[float, msgspec.Meta(ge=50, le=20_000)] | None = None
    bezel_mm: tuple[Gap, Gap] | None = None
    bezel_px: tuple[Gap, Gap] | None = None
    distance_m: Annotated[float, msgspec.Meta(ge=0.3, le=100)] = 8.0
    arcminutes: Annotated[float, msgspec.Meta(ge=10, le=60)] = PREFERRED_ARCMINUTES
    dim: DimForm | None = None


def read_walls(text: str, origin: str) -> Mapping[str, Wall]:
    """Return name → wall. Raises ConfigurationError that names every fault with its wall and field."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{origin}: {error}") from error
    entries = document.get("wall")
    if set(document) - {"wall"} or not isinstance(entries, list) or not entries:
        raise ConfigurationError(f"{origin}: a file of walls holds [[wall]], one at least, and nothing else")
    walls: dict[str, Wall] = {}
    faults: list[str] = []
    for place, entry in enumerate(entries, 1):
        found = _read(entry)
        if isinstance(found, Wall) and found.name not in walls:
            walls[found.name] = found
        else:
            wrong = ["name: there are two walls of this name"] if isinstance(found, Wall) else found
            faults += [f"wall {_called(entry, place)}: {fault}" for fault in wrong]
    if faults:
        raise ConfigurationError(f"{origin}: {'; '.join(faults)}")
    return walls


def without_file() -> Mapping[str, Wall]:
    """Return the walls of a center whose walls nobody has described."""
    return {ONE_DISPLAY.name: ONE_DISPLAY}


def _read(entry: Any) -> Wall | Sequence[str]:
    try:
        form = msgspec.convert(entry, WallForm)
    except (msgspec.ValidationError, RecursionError, OverflowError) as error:
        message, _, path = str(error).partition(" - at `$")
        field = path.rstrip("`").lstrip(".")
        return [f"{field}: {message}" if field else message]
    return _faults(form) or _wall(form)


def _faults(form: WallForm) -> list[str]:
    """Return what is wrong between fields."""
    faults = []
    if form.display_px[0] < form.display_px[1]:
        faults.append('display_px: the longer side comes first; orientation = "portrait" turns the display')
    if form.bezel_mm is not None and form.bezel_px is not None:
        faults.append("bezel_mm, bezel_px: give one of them")
    if form.bezel_mm is not None and form.display_height_mm is None:
        faults.append("display_height_mm: is needed to tell how many pixels bezel_mm is")
    if form.columns * form.rows > 64:
        faults.append("columns, rows: a wall has at most 64 displays")
    return faults


def _wall(form: WallForm) -> Wall:
    long, short = form.display_px
    shown = (short, long) if form.orientation == "portrait" else (long, short)
    gap = form.bezel_px or (0.0, 0.0)
    if form.bezel_mm is not None and form.display_height_mm is not None:
        px_per_mm = shown[1] / form.display_height_mm
        gap = (form.bezel_mm[0] * px_per_mm, form.bezel_mm[1] * px_per_mm)
    return Wall(
        form.name,
        Label(form.label.zh, form.label.en),
        form.columns,
        form.rows,
        shown,
        gap,
        form.display_height_mm,
        form.distance_m * 1000,
        form.arcminutes,
        Dim(form.dim.begins, form.dim.ends, form.dim.by) if form.dim else None,
    )


def _called(entry: Any, place: int) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name[:40] if isinstance(name, str) and name.isprintable() and name else f"number {place}"
