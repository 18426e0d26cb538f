"""How nearly at once the displays of a wall change: the figure ``switch_spread_ms``; for ``bench screens`` and tests.

Pages of one machine share its clock, so that what differs is theirs: their estimate of the server's clock, and how long
the browser takes to begin the picture. A swap is noted when it is made, within the animation frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

_SWAPS = "() => (opsCenter.wallDisplay ? opsCenter.wallDisplay.switches : [])"
_SHOWS = "([scene]) => Boolean(opsCenter.wallDisplay) && opsCenter.wallDisplay.shown.scene === scene"


def switch_spread_ms(
    pages: Sequence[Any], scenes: Sequence[str], set_scene: Callable[[str], object], timeout_s: float = 60.0
) -> dict[str, Any]:
    """Hang ``scenes`` one after the other on the wall that ``pages`` (of playwright) are displays of.

    Returns ``spreads`` (of each change, between the first display and the last), their ``median`` and ``worst``, and
    ``late`` (after the moment, of each display at each change): all in ms.
    """
    spreads, late = [], []
    for scene in scenes:
        set_scene(scene)
        for page in pages:
            page.wait_for_function(_SHOWS, arg=[scene], timeout=timeout_s * 1000)
        swaps = [page.evaluate(_SWAPS)[-1] for page in pages]
        moments = [own_ms for _, _, _, own_ms in swaps]
        spreads.append(round(max(moments) - min(moments), 2))
        late.append([page.evaluate("() => opsCenter.wallDisplay.lateMs") for page in pages])
    return {"spreads": spreads, "median": median(spreads), "worst": max(spreads), "late": late}
