"""Browsers of people in different roles, and what a person does with a page: sees, presses, answers, draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playwright.sync_api import Browser, Locator, Page, expect

DESK, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
WITHIN_MS = 150_000
_CORNERS = """
() => {
  const boxOf = (selector) => document.querySelector(selector).getBoundingClientRect();
  const [box, bar] = [boxOf("#incident-map"), boxOf(".incident-map-bar")];
  const [left, right] = [box.left + 0.16 * box.width, box.left + 0.84 * box.width];
  const [top, bottom] = [bar.bottom + 16, box.bottom - 48];
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}
"""
"""four places on the map of a room, inside what lies over its edges"""


class Person:
    """Somebody in front of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def at(self, *selectors: str) -> Locator:
        """Return what is seen at a place of the page; it fails where nothing comes to be seen."""
        found = self.page.locator(" ".join(selectors)).first
        expect(found).to_be_visible(timeout=WITHIN_MS)
        return found

    def press(self, *selectors: str) -> None:
        """Press a button as soon as it is there."""
        self.at(*selectors).click()

    def says(self, selector: str, text: str, many: int = 1) -> None:
        """Wait until ``many`` places say ``text``."""
        expect(self.page.locator(selector).filter(has_text=text)).to_have_count(many, timeout=WITHIN_MS)

    def counts(self, selector: str, many: int) -> None:
        """Wait until there are as many of something."""
        expect(self.page.locator(selector)).to_have_count(many, timeout=WITHIN_MS)

    def answers(self, text: str = "") -> None:
        """Answer the question that the page asks, by keys, and wait until it is taken."""
        dialog = self.at("dialog.incident-ask")
        if text:
            dialog.locator("textarea").fill(text)
        self.page.keyboard.press("Control+Enter")
        expect(dialog).to_have_count(0, timeout=WITHIN_MS)

    def decides(self, act: str, text: str = "") -> None:
        """Take a decision about the incident at the head of its room."""
        self.press(f'#incident-head [data-act-name="{act}"]')
        self.answers(text)

    def sees_the_map(self) -> None:
        self.page.wait_for_selector('html[data-map="ready"]')

    def draws_an_area(self, kind: str) -> None:
        """Draw an area on the room's map: a key, a tool, its corners, Enter."""
        self.page.keyboard.press("d")
        self.press(f'#incident-draw-menu [data-kind="{kind}"][data-tool="draw_polygon"]')
        corners: Sequence[Sequence[float]] = self.page.evaluate(_CORNERS)
        for x, y in corners:
            self.page.mouse.click(x, y)
        self.page.keyboard.press("Enter")


class People:
    """The browsers; all speak English, and move nothing that needs no moving."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser, self._address = browser, address
        self._people: dict[str, Person] = {}

    def enters(self, account: str, path: str, viewport: Mapping[str, int] = DESK) -> Person:
        """Sign somebody in by a click, and open a page; it is being drawn when this returns."""
        context = self._browser.new_context(  # type: ignore[arg-type]
            viewport=viewport, base_url=self._address, reduced_motion="reduce"
        )
        context.set_default_timeout(WITHIN_MS)
        context.add_init_script('localStorage.setItem("ops-center.language", "en")')
        made = self._people[account] = Person(context.new_page())
        made.page.goto(f"/sign-in?next={path}", wait_until="commit")
        made.page.click(f'button[value="{account}"]', no_wait_after=True)
        return made

    def close(self) -> None:
        for person in self._people.values():
            person.page.context.close()
