"""Pictures of every page of the registry, as build artefacts: ``make screenshots``.

    python -m benchmarks.screenshots [--url http://127.0.0.1:8050] [--full] [--page wall …] [--to build/screenshots]

Without ``--url`` a demo city is started, and stopped again. One size, language and theme of each page; ``--full``:
the whole matrix, ``<page>-<size>-<language>-<theme>.png``. Each page is opened once for each size and then speaks and
wears everything in turn.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from benchmarks.browsing import chromium, wait_for
from ops_center.embedded.ports import answers, free_port
from ops_center.screens.app import screens

DESK = {"1280x720": (1280, 720), "1920x1080": (1920, 1080)}
WALL = {"1920x1080": (1920, 1080), "3840x2160": (3840, 2160)}
PHONE = {"390x844": (390, 844)}
SIZES = {"wall": WALL, "leader": {"1920x1080": (1920, 1080), **PHONE}}
"""screen → its sizes; others are pages for a desk"""
LANGUAGES, THEMES = ("zh", "en"), ("dark", "light")
ROLES = {"audit": "auditor", "people": "administrator", "leader": "leader", "wall": "operator"}
"""screen → who looks at it; others: a coordinator"""
_FOUND = {"things": ("/catalog", "a[href^='/things/']"), "cases": ("/cases", "a[href^='/cases/']")}
"""screen of one thing among many → a page that lists them, and the link to the first of them"""
ROOM = "incident_room"
"""the room of an incident: the screen ``incidents`` with the number of one that is open"""
_OPEN_ONE = """async () => {
    const ask = async (path, body) => {
        const head = { method: body ? "POST" : "GET", headers: { "content-type": "application/json" } };
        return (await fetch(path, body ? { ...head, body: JSON.stringify(body) } : head)).json();
    };
    const open = (await ask("/api/incidents?state=open&limit=1")).incidents;
    if (open.length) return open[0].id;
    const alarms = (await ask("/api/alarms?limit=500")).alarms;
    const parents = new Set(alarms.map((alarm) => alarm.parent));
    const main = alarms.find(({ id, parent }) => !parent && parents.has(id)) || alarms[0];
    const known = await ask(`/api/incidents/context?alarm=${main.id}`);
    const told = {
        type: known.suggested_type || "water_main_burst", level: known.suggested_level || 2, title: known.title.zh,
        lead_department: known.lead_department, departments: [known.lead_department], alarms: known.alarms,
        cameras: known.cameras.map(({ id }) => id), open: true, plan: known.plans.length ? known.plans[0].name : "",
        places: [{ kind: "point", coordinates: [[known.longitude, known.latitude]], name: known.place.zh }],
    };
    return (await ask("/api/incidents", told)).incident.id;
}"""
"""the incident of the story that the city plays, opened by who looks at it unless it is open"""
_SETTLE_S = 2.5
_CITY_S = 60.0
"""what a demo city needs until its pages show something"""
_MAPS_DRAWN = """() => [...((window.opsCenter && opsCenter.maps) || new Map()).values()]
    .every((view) => view.map && view.map.loaded())"""
"""as far as they have come by then: a map that gets new values all the time may never be idle"""
_MAPS_S = 40.0
_SPEAK = "(language) => ((window.opsCenter.wall && opsCenter.wall.speak ? opsCenter.wall : opsCenter).speak(language))"


def take(browser: Browser, url: str, folder: Path, names: Sequence[str], full: bool) -> list[Path]:
    """Take the pictures of the pages named; return the files."""
    taken: list[Path] = []
    for name in names:
        sizes = SIZES.get(name, DESK)
        for size in sizes if full else list(sizes)[-1:]:
            width, height = sizes[size]
            context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
            page = context.new_page()
            _sign_in(page, url, ROLES.get(name, "coordinator"))
            page.goto(url + _path(page, url, name))
            wait_for(lambda page=page: page.evaluate("document.title.includes('·')"), f"{name} is there")
            _wait_for_maps(page)
            for language, theme in product(LANGUAGES, THEMES) if full else [(LANGUAGES[0], THEMES[0])]:
                file = folder / f"{name}-{size}-{language}-{theme}.png"
                _shoot(page, language, theme, file)
                taken.append(file)
            context.close()
    return taken


def _sign_in(page: Page, url: str, role: str) -> None:
    page.goto(f"{url}/sign-in")
    page.click(f'button[value="demo-{role}"]')
    page.wait_for_load_state("load")


def _path(page: Page, url: str, name: str) -> str:
    """Return the address of a screen; of a page of one thing, that of the first that is listed."""
    if name == ROOM:
        page.goto(f"{url}/account")
        return f"/incidents/{page.evaluate(_OPEN_ONE)}"
    if name not in _FOUND:
        return screens()[name].path
    listed, link = _FOUND[name]
    page.goto(url + listed)
    page.wait_for_selector(link)
    return page.get_attribute(link, "href") or listed


def _wait_for_maps(page: Page) -> None:
    page.wait_for_timeout(1000 * _SETTLE_S)
    with suppress(PlaywrightTimeout):
        page.wait_for_function(_MAPS_DRAWN, timeout=1000 * _MAPS_S)
    page.wait_for_timeout(1000 * _SETTLE_S)


def _shoot(page: Page, language: str, theme: str, file: Path) -> None:
    page.evaluate("(theme) => opsCenter.theme.set(theme)", theme)
    page.evaluate(_SPEAK, language)
    page.wait_for_timeout(1000 * _SETTLE_S / 2)
    page.screenshot(path=file, timeout=120_000)


@contextmanager
def demo_city() -> Iterator[str]:
    """Run a small demo city in which a main has burst; yields its address once it has lived for a minute."""
    with tempfile.TemporaryDirectory() as state:
        port = free_port()
        settings = {
            "OPS_STATE_DIR": state, "OPS_WEB_PORT": str(port), "OPS_CITY_THINGS": "1500",
            "OPS_SCENARIO": "burst", "OPS_SCENARIO_AGO_S": "240",
        }  # fmt: skip
        running = subprocess.Popen(
            [sys.executable, "run.py"], env={**os.environ, **settings}, stdout=subprocess.DEVNULL
        )
        try:
            begun = time.monotonic()
            while not answers(port) and running.poll() is None and time.monotonic() < begun + 3 * _CITY_S:
                time.sleep(0.5)
            time.sleep(_CITY_S)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


def main(arguments: Sequence[str] | None = None) -> None:
    """Take them and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="of a demo city that runs")
    parser.add_argument("--full", action="store_true", help="all sizes, languages and themes")
    parser.add_argument(
        "--page", action="append", choices=sorted([*screens(), ROOM]), help="this one alone; may be said again"
    )
    parser.add_argument("--to", type=Path, default=Path("build/screenshots"))
    options = parser.parse_args(arguments)
    options.to.mkdir(parents=True, exist_ok=True)
    names = options.page or sorted([*screens(), ROOM])
    with chromium() as browser:
        if options.url:
            taken = take(browser, options.url, options.to, names, options.full)
        else:
            with demo_city() as url:
                taken = take(browser, url, options.to, names, options.full)
    sys.stdout.write(f"{len(taken)} pictures in {options.to}\n")


if __name__ == "__main__":
    main()
