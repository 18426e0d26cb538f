"""Pages of a long list, the newest first: the buttons, the page that somebody has turned to, what the next one is.

A page is a list of numbers: below each begins one of the pages turned so far, the one that is shown last; none is the
newest page. Turning happens in the browser (``desk.turned``), so that two clicks are two pages however long an answer
takes; each answer says which page lies behind it, and only from the page that it answers is one turned there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Input, Output, State, dcc, html

from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import button

LIMIT = 100
"""rows of a page"""
_MOST = 1000


def pager(name: str) -> Any:
    """Return the buttons ``<name>-newer`` and ``<name>-older``, and ``<name>-state`` for what is said beside them."""
    return html.Div(
        [
            button(f"{name}-newer", Label("较新", "newer"), disabled=True),
            button(f"{name}-older", Label("较早", "older"), disabled=True),
            html.Span(id=f"{name}-state", className="quiet"),
            dcc.Store(id=f"{name}-page", data=[]),
            dcc.Store(id=f"{name}-behind"),
        ],
        className="pager",
    )


def connect_pager(callbacks: Callbacks, name: str, *lookup: Input) -> None:
    """Turn the pages; whoever looks for something else, as ``lookup`` says, is on the newest again."""
    callbacks.in_browser(
        "desk",
        "turned",
        Output(f"{name}-page", "data"),
        *lookup,
        Input(f"{name}-newer", "n_clicks"),
        Input(f"{name}-older", "n_clicks"),
        State(f"{name}-page", "data"),
        State(f"{name}-behind", "data"),
    )


def paged(name: str) -> tuple[Output, ...]:
    """Return what an answer fills beside the rows: the page behind, both buttons, what is said (:func:`behind`)."""
    return (
        Output(f"{name}-behind", "data"),
        Output(f"{name}-newer", "disabled"),
        Output(f"{name}-older", "disabled"),
        Output(f"{name}-state", "children"),
    )


def page_of(said: object) -> list[int]:
    """Return the page that a browser names; what it may not name is the newest."""
    return said[-_MOST:] if isinstance(said, list) and all(type(one) is int for one in said) else []


def behind(page: Sequence[int], numbers: Sequence[int], told: Any) -> tuple[Any, ...]:
    """Return what :func:`paged` takes, for a page whose rows have ``numbers``, one more where there are more."""
    further = [*page, numbers[LIMIT - 1]] if len(numbers) > LIMIT else None
    return further, not page, further is None, told
