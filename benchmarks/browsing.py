"""What the benchmarks of pages share: a real Chromium, what it is watched by, and the figures made of that.

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
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from ops_center.domain.errors import ServerError
from ops_center.embedded.ports import free_port

_FRAMES = 3
"""fewer say nothing: where a picture takes seconds, the watch goes on for a while"""
_LONGER_S = 8.0
_PATIENCE_S = 60.0
_ARGUMENTS = (
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--no-first-run",
)
_TASKS = """
window.figures = { frames: [], longest: 0, drawnAt: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) figures.longest = Math.max(figures.longest, entry.duration);
}).observe({ type: "longtask" });
window.drawsOf = (canvas) => {
  const gl = canvas.getContext("webgl2");
  for (const name of ["drawArraysInstanced", "drawElementsInstanced", "drawArrays", "drawElements"]) {
    const draw = gl[name].bind(gl);
    gl[name] = (...given) => { figures.drawnAt = performance.now(); return draw(...given); };
  }
  return gl;
};
/* After the next picture of this canvas has been drawn: how old is what was sent then? */
window.agesOf = (gl, sent_ms) => {
  const given = performance.now();
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
"""
MAPS = f"""() => {{
  {_TASKS}
  for (const view of opsCenter.maps.values()) {{
    const canvas = [...view.element.querySelectorAll("canvas")].find((one) => !one.className.includes("maplibregl"));
    const gl = drawsOf(canvas);
    const before = view.picture.onDrawn;
    view.picture.onDrawn = (drawn) => {{
      if (before) before(drawn);
      agesOf(gl, view.picture.newestUs / 1000);
    }};
  }}
}}"""
"""watches every map of ours on a page"""
PLOTLY = f"""() => {{
  {_TASKS}
  const graph = document.querySelector(".js-plotly-plot");
  const gl = drawsOf(graph.querySelector(".maplibregl-canvas"));
  let last = 0;
  graph.on("plotly_afterplot", () => {{
    if (graph.layout.meta && graph.layout.meta !== last) agesOf(gl, (last = graph.layout.meta));
  }});
}}"""
LEAFLET = f"""() => {{
  {_TASKS}
  const fill = CanvasRenderingContext2D.prototype.fill;
  CanvasRenderingContext2D.prototype.fill = function (...given) {{
    figures.drawnAt = performance.now();
    return fill.apply(this, given);
  }};
  peers.map.onSent = (sent_ms) => {{
    const given = performance.now();
    const wait = () => {{
      if (figures.drawnAt < given) {{ requestAnimationFrame(wait); return; }}
      const canvas = document.querySelector(".leaflet-container canvas");
      canvas.getContext("2d").getImageData(0, 0, 1, 1); // what was asked of it is drawn by then, as behind a fence
      setTimeout(() => figures.frames.push(performance.timeOrigin + performance.now() - sent_ms), 0);
    }};
    requestAnimationFrame(wait);
  }};
}}"""
EMPTY = f"""<!DOCTYPE html><body style="margin: 0"><script>{_TASKS}
  const canvas = () => {{
    const made = document.body.appendChild(document.createElement("canvas"));
    Object.assign(made, {{ width: innerWidth, height: innerHeight }});
    made.style.cssText = "position: absolute; left: 0; top: 0";
    return made.getContext("webgl2", {{ antialias: false }});
  }};
  canvas().clear(WebGL2RenderingContext.COLOR_BUFFER_BIT);
  const layers = canvas();
  let turn = 0;
  const draw = () => requestAnimationFrame(() => {{
    layers.clearColor(0, (turn++ % 10) / 20, 0, 0.5);
    layers.clear(layers.COLOR_BUFFER_BIT);
    figures.drawnAt = performance.now();
  }});
  setInterval(() => {{ agesOf(layers, performance.timeOrigin + performance.now()); draw(); }}, 1000);
</script></body>"""
"""a page with nothing but a ground and an empty canvas above it that is cleared every second: as fast as it gets"""
_OURS = "window.opsCenter && opsCenter.page ? opsCenter.page.live.bytes : 0"
DRAWN = "[...((window.opsCenter && opsCenter.maps) || new Map()).values()].reduce((n, v) => n + v.picture.counts(), 0)"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start one; raises ServerError where there is none."""
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
def serving(module: Sequence[str], path: str, **environment: str) -> Iterator[str]:
    """Run ``python -m module… PORT`` until it answers at ``path``; yields its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", *module, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **environment})
    try:
        wait_for(lambda: _answers(f"{url}{path}", process), f"{module[0]} answers")
        yield url
    finally:
        process.terminate()
        process.wait(15)


def watched(page: Page, devtools: CDPSession, window_s: float, watch: str = MAPS) -> dict[str, Any]:
    """Return the figures of a page that is open and drawn, over about ``window_s``; ``watch`` is put into it before."""
    page.evaluate(watch)
    devtools.send("Performance.enable")
    begun, busy, received = time.monotonic(), busy_s(devtools), page.evaluate(_OURS)
    page.wait_for_timeout(window_s * 1000)
    while page.evaluate("figures.frames.length") < _FRAMES and time.monotonic() - begun < window_s + _LONGER_S:
        page.wait_for_timeout(250)
    lasted = time.monotonic() - begun
    busy, received = busy_s(devtools) - busy, page.evaluate(_OURS) - received
    seen = page.evaluate("window.figures")
    frames = np.array(seen["frames"], float)
    return {
        "frame_ms": {"p50": percentile(frames, 50), "p95": percentile(frames, 95)},
        "frames": len(frames),
        "main_thread_ms_per_s": round(1000 * busy / lasted, 1),
        "longest_task_ms": round(seen["longest"], 1),
        "bytes_per_s": round(received / lasted),
        "seconds": round(lasted, 1),
    }


def percentile(values: Any, share: float) -> float | None:
    """Return a percentile to one place; None of nothing."""
    return round(float(np.percentile(values, share)), 1) if len(values) else None


def busy_s(devtools: CDPSession) -> float:
    """Return for how long the page's main thread has been busy."""
    return measured(devtools, "TaskDuration")


def measured(devtools: CDPSession, name: str) -> float:
    """Return one of Chromium's own figures of a page."""
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == name))


def wait_for(holds: Callable[[], object], what: str) -> None:
    """Wait until it holds; raises ServerError after a minute."""
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise ServerError(f"after {_PATIENCE_S:.0f} s still waiting: {what}")
        time.sleep(0.1)


def _answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise ServerError(f"the server ended with status {process.returncode}")
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False
