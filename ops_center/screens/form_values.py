"""What a form holds, in a Store of the browser: the newest at once, and once more when nobody types.

Fields give every key away (no ``debounce``), so that who saves the moment they have typed saves what they have typed. A
server that says what is wrong waits for the pause: it listens to :func:`rested`.
"""

from __future__ import annotations

from typing import Any

from dash import Input, Output, dcc

from ops_center.screens.callbacks import Callbacks


def form_values(name: str, data: dict[str, Any] | None = None) -> list[Any]:
    """Return the Store ``name`` for what a form holds, and the one behind :func:`rested`."""
    return [dcc.Store(id=name, data=data), dcc.Store(id=f"{name}-rested", data=data)]


def connect_form_values(callbacks: Callbacks, name: str) -> None:
    """Pass on what the Store ``name`` holds whenever nobody types."""
    callbacks.in_browser("desk", "rested", Output(f"{name}-rested", "data"), Input(name, "data"))


def rested(name: str) -> Input:
    """Return what the Store ``name`` holds when nobody types."""
    return Input(f"{name}-rested", "data")
