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
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
"""WCAG 2.2 A and AA, as axe names them"""

_AXE = """
(rules) => axe.run(document, { runOnly: rules, resultTypes: ["violations"], elementRef: false, iframes: false })
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
    if (!node.nodeValue.trim() || holder.closest("script, style, noscript, [data-any-language]")) continue;
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


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def wears(page: Page, theme: Theme) -> None:
    """Let the page wear a theme, as its switch does; without waiting for what fades."""
    page.evaluate("(theme) => opsCenter.theme.set(theme)", theme)


def speaks(page: Page, language: str) -> None:
    """Let the page speak a language, as its button does."""
    page.evaluate("(language) => (opsCenter.wall || opsCenter).speak(language)", language)
    page.wait_for_function("(language) => document.documentElement.dataset.language === language", arg=language)


def judged(page: Page, rules: tuple[str, ...] = RULES) -> list[str]:
    """Return what axe finds against the page, a line for each element."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_axe())
    return list(page.evaluate(_AXE, list(rules)))


def words(page: Page) -> list[str]:
    """Return every text that somebody sees or hears: what is written, titles, names for machines, placeholders."""
    return list(page.evaluate(_READ))
