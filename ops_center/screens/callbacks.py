"""How a screen registers its callbacks: each declares its rights where it is written, and is asked for them.

Dash knows one address for all callbacks; who may use which is decided here, on the server, before a callback runs. What
was registered past this module is closed to everybody (:func:`close_undeclared`). Called by ``app`` and the screens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import structlog
from dash import ClientsideFunction, Dash, Input, Output
from dash.exceptions import PreventUpdate
from fastapi import HTTPException

from ops_center.domain.errors import Forbidden, OpsCenterError
from ops_center.domain.rights import Rights
from ops_center.people.asking import asker
from ops_center.screens.typed import typed

log = structlog.get_logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declared:
    """What a callback says about who may use it."""

    rights: Rights
    changes: bool
    """it changes something: ``rights.change`` counts, else ``rights.see``"""


class Callbacks:
    """The callbacks of one application."""

    def __init__(self, app: Dash) -> None:
        self._app = app
        self._declared: dict[str, Declared] = {}

    def add(self, *dependencies: Any, rights: Rights, changes: bool = False, **options: Any) -> Callable[[F], F]:
        """Register the decorated function for ``dependencies``, as ``dash.callback`` does.

        Who asks must be in ``rights.see``; where it ``changes`` something, in ``rights.change``. The function may wait
        for a database: it runs in a thread of its own. Its arguments are of the types it declares (``typed``).
        The buttons of what changes something are busy meanwhile: a second click would be a second act, and the browser
        forgets the answer to the first. Raises Forbidden (403) instead of running for anybody else.
        """
        if changes and (busy := [*_busy(dependencies), *options.get("running", ())]):
            options["running"] = busy

        def register(function: F) -> F:
            before = set(self._app.callback_map)
            self._app.callback(*dependencies, **options)(_guarded(typed(function), rights, changes))
            (name,) = set(self._app.callback_map) - before
            self._declared[name] = Declared(rights, changes)
            return function

        return register

    def in_browser(self, namespace: str, function: str, *dependencies: Any, **options: Any) -> None:
        """Register a function of assets/: it runs in the browser and knows what the browser knows."""
        self._app.clientside_callback(  # type: ignore[no-untyped-call]
            ClientsideFunction(namespace, function), *dependencies, **options
        )

    def close_undeclared(self) -> None:
        """Close every callback that was registered otherwise. Called once all are there."""
        for name in self._undeclared():
            self._app.callback_map[name]["callback"] = _closed

    def declared(self) -> Mapping[str, Declared | None]:
        """Return name → declaration of every callback that runs on the server; None: nobody gets in."""
        return {**self._declared, **dict.fromkeys(self._undeclared())}

    def described(self, name: str) -> Mapping[str, Any]:
        """Return a callback's ``outputs``, ``inputs`` and ``state`` as a browser names them."""
        entry = self._app.callback_map[name]
        given = entry["output"]
        outputs = [{"id": _one_of(o.component_id), "property": o.component_property} for o in _listed(given)]
        shown = outputs if isinstance(given, list | tuple) else outputs[0]
        return {"outputs": shown, "inputs": entry["inputs"], "state": entry["state"]}

    def _undeclared(self) -> list[str]:
        on_server = (name for name, entry in self._app.callback_map.items() if "callback" in entry)
        return [name for name in on_server if name not in self._declared]


def _guarded(function: Callable[..., Any], rights: Rights, changes: bool) -> Callable[..., Awaitable[Any]]:
    @wraps(function)
    async def guarded(*arguments: Any) -> Any:
        who = asker()
        if not (who.may_change(rights) if changes else who.may_see(rights)):
            raise Forbidden("your roles do not allow this")
        try:
            return await asyncio.to_thread(function, *arguments)
        except (OpsCenterError, HTTPException, PreventUpdate):
            raise
        except Exception:  # Dash answers 500 and tells nobody
            log.exception("callback.failed", callback=f"{function.__module__}.{function.__qualname__}")
            raise

    return guarded


def _busy(dependencies: Iterable[Any]) -> list[tuple[Any, bool, bool]]:
    """Return what Dash is to set while a callback runs: each button (``desk_parts.button``) that asks for it, busy."""
    asked = (one for one in dependencies if isinstance(one, Input) and one.component_property == "n_clicks")
    return [(Output(one.component_id, "loading"), True, False) for one in asked if isinstance(one.component_id, str)]


def _one_of(component_id: Any) -> Any:
    """Return an id that a browser could send: of a pattern the one whose open places are "x"."""
    if not isinstance(component_id, dict):
        return component_id
    return {name: value if isinstance(value, str | int) else "x" for name, value in component_id.items()}


def _listed(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]


async def _closed(*_arguments: Any, **_context: Any) -> Any:
    raise Forbidden("this is closed to everybody: it declares no rights")
