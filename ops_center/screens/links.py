"""Addresses of pages that show one of many. Called by whatever lists things."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from dash import html

from ops_center.domain.catalog import Thing
from ops_center.screens.screen import spoken


def thing_path(thing: Thing) -> str:
    """Return the address of a thing's page."""
    return f"/things/{quote(thing.producer, safe='')}/{quote(thing.thing_id, safe='')}"


def thing_link(thing: Thing, **attributes: Any) -> Any:
    """Return its name, leading to its page."""
    return html.A(spoken(thing.name), href=thing_path(thing), **{"className": "thing-link", **attributes})


def thing_named(path: str) -> tuple[str, str] | None:
    """Return producer and id that the address of a thing's page names; None: it is none."""
    parts = path.strip("/").split("/")
    if len(parts) != 3 or parts[0] != "things":
        return None
    return unquote(parts[1]), unquote(parts[2])
