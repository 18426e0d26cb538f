"""Which rights an address asks for: the declarations of all routes of an application, as it matches them.

Made once when the application is complete; asked by the gate before anything else happens to a request. What declares
nothing is closed. docs/rights.md is written from the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.routing import BaseRoute, Match, Mount

from ops_center.domain.rights import CLOSED, SIGNED_IN, Rights, Role, declared_rights

READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of rights: one thing that can be asked for, and who may."""

    kind: str
    """``page``, ``route``, ``stream``, ``callback``, ``layer`` or ``feed``"""
    name: str
    """``GET /api/things``, ``/wall``, ``card.children`` …"""
    roles: frozenset[Role]
    anonymous: bool = False
    is_declared: bool = True
    """False: it says nothing, and nobody gets in"""

    @classmethod
    def of(cls, kind: str, name: str, rights: Rights | None, *, changes: bool = False) -> Row:
        """Return the line of something that reads, or ``changes``, under ``rights``."""
        known = rights or CLOSED
        return cls(kind, name, known.change if changes else known.see, known.anonymous, rights is not None)


class Access:
    """The rights of every address of one application."""

    def __init__(self, routes: Sequence[BaseRoute], pages: Mapping[str, Rights], foreign: Mapping[str, Rights]) -> None:
        """``pages``: path → rights of pages that one route answers for all; ``foreign``: path → rights of routes that
        are a library's, which can't declare any."""
        self._pages = pages
        self._foreign = foreign
        self._given = routes

    @cached_property
    def _routes(self) -> Sequence[BaseRoute]:
        """Return all routes; looked at when first asked, since Dash adds its last one when the server starts."""
        return list(flat(self._given))

    def rights(self, scope: Mapping[str, Any]) -> Rights | None:
        """Return the rights that the addressed route declares: CLOSED where it declares none, None for no route."""
        path = scope["path"]
        if scope["type"] == "http" and scope["method"] in READING and path in self._pages:
            return self._pages[path]
        other_method = False
        for route in self._routes:
            match, _ = route.matches(scope)  # type: ignore[arg-type]
            if match is Match.FULL:
                return self._declared(route) or CLOSED
            other_method = other_method or match is Match.PARTIAL
        # Which methods an address has is no secret to those who have signed in: the application answers 405.
        return SIGNED_IN if other_method else None

    def rows(self) -> list[Row]:
        """Return every page and every route with what it declares."""
        pages = [Row.of("page", path, rights) for path, rights in self._pages.items()]
        return [*pages, *(row for route in self._routes for row in self._rows_of(route))]

    def _rows_of(self, route: BaseRoute) -> Iterator[Row]:
        path, rights = getattr(route, "path", str(route)), self._declared(route)
        methods = getattr(route, "methods", None)
        if methods:
            for method in sorted(set(methods) - {"HEAD"}):
                yield Row.of("route", f"{method} {path}", rights, changes=method not in READING)
        elif isinstance(route, Mount):
            yield Row.of("route", f"GET {path}/…", rights)
        else:
            yield Row.of("stream", path, rights)

    def _declared(self, route: BaseRoute) -> Rights | None:
        declared = declared_rights(getattr(route, "endpoint", None))
        return declared or self._foreign.get(getattr(route, "path", ""))


def flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Go through the routes as they are matched, those of included routers in their place."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from flat(included.routes)
