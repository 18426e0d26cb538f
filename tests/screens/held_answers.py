"""What a page hears from the server, held back: so that a race ends as a test wants it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import APIResponse, Page, Route

from tests.screens.live_city import wait_until

_ASKED = "**/_dash-update-component*"


@contextmanager
def held_answer(page: Page, asked: str, lost: bool = False) -> Iterator[Callable[[], None]]:
    """What is asked by the component ``asked`` is done, and the page doesn't know before this is left; ``lost``: never.

    Yields what waits until there is an answer to be held.
    """
    held: list[tuple[Route, APIResponse]] = []

    def meet(route: Route) -> None:
        if any(one["id"] == asked for one in route.request.post_data_json["inputs"]):
            held.append((route, route.fetch()))
        else:
            route.continue_()

    page.route(_ASKED, meet)
    try:
        yield lambda: _until(page, held, asked)
    finally:
        for route, answer in held:
            route.abort() if lost else route.fulfill(response=answer)
        page.unroute(_ASKED, meet)


def _until(page: Page, held: list[tuple[Route, APIResponse]], asked: str) -> None:
    wait_until(lambda: held or page.wait_for_timeout(50), f"{asked} is answered")
