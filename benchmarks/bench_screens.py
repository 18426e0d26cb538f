"""``run.py bench screens``: what the screens cost a browser and the server, beside the maps that people use otherwise.

In Chromium at 1920×1080 that draws in software, animations off (``benchmarks/browsing.py`` says what the figures mean):
the scene of daily operations and the desk with 10,000 and 100,000 live features that all change every second;
``first_picture_ms`` from opening the page until all of them are drawn. ``peers``: the same 10,000 dots in plotly's own
map and in dash-leaflet; ``limit``: a page with two canvases of that size and nothing in them. ``clients``: the web
process with 50 and 200 browsers, each with a view of its own, ten of which read nothing (``live_clients.py``).
``switch_spread_ms``: how nearly at once three displays of a wall change (``wall_switching.py``; some three minutes,
whatever ``seconds`` says). ``soak``: whether the heap of a page grows (``soaking.py``).
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

from playwright.sync_api import Browser

from benchmarks.bench_wall import FEATURES, SETTLE_S, THINGS_OF_CITY, Report, page_figures
from benchmarks.browsing import DRAWN, EMPTY, LEAFLET, PLOTLY, chromium, serving, wait_for, watched
from benchmarks.live_clients import clients_figures
from benchmarks.peers_process import PEERS
from benchmarks.soaking import heap_slope
from benchmarks.wall_switching import switching_figures
from ops_center.city.make import make_city
from ops_center.screens.app import screen_at, screens

PAGES = {"scene": "/wall/daily", "desk": "/desk"}
"""what is measured → its page, where there is one"""
CLIENTS = (50, 200)
_PEERS = {"plotly": (PLOTLY, ".js-plotly-plot .maplibregl-canvas"), "leaflet": (LEAFLET, ".leaflet-container canvas")}
_LEAST_S = 5.0
Part = Literal["pages", "peers", "clients", "switching"]
PARTS: tuple[Part, ...] = get_args(Part)


def measure(
    seconds: float = 120.0,
    report: Report = lambda _done, _what: None,
    soak_minutes: float = 0.0,
    parts: Collection[Part] = PARTS,
) -> Mapping[str, Any]:
    """Return the figures of ``parts``, in about ``seconds``, and so long a soak; ServerError where no Chromium is."""
    pages = pages_there()
    window_s = max(_LEAST_S, seconds / (len(pages) * len(FEATURES) + len(_PEERS) + len(CLIENTS)) - 8)
    figures: dict[str, Any] = {"viewport": "1920x1080", "animations": False, "cores": os.cpu_count()}
    figures["load"] = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user where this one is root
        make_city(7, THINGS_OF_CITY, Path(folder) / "city")
        if "pages" in parts:
            report(0.05, "pages of ours")
            figures |= _pages(f"{folder}/city", pages, window_s)
        if "peers" in parts:
            report(0.5, "the same in other maps")
            figures["limit"] = _limit(window_s)
            figures["peers"] = {name: _peer(name, FEATURES[0], window_s) for name in _PEERS}
        if "clients" in parts:
            report(0.7, "many clients")
            figures["clients"] = clients_figures(CLIENTS, window_s, f"{folder}/valkey")
        if "switching" in parts:
            report(0.8, "displays of one wall")
            figures["switch_spread_ms"] = switching_figures(f"{folder}/city", Path(folder) / "postgres")
        if soak_minutes:
            report(0.9, "a page that stays open")
            figures["soak"] = _soak(f"{folder}/city", next(iter(pages.values())), soak_minutes)
    return figures


def _pages(city: str, pages: Mapping[str, str], window_s: float) -> dict[str, dict[str, Any]]:
    """Return page → number of features → figures, each page in a browser of its own."""
    figures: dict[str, dict[str, Any]] = {}
    for count in FEATURES:
        with serving(("benchmarks.wall_process", city, str(count)), "/wall") as url:
            for name, path in pages.items():
                with chromium() as browser:
                    figures.setdefault(name, {})[str(count)] = page_figures(browser, url + path, count, window_s)
    return figures


def pages_there() -> Mapping[str, str]:
    """Return the pages to be measured, of those that exist; the wall itself stands for a scene where there is none."""
    found = {screen.path: screen for screen in screens().values()}
    there = {name: path for name, path in PAGES.items() if screen_at(path, found) is not None}
    return there if "scene" in there else {"scene": "/wall", **there}


def _peer(name: str, count: int, window_s: float) -> Mapping[str, Any]:
    if name == "leaflet" and not PEERS.is_dir():
        return {"missing": "make peers"}
    watch, canvas = _PEERS[name]
    with serving(("benchmarks.peers_process", name, str(count)), "/") as url, _opened(url) as (page, browser):
        page.wait_for_selector(canvas, timeout=60_000)
        page.wait_for_timeout(2 * SETTLE_S * 1000)
        return watched(page, browser.contexts[0].new_cdp_session(page), window_s, watch)


def _limit(window_s: float) -> Mapping[str, Any]:
    with _opened("about:blank") as (page, browser):
        page.set_content(EMPTY)
        page.wait_for_timeout(SETTLE_S * 1000)
        return watched(
            page,
            browser.contexts[0].new_cdp_session(page),
            window_s,
            "() => Object.assign(figures, { frames: [], longest: 0 })",
        )


def _soak(city: str, path: str, minutes: float) -> Mapping[str, Any]:
    count = FEATURES[0]
    with serving(("benchmarks.wall_process", city, str(count)), "/wall") as url, _opened(url + path) as (page, browser):
        wait_for(lambda: page.evaluate(DRAWN) >= count, "features are drawn")
        time.sleep(5 * SETTLE_S)
        return heap_slope(browser.contexts[0].new_cdp_session(page), 60 * minutes)


@contextmanager
def _opened(address: str) -> Iterator[tuple[Any, Browser]]:
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce").new_page()
        page.goto(address)
        yield page, browser
