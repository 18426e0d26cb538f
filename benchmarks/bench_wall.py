"""``run.py bench wall``: what 10,000 and 100,000 live features cost a browser, at 1920×1080, animations off.

Everything is real: the wall page with a made city under it, our server process, our stream, a headless Chromium that
draws in software. Every second every feature takes a new colour. What the figures mean stands in
``benchmarks/browsing.py``; ``bench screens`` measures more.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks.browsing import DRAWN, chromium, serving, wait_for, watched
from ops_center.city.make import make_city

FEATURES = (10_000, 100_000)
THINGS_OF_CITY = 500
SETTLE_S = 2.0
_START_S = 5.0
"""what opening the page and closing everything takes, about: subtracted from the time that is given"""
_LEAST_S = 4.0
_FIRST = f"""
window.firstAt = 0;
const look = () => {{
  if (({DRAWN}) >= %d) requestAnimationFrame(() => setTimeout(() => (window.firstAt = performance.now()), 0));
  else setTimeout(look, 10);
}};
look();
"""

Report = Callable[[float, str], None]


def measure(
    seconds: float = 45.0, report: Report = lambda _done, _what: None, features: Sequence[int] = FEATURES
) -> Mapping[str, Any]:
    """Return features → figures, in about ``seconds``; raises ServerError where there is no Chromium."""
    deadline = time.monotonic() + seconds
    figures: dict[str, Any] = {"viewport": "1920x1080", "animations": False, "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        report(0.0, "making a city")
        make_city(7, THINGS_OF_CITY, Path(folder) / "city")
        for number, count in enumerate(features):
            report((number + 0.3) / len(features), f"{count:,} features")
            with serving(("benchmarks.wall_process", f"{folder}/city", str(count)), "/wall") as url:
                share_s = (deadline - time.monotonic()) / (len(features) - number)
                window_s = max(_LEAST_S, share_s - _START_S - SETTLE_S)
                figures[str(count)] = page_figures(browser, f"{url}/wall", count, window_s)
    return figures


def page_figures(browser: Browser, address: str, count: int, window_s: float) -> dict[str, Any]:
    """Return the figures of a page with maps of ours on which ``count`` features are drawn."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(_FIRST % count)
    try:
        page.goto(address)
        wait_for(lambda: page.evaluate("window.firstAt"), f"{count} features are drawn")
        first = round(page.evaluate("window.firstAt"))
        page.wait_for_timeout(SETTLE_S * 1000)
        return {"first_picture_ms": first, **watched(page, context.new_cdp_session(page), window_s)}
    finally:
        context.close()
