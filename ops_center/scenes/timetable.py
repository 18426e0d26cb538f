"""Which scene is due: by the week's windows, else by turns. A function of the clock alone, so that all see the same.

Within a window its scene is due; where windows of several overlap, those take turns. Outside of all windows the scenes
of the rotation take turns. Turns are counted from the epoch: whoever starts anew is at the same place as the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ops_center.domain.time import MINUTE_US, SECOND_US, in_zone
from ops_center.scenes.scene import DAYS, Scene, Window

_TURN_S = 60
"""how long a scene without a turn of its own is shown where windows overlap"""
_WEEK_MIN = 7 * 1440


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be shown."""

    name: str
    until_us: int
    """when that ends, or may end: ask again then"""


def due(scenes: Iterable[Scene], now_us: int, zone: str) -> Due | None:
    """Return the scene that is due now; None: nothing is planned, what hangs there stays."""
    by_place = sorted(scenes, key=lambda scene: (scene.order, scene.name))
    minute = _minute_of_week(now_us, zone)
    minute_us = now_us - now_us % MINUTE_US
    planned = [scene for scene in by_place if any(_covers(window, minute) for window in scene.schedule)]
    rotating = planned or [scene for scene in by_place if scene.rotate_s]
    next_us = minute_us + _until_a_change(by_place, minute) * MINUTE_US
    if not rotating:
        return None
    if len(rotating) == 1:
        return Due(rotating[0].name, next_us)
    turn = _turn(rotating, now_us)
    return Due(turn.name, min(turn.until_us, next_us))


def _turn(scenes: Sequence[Scene], now_us: int) -> Due:
    lengths = [(scene.rotate_s or _TURN_S) * SECOND_US for scene in scenes]
    place = now_us % sum(lengths)
    begun_us = now_us - place
    for scene, length in zip(scenes, lengths, strict=True):
        begun_us += length
        if now_us < begun_us:
            return Due(scene.name, begun_us)
    raise AssertionError("a place within the sum lies within a part")


def _minute_of_week(now_us: int, zone: str) -> int:
    moment = in_zone(now_us, zone)
    return moment.weekday() * 1440 + moment.hour * 60 + moment.minute


def _spans(window: Window) -> Iterable[tuple[int, int]]:
    begins, ends = window.minutes
    return ((DAYS.index(day) * 1440 + begins, DAYS.index(day) * 1440 + ends) for day in window.days)


def _covers(window: Window, minute: int) -> bool:
    return any(begins <= minute < ends or begins <= minute + _WEEK_MIN < ends for begins, ends in _spans(window))


def _until_a_change(scenes: Iterable[Scene], minute: int) -> int:
    """Return the minutes until the next window begins or ends; at most a day: clocks are set back and forth."""
    edges = [edge for scene in scenes for window in scene.schedule for span in _spans(window) for edge in span]
    later = [(edge - minute) % _WEEK_MIN or _WEEK_MIN for edge in edges]
    return min([*later, int(timedelta(days=1).total_seconds() // 60)])
