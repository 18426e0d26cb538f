"""The web application's pages: Dash on the given FastAPI server, and the routes of the basemap.

Screens are found by our own registry (a module of this package with ``SCREEN``), not by Dash's pages, which
would import every file a second time under an inferred name. Called by ``ops_center.bootstrap``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dash import Dash, Input, Output, dcc, html
from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from ops_center.domain.registry import scan
from ops_center.domain.text import Label
from ops_center.screens import basemap
from ops_center.screens.screen import Center, Screen, both

ASSETS = Path(__file__).resolve().parents[2] / "assets"
HOME = "/wall"

_INDEX = """<!DOCTYPE html>
<html lang="zh-CN" data-language="zh">
  <head>
    {%metas%}
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{%title%}</title>
    {%favicon%}
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <footer hidden>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>"""


def screens() -> Mapping[str, Screen]:
    """Return name → screen."""
    return scan(sys.modules["ops_center.screens"], "SCREEN", Screen)


def build_app(server: FastAPI, center: Center) -> Dash:
    """Put all screens on ``server``; nothing they load comes from outside."""
    server.add_api_route("/", lambda: RedirectResponse(HOME), include_in_schema=False)
    server.include_router(basemap.routes(center.pack))
    app = Dash(
        __name__,
        server=server,  # type: ignore[arg-type]
        backend="fastapi",
        assets_folder=str(ASSETS),
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
    found = {screen.path: screen for screen in screens().values()}
    app.layout = html.Div([dcc.Location(id="url", refresh=False), html.Div(id="page")])
    _connect_pages(app, center, found)
    for screen in found.values():
        screen.connect(app, center)
    # Dash does this before its first request but doesn't count a page other than "/" as one: the first visitor of
    # /wall would get a page without our scripts.
    app._setup_server()  # type: ignore[no-untyped-call]
    return app


def _connect_pages(app: Dash, center: Center, found: Mapping[str, Screen]) -> None:
    @app.callback(Output("page", "children"), Input("url", "pathname"))
    def _page(path: str | None) -> Any:
        screen = found.get((path or "/").rstrip("/") or HOME)
        return screen.layout(center) if screen else _nowhere()


def _nowhere() -> Any:
    return html.Main([html.H1("404"), html.A(both(Label("返回总览", "back to the wall")), href=HOME)])
