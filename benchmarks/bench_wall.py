"""``run.py bench wall``: what 10,000 and 100,000 live features cost a browser, at 1920×1080, animations off.

Everything is real: the wall page with a made city under it, our server process, our stream, a headless Chromium that
draws in software. Every second every feature takes a new colour.

``frame_ms``: from the server's time stamp in the frame (taken when it draws the layer, before encoding and sending)
until the graphics commands of the browser's next picture have been carried out (a fence behind the layers' draw call).
``main_thread_ms_per_s``: time the page's main thread was busy. ``longest_task_ms``: the longest task it ran, 0 where
none was over the 50 ms that browsers report. ``bytes_per_s``: what came over ``/live``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from ops_center.city.make import make_city
from ops_center.domain.errors import ServerError
from ops_center.embedded.ports import free_port

FEATURES = (10_000, 100_000)
_THINGS_OF_CITY = 500
_SETTLE_S = 2.0
_START_S = 5.0
"""what opening the page and closing everything takes, about: subtracted from the time that is given"""
_LEAST_S = 4.0
_FRAMES = 3
"""fewer say nothing: where a picture takes seconds, the watch goes on for a while"""
_LONGER_S = 8.0
_PATIENCE_S = 40.0
_ARGUMENTS = (
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
)
_WATCH = """() => {
  const figures = (window.figures = { frames: [], longest: 0, drawnAt: 0 });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) figures.longest = Math.max(figures.longest, entry.duration);
  }).observe({ type: "longtask" });
  const canvas = [...document.querySelectorAll("#map canvas")].find((c) => !c.className.includes("maplibregl"));
  const gl = canvas.getContext("webgl2");
  for (const name of ["drawArraysInstanced", "drawElementsInstanced", "drawArrays", "drawElements"]) {
    const draw = gl[name].bind(gl);
    gl[name] = (...given) => { figures.drawnAt = performance.now(); return draw(...given); };
  }
  const picture = opsCenter.wall.picture;
  const before = picture.onDrawn;
  picture.onDrawn = (drawn) => {
    before(drawn);
    const sent_ms = picture.newestUs / 1000, given = performance.now();
    const fenced = (fence) => {
      const state = gl.clientWaitSync(fence, 0, 0);
      if (state === gl.TIMEOUT_EXPIRED) { setTimeout(() => fenced(fence), 2); return; }
      gl.deleteSync(fence);
      figures.frames.push(performance.timeOrigin + performance.now() - sent_ms);
    };
    const wait = () => {
      if (figures.drawnAt < given) { requestAnimationFrame(wait); return; }
      const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
      gl.flush();
      fenced(fence);
    };
    requestAnimationFrame(wait);
  };
}"""

Report = Callable[[float, str], None]


def measure(
    seconds: float = 45.0, report: Report = lambda _done, _what: None, features: Sequence[int] = FEATURES
) -> Mapping[str, Any]:
    """Return features → figures, in about ``seconds``; raises ServerError where there is no Chromium."""
    deadline = time.monotonic() + seconds
    figures: dict[str, Any] = {"viewport": "1920x1080", "animations": False, "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as folder, _chromium() as browser:
        report(0.0, "making a city")
        make_city(7, _THINGS_OF_CITY, Path(folder) / "city")
        for number, count in enumerate(features):
            report((number + 0.3) / len(features), f"{count:,} features")
            with _server(Path(folder) / "city", count) as url:
                share_s = (deadline - time.monotonic()) / (len(features) - number)
                figures[str(count)] = _figures(browser, url, count, max(_LEAST_S, share_s - _START_S - _SETTLE_S))
    return figures


@contextmanager
def _chromium() -> Iterator[Browser]:
    named = os.environ.get("OPS_CHROMIUM")
    program = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise ServerError("no Chromium on the path (Debian: apt-get install chromium; or name it in OPS_CHROMIUM)")
    arguments = [*_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def _server(city: Path, count: int) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.wall_process", str(city), str(count), str(port)])
    try:
        _wait(lambda: _answers(url, process), f"the wall's server with {count} features")
        yield url
    finally:
        process.terminate()
        process.wait(15)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise ServerError(f"the wall's server ended with status {process.returncode}")
    try:
        with urllib.request.urlopen(f"{url}/wall", timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


def _figures(browser: Browser, url: str, count: int, window_s: float) -> dict[str, Any]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
    page = context.new_page()
    try:
        page.goto(f"{url}/wall")
        _wait(lambda: page.evaluate("+document.documentElement.dataset.features || 0") >= count, "features are drawn")
        page.wait_for_timeout(_SETTLE_S * 1000)
        page.evaluate(_WATCH)
        return _watched(page, context.new_cdp_session(page), window_s)
    finally:
        context.close()


def _watched(page: Page, devtools: CDPSession, window_s: float) -> dict[str, Any]:
    devtools.send("Performance.enable")
    begun, busy, received = time.monotonic(), _busy_s(devtools), page.evaluate("opsCenter.wall.live.bytes")
    page.wait_for_timeout(window_s * 1000)
    while page.evaluate("figures.frames.length") < _FRAMES and time.monotonic() - begun < window_s + _LONGER_S:
        page.wait_for_timeout(250)
    lasted = time.monotonic() - begun
    busy, received = _busy_s(devtools) - busy, page.evaluate("opsCenter.wall.live.bytes") - received
    seen = page.evaluate("window.figures")
    frames = np.array(seen["frames"], float)
    return {
        "frame_ms": {"p50": _percentile(frames, 50), "p95": _percentile(frames, 95)},
        "frames": len(frames),
        "main_thread_ms_per_s": round(1000 * busy / lasted, 1),
        "longest_task_ms": round(seen["longest"], 1),
        "bytes_per_s": round(received / lasted),
        "seconds": round(lasted, 1),
    }


def _percentile(frames: Any, share: float) -> float | None:
    return round(float(np.percentile(frames, share)), 1) if len(frames) else None


def _busy_s(devtools: CDPSession) -> float:
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def _wait(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise ServerError(f"after {_PATIENCE_S:.0f} s still waiting: {what}")
        time.sleep(0.1)
