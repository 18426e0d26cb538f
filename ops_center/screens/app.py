"""The web application's pages: Dash on the given FastAPI server, and the routes of the basemap.

Screens are found by our own registry (a module of this package with ``SCREEN``), not by Dash's pages, which
would import every file a second time under an inferred name. Called by ``ops_center.bootstrap``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse

from ops_center.domain.registry import scan
from ops_center.domain.rights import CLOSED, OPEN, SIGNED_IN, Asker, Rights, allows
from ops_center.domain.text import Label
from ops_center.people.asking import asker, asker_of
from ops_center.screens import alarm_files, basemap, deckgl
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.calls import judge_calls
from ops_center.screens.desk_parts import connect_page
from ops_center.screens.screen import Center, Screen, both
from ops_center.screens.states import stated

ASSETS = Path(__file__).resolve().parents[2] / "assets"
HOME = "/"

DASH_ROUTES: Mapping[str, Rights] = {
    "/assets": OPEN,
    "/_favicon.ico": OPEN,
    "/_dash-component-suites/{package_name}/{fingerprinted_path:path}": SIGNED_IN,
    "/_dash-layout": SIGNED_IN,
    "/_dash-dependencies": SIGNED_IN,
    "/_dash-update-component": SIGNED_IN,
    "/_reload-hash": CLOSED,
    "/_dash-ws-callback": CLOSED,
    "/": SIGNED_IN,
    "{path:path}": SIGNED_IN,
}
"""path → rights of what Dash itself answers. A layout holds nothing but an empty page; what fills it is a callback, and
each has rights of its own. Closed: what helps developers, and callbacks over WebSockets, which no screen uses."""

_INDEX = """<!DOCTYPE html>
<html lang="zh-CN" data-language="zh" data-theme="dark">
  <head>
    {%metas%}
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{%title%}</title>
    <script src="/sign-in/theme.js"></script>
    {%favicon%}
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <footer hidden>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>"""


@cache
def screens() -> Mapping[str, Screen]:
    """Return name → screen; looked for once, since every page lists them."""
    return scan(sys.modules["ops_center.screens"], "SCREEN", Screen)


def home_of(who: Asker) -> str:
    """Return the address of the first screen that somebody may see; the account page, which everybody may, is last."""
    shown = sorted(screens().values(), key=lambda screen: screen.order)
    return next((screen.path for screen in shown if who.may_see(screen.rights)), "/account")


def build_app(server: FastAPI, center: Center) -> tuple[Dash, Callbacks]:
    """Put all screens on ``server``, with their callbacks; nothing they load comes from outside."""

    @server.get("/", include_in_schema=False)
    @allows(SIGNED_IN)
    def home(request: Request) -> RedirectResponse:
        return RedirectResponse(home_of(asker_of(request.scope)))

    server.include_router(basemap.routes(center.pack))
    server.include_router(alarm_files.routes(center))
    app = Dash(
        __name__,
        server=server,  # type: ignore[arg-type]
        backend="fastapi",
        assets_folder=str(ASSETS),
        assets_path_ignore=["^entry$"],  # what the pages before the center load, and no page of ours
        pages_folder="",
        use_pages=False,
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title=None,  # type: ignore[arg-type]
        title=center.pack.manifest.name.zh,
        index_string=_INDEX,
        add_log_handler=False,
        websocket_inactivity_timeout=0,
    )
    # No screen uses callbacks over WebSockets, and the address is closed; pages would knock at it for ever.
    app.backend.websocket_capability = False
    found = {screen.path: screen for screen in screens().values()}
    app.layout = html.Div([dcc.Location(id="url", refresh=False), html.Div(id="page")])
    callbacks = Callbacks(app)
    connect_page(callbacks)
    deckgl.connect(callbacks)
    _connect_pages(callbacks, center, found)
    for screen in found.values():
        screen.connect(callbacks, center)
    # Dash does this before its first request but doesn't count a page other than "/" as one: the first visitor of
    # /wall would get a page without our scripts.
    app._setup_server()  # type: ignore[no-untyped-call]
    judge_calls(server, app)
    callbacks.close_undeclared()
    return app, callbacks


def page_rights() -> Mapping[str, Rights]:
    """Return path → rights of every page."""
    return {screen.path: screen.rights for screen in screens().values()}


def _connect_pages(callbacks: Callbacks, center: Center, found: Mapping[str, Screen]) -> None:
    @callbacks.add(Output("page", "children"), Input("url", "pathname"), rights=SIGNED_IN)
    def _page(path: object) -> Any:
        who = asker()
        screen = screen_at(path, found) if isinstance(path, str) else None
        if screen is None or not who.may_see(screen.rights):
            return _nowhere()
        center.saw(who, "page.seen", screen.path)
        return screen.layout(center)


def screen_at(path: str, found: Mapping[str, Screen]) -> Screen | None:
    """Return the screen that answers for a path: its own, or one above it that takes so many steps."""
    own = path.rstrip("/")
    if own in found:
        return found[own]
    above, steps = own, 0
    while above.count("/") > 1:
        above, steps = above.rpartition("/")[0], steps + 1
        if above in found:
            return found[above] if found[above].below >= steps else None
    return None


def _nowhere() -> Any:
    """Return the page for an address that is not there or not for who asks: which of the two is not told."""
    sentence = Label("这个地址不存在，或不在您的职责范围内。", "There is no such page, or you may not see it.")
    back = html.A(both(Label("返回首页", "back to the start")), href=HOME)
    return html.Main(stated("forbidden", sentence, back), className="nowhere")
