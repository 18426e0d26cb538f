"""What an account may do, edited in plain words: role × department × district, one line each.

A draft in the browser until it is saved; the server judges what is saved, whatever the browser holds. Used twice on
the people page, for an account that is there and for one that is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import ALL, Input, Output, State, dcc, html

from ops_center.city.pack import CityPack
from ops_center.city.scope_names import scope_names
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.rights import Grant, Rights, Role
from ops_center.domain.role_words import (
    EVERY_DEPARTMENT,
    ROLE_NAMES,
    ROLE_SENTENCES,
    WHOLE_CITY,
    Names,
    scope_in_words,
)
from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import button, choice, connect_choices, empty
from ops_center.screens.screen import both, titled

_EVERY = "*"
_MOST = 100
_NOTHING = Label("还没有权限：没有权限的账号什么也看不到。", "Nothing yet: without a role an account sees nothing.")


def grants_editor(prefix: str, pack: CityPack, roles: Iterable[Role]) -> Any:
    """Return the editor; its draft is the store ``<prefix>-draft``, a list of grants as text."""
    names = scope_names(pack)
    departments = [(_EVERY, EVERY_DEPARTMENT), *names.departments.items()]
    districts = [(_EVERY, WHOLE_CITY), *names.districts.items()]
    offered = [(role.value, ROLE_NAMES[role]) for role in roles]
    return html.Div(
        [
            dcc.Store(id=f"{prefix}-draft", data=[]),
            html.Div(id=f"{prefix}-grants"),
            html.Div(
                [
                    *choice(f"{prefix}-role", Label("角色", "role"), offered, offered[0][0]),
                    *choice(f"{prefix}-department", Label("部门", "department"), departments, _EVERY, searchable=True),
                    *choice(f"{prefix}-district", Label("区域", "district"), districts, _EVERY, searchable=True),
                    button(f"{prefix}-grant", Label("加入", "Add")),
                ],
                className="grant-line",
            ),
            html.P(id=f"{prefix}-sentence", className="quiet sentence"),
        ],
        className="grants-editor",
    )


def connect_grants(callbacks: Callbacks, prefix: str, pack: CityPack, rights: Rights) -> None:
    """Register the callbacks of one editor."""
    connect_choices(callbacks, f"{prefix}-role", f"{prefix}-department", f"{prefix}-district")

    callbacks.in_browser(
        "desk",
        "granted",
        Output(f"{prefix}-draft", "data", allow_duplicate=True),
        Input(f"{prefix}-grant", "n_clicks"),
        Input({"type": f"{prefix}-ungrant", "index": ALL}, "n_clicks"),
        State(f"{prefix}-draft", "data"),
        State(f"{prefix}-role", "value"),
        State(f"{prefix}-department", "value"),
        State(f"{prefix}-district", "value"),
        prevent_initial_call=True,
    )

    @callbacks.add(
        Output(f"{prefix}-grants", "children"),
        Input(f"{prefix}-draft", "data"),
        rights=rights,
    )
    def _show(draft: object) -> Any:
        return listed(prefix, parsed(draft), scope_names(pack))

    @callbacks.add(
        Output(f"{prefix}-sentence", "children"),
        Input(f"{prefix}-role", "value"),
        rights=rights,
    )
    def _sentence(role: object) -> Any:
        known = next((each for each in Role if each.value == role), None)
        return both(ROLE_SENTENCES[known]) if known else ""


def parsed(draft: object) -> list[Grant]:
    """Return the grants that a browser holds, each once; what is none is left out."""
    found: dict[str, Grant] = {}
    for text in draft[:_MOST] if isinstance(draft, list) else ():
        try:
            grant = Grant.parse(text) if isinstance(text, str) else None
        except ConfigurationError:
            continue
        if grant is not None:
            found[str(grant)] = grant
    return list(found.values())


def written(grants: Iterable[Grant]) -> list[str]:
    """Return grants as a browser holds them, each once."""
    return list(dict.fromkeys(str(grant) for grant in grants))


def listed(prefix: str, grants: list[Grant], names: Names) -> Any:
    """Return the grants in words, each with a button that takes it away."""
    if not grants:
        return empty(_NOTHING)
    return html.Ul([_line(prefix, grant, names) for grant in grants], className="grants")


def _line(prefix: str, grant: Grant, names: Names) -> Any:
    return html.Li(
        [
            html.B(both(ROLE_NAMES[grant.role])),
            both(scope_in_words(grant, names), className="quiet grow"),
            html.Button(
                "✕",
                id={"type": f"{prefix}-ungrant", "index": str(grant)},
                className="link",
                **titled(Label("移除", "take away")),
            ),
        ]
    )
