"""The frame of pages for a desk: one line at the top, the page below. Called by every screen but the wall."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens import incident_open
from ops_center.screens.menu import user_menu
from ops_center.screens.navigation import page_groups
from ops_center.screens.screen import Center, both, marked, spoken, titled
from ops_center.screens.session_parts import session_parts

_SKY = "#e3f3fc #c6e6f8 #a4d6f2 #7cc6ef #63bbeb #56b4e9 #3f9fd6 #2f83b3 #0b69a3 #164662"
_DARK = "#e4edf6 #b9c8d8 #8fa3b8 #5f7388 #34485c #24364a #152231 #0f1924 #0c131c #0a0f16"
_THEME = {
    "primaryColor": "sky",
    "colors": {"sky": _SKY.split(), "dark": _DARK.split()},
    "primaryShade": {"dark": 5, "light": 8},
    "autoContrast": True,
    "fontFamily": '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif',
    "defaultRadius": "0.4rem",
    "respectReducedMotion": True,
}


def framed(center: Center, path: str, title: Label, *content: Any) -> Any:
    """Return a page with ``content`` under the line that all pages share."""
    return dmc.MantineProvider(
        html.Div(
            [
                dcc.Store(id="language", data="zh"),
                dcc.Store(id="desk-ready"),
                _header(center, path),
                html.Main(content, className="content"),
                *incident_open.place(center),
                *session_parts(center),
            ],
            id="desk",
            **marked(
                data_page_zh=f"{title.zh} · {center.pack.manifest.name.zh}",
                data_page_en=f"{title.en} · {center.pack.manifest.name.en}",
                data_zone=center.pack.manifest.timezone,
            ),
        ),
        theme=_THEME,
        defaultColorScheme="dark",
    )


def _header(center: Center, path: str) -> Any:
    manifest = center.pack.manifest
    banner = [both(center.realm.banner, className="realm")] if center.realm.banner else []
    return html.Header(
        [
            html.Div(
                [html.B(spoken(manifest.name)), both(Label("城市运行中心", "City Operations Center"))], className="city"
            ),
            *banner,
            page_groups(asker(), path),
            html.Div(className="spring"),
            html.Button(
                [html.Span("中", className="en"), html.Span("EN", className="zh")],
                className="language",
                **marked(data_act="language"),
                **titled(Label("English", "中文")),
            ),
            *user_menu(center, path),
        ],
        className="bar",
    )
