"""How nearly at once the displays of a wall change: the figure ``switch_spread_ms``; for ``bench screens`` and tests.

Three real pages of one wall hang the scenes of ``wall_process.py`` in turn. A page has changed when it has painted the
frame in which it swapped: a message that is posted within the frame arrives when layout and paint are done.
``switch_spread_ms`` is what lies between the first and the last of them. Pages of one machine share its clock, so that
what differs is theirs: their estimate of the server's clock, when they begin the picture, and how long it takes.
``limit`` is the same of empty pages in the same browser, each of which has a timer for the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page

from benchmarks.browsing import chromium, percentile, serving
from benchmarks.wall_process import DISPLAYS, SCENES
from ops_center.embedded.postgres import PostgresServer

SWITCHES = 20
_PATIENCE_MS = 60_000
_FEATURES = 500
_FOLLOWS = "() => window.opsCenter && opsCenter.wallDisplay && opsCenter.wallDisplay.frame"
_SHOWS = "([scene]) => Boolean(opsCenter.wallDisplay) && opsCenter.wallDisplay.shown.scene === scene"
_EMPTY = "data:text/html,<!doctype html><title>empty</title><body>empty</body>"
_PAINTED = "() => { const [at] = window.painted; return at === undefined ? false : at; }"
_SET = """async (scene) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch("/api/walls/main/scene", { method: "POST", headers, body: JSON.stringify({ scene }) });
  if (!answer.ok) throw new Error(await answer.text());
}"""
_PAINTS = """
window.painted = [];
window.afterPaint = () => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => painted.push(performance.timeOrigin + performance.now());
  port2.postMessage(0);
};
"""
_WATCH = f"() => {{ {_PAINTS} opsCenter.stage.on('swap', afterPaint); }}"
_TIMED = f"""(due) => {{
  {_PAINTS}
  const changed = () => {{ document.body.append("changed"); afterPaint(); }};
  setTimeout(() => requestAnimationFrame(changed), due - performance.timeOrigin - performance.now());
}}"""
_AHEAD_MS = 300


def switching_figures(city: str, folder: Path, switches: int = SWITCHES) -> dict[str, Any]:
    """Return ``switch_spread_ms`` of so many changes beside its ``limit``, and how late pages were after the moment."""
    process = ("benchmarks.wall_process", city, str(_FEATURES))
    with (
        PostgresServer(folder) as postgres,
        serving(process, "/wall", OPS_DATABASE_URL=postgres.url) as url,
        chromium() as browser,
    ):
        context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
        pages = [context.new_page() for _ in range(DISPLAYS)]
        limit = _limit(pages, switches)
        for number, page in enumerate(pages, 1):
            page.goto(f"{url}/wall/{SCENES[0]}?wall=main&display={number}")
        for page in pages:
            page.wait_for_function(_FOLLOWS, timeout=_PATIENCE_MS)
        scenes = list(islice(cycle(SCENES[::-1]), switches + 1))
        found = switch_spread_ms(pages, scenes, lambda scene: pages[0].evaluate(_SET, scene))
    late = np.array(found["late"][1:]).ravel()
    return {
        **_spread(found["painted"][1:]),
        "limit": _spread(limit),
        "switches": switches,
        "displays": DISPLAYS,
        "late_ms": {"p50": percentile(late, 50), "max": percentile(late, 100)},
    }


def switch_spread_ms(
    pages: Sequence[Page], scenes: Sequence[str], set_scene: Callable[[str], object]
) -> dict[str, Any]:
    """Hang ``scenes`` one after the other on the wall that ``pages`` are displays of.

    Returns ``painted``, what lies between the first picture with the scene and the last, and ``late``, how long after
    the moment each display swapped; both for each change, in ms.
    """
    painted, late = [], []
    for page in pages:
        page.evaluate(_WATCH)
    for scene in scenes:
        for page in pages:
            page.evaluate("window.painted = []")
        set_scene(scene)
        for page in pages:
            page.wait_for_function(_SHOWS, arg=[scene], timeout=_PATIENCE_MS)
        painted.append(_between(pages))
        late.append([page.evaluate("opsCenter.wallDisplay.lateMs") for page in pages])
    return {"painted": painted, "late": late}


def _limit(pages: Sequence[Page], times: int) -> list[float]:
    """Return the spreads of empty pages, each with a timer for the same moment."""
    for page in pages:
        page.goto(_EMPTY)
    spreads = []
    for _ in range(times):
        due = pages[0].evaluate("performance.timeOrigin + performance.now()") + _AHEAD_MS
        for page in pages:
            page.evaluate(_TIMED, due)
        spreads.append(_between(pages))
    return spreads


def _between(pages: Sequence[Page]) -> float:
    moments = [page.wait_for_function(_PAINTED, timeout=_PATIENCE_MS).json_value() for page in pages]
    return float(max(moments) - min(moments))


def _spread(spreads: Sequence[float]) -> dict[str, float | None]:
    return {name: percentile(np.array(spreads), share) for name, share in (("p50", 50), ("p95", 95), ("max", 100))}
