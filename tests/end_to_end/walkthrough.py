"""The pictures of a story, and the page that is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "walkthrough.md"
PICTURES = ROOT / "docs" / "screenshots"
_HEAD = """# A burst main, from the alarm to the case

What happens here is played by `tests/end_to_end/test_burst_story.py`: the whole center as one command starts it, the
demo city's story `burst`, and browsers of people in their roles. The pictures are that test's (`OPS_WRITE_DOCS=1`).
"""
_STILL = """
() => [...document.querySelectorAll(".state-loading, [data-dash-is-loading=true]")]
  .every((one) => !one.checkVisibility())
"""
"""nothing on the page says that it is still being read"""


@dataclass
class Walkthrough:
    """Keeps what a story shows, where it is asked to."""

    writes: bool
    taken: list[str] = field(default_factory=list)

    def picture(self, page: Page, name: str) -> None:
        """Keep what is on a page now."""
        if self.writes:
            page.wait_for_function(_STILL, timeout=60_000)
            page.wait_for_timeout(1500)  # maps fade in
            page.screenshot(path=str(PICTURES / f"walkthrough-{name}.jpg"), type="jpeg", quality=72)
            self.taken.append(name)

    def write(self, steps: Mapping[str, tuple[str, str]]) -> None:
        """Write the page: the pictures that were taken, each with its title and what is said of it."""
        if self.writes:
            parts = []
            for name in self.taken:
                title, said = steps[name]
                parts.append(f"## {title}\n\n{said}\n\n![{title}](screenshots/walkthrough-{name}.jpg)\n")
            PAGE.write_text("\n".join([_HEAD, *parts]), "utf-8")
