"""What a test does with a page that is open in Chromium: changes language and theme, judges it by axe, reads all of it,
and walks through it by keyboard.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import axe_playwright_python
from playwright.sync_api import Page

Theme = Literal["dark", "light"]
PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""WCAG 2.2 A and AA, as axe names them"""

_AXE = """
(tags) => axe.run(document, {
    runOnly: tags, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"], elementRef: false
  })
  .then((found) => found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id} at ${node.target}: ${([...node.any, ...node.all, ...node.none][0] || {}).message || rule.help}`
  )))
"""
_READ = """
() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!node.nodeValue.trim() || holder.closest("script, style, noscript, textarea, [data-any-language]")) continue;
    if (seen(holder)) texts.push(node.nodeValue.trim());
  }
  for (const element of document.querySelectorAll("[title], [aria-label], [placeholder], [alt], [aria-description]")) {
    if (!seen(element) || element.closest("[data-any-language]")) continue;
    for (const name of ["title", "aria-label", "placeholder", "alt", "aria-description"]) {
      const text = (element.getAttribute(name) || "").trim();
      if (text) texts.push(text);
    }
  }
  return texts;
}
"""

_SETTLE = "document.getAnimations().filter((one) => one instanceof CSSTransition).forEach((one) => one.finish())"
_STILL = """
() => {
  const still = new CSSStyleSheet();
  still.replaceSync("*, ::before, ::after { transition: none !important }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
}
"""
_TABBABLE = r"""
() => {
  document.activeElement.blur();
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length;
  const frames = "label, .mantine-Input-input, .alarm-table";
  const marks = (one) => [one, one.parentElement, one.nextElementSibling, one.closest(frames)].map((part) => {
    if (!part) return "";
    const look = getComputedStyle(part);
    const outline = look.outlineStyle === "none" ? "" : look.outlineWidth + look.outlineColor;
    return [outline, look.boxShadow, look.borderColor, look.backgroundColor, look.color].join();
  }).join("|");
  const all = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]";
  const radios = new Map();
  const found = [...document.querySelectorAll(all)].filter((one) => {
    if (one.closest(".ag-root, .ag-tab-guard") || one.tabIndex < 0 || one.disabled || one.inert) return false;
    if (one.type === "hidden" || !seen(one)) return false;
    if (one.type !== "radio") return true;
    const first = radios.get(one.name); // a group is one stop: the one that is checked, else its first
    if (!first || one.checked) radios.set(one.name, one);
    return true;
  }).filter((one) => one.type !== "radio" || radios.get(one.name) === one);
  const where = (one) => `${one.tagName.toLowerCase()}${one.id ? "#" + one.id : ""} `
    + (one.getAttribute("aria-label") || one.textContent || one.name || "").trim().slice(0, 30).replace(/[0-9]+/g, "#");
  window.stops = new Map(found.map((one) => [one, { name: where(one), before: marks(one) }]));
  window.stopped = () => {
    for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
    const now = document.activeElement;
    const stop = window.stops.get(now);
    const box = now.getBoundingClientRect();
    const out = box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth;
    return { known: Boolean(stop), name: stop ? stop.name : where(now), body: now === document.body,
      shown: !stop || now.closest(".ag-root") || marks(now) !== stop.before, out };
  };
  return found.map(where);
}
"""


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def wears(page: Page, theme: Theme) -> None:
    """Let the page wear a theme, as its switch does; without waiting for what fades."""
    page.evaluate("(theme) => opsCenter.theme.set(theme)", theme)
    page.evaluate(_SETTLE)


def speaks(page: Page, language: str) -> None:
    """Let the page speak a language, as its button does."""
    page.evaluate("(language) => (opsCenter.wall || opsCenter).speak(language)", language)
    page.wait_for_function("(language) => document.documentElement.dataset.language === language", arg=language)


def shoots(page: Page, name: str) -> None:
    """Keep a picture of the page beside those of ``make screenshots``: what a test saw, somebody else may see."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", timeout=60_000)


def judged(page: Page, rules: tuple[str, ...] = RULES) -> list[str]:
    """Return what axe finds against the page, a line for each element; nothing fades any more while it looks."""
    page.evaluate(_STILL)
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_axe())
    return list(page.evaluate(_AXE, list(rules)))


def words(page: Page) -> list[str]:
    """Return every text that somebody sees or hears: what is written, titles, names for machines, placeholders."""
    return list(page.evaluate(_READ))


def walked(page: Page, most: int = 160) -> list[str]:
    """Walk through the page by Tab; return what can't be reached, and what has the focus without showing it.

    Lists and maps are one stop each: inside they are walked by arrows. ``most`` bounds the walk.
    """
    wanted = list(page.evaluate(_TABBABLE))
    reached: list[str] = []
    faults: list[str] = []
    ends = 0
    for _ in range(2 * min(most, len(wanted)) + 12):
        page.keyboard.press("Tab")
        stop = page.evaluate("window.stopped()")
        ends += stop["body"]
        if ends > 1:  # a page may begin in its middle: then Tab comes around
            break
        if stop["body"] or stop["name"] in reached:
            continue
        reached.append(stop["name"])
        if not stop["shown"]:
            faults.append(f"does not show that it has the focus: {stop['name']}")
        if stop["out"]:
            faults.append(f"has the focus out of sight: {stop['name']}")
    if len(wanted) < most:
        faults += [f"is not reached by Tab: {name}" for name in wanted if name not in reached]
    return faults
