"""What a browser sends to Dash, judged before Dash reads it: for a callback that exists, of its shape, bounded.

Dash takes its own renderer's word for everything. From anybody else a missing member, an unknown output or a number in
the place of a list would end in an error of Dash's own, 500, and so would the address of a script that no library has.
Called by ``app.build_app`` when Dash has made its routes; what a callback's values are is judged by ``typed``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
import orjson
import structlog
from dash import Dash, Output
from dash.exceptions import DashException, PreventUpdate
from dash.fingerprint import check_fingerprint
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.routing import APIRoute

from ops_center.domain.json_values import fault_of_json

log = structlog.get_logger(__name__)

MAX_BYTES = 256 * 1024
"""of one call as JSON: the largest that our pages send are the rows of a table"""
MAX_DEPTH = 24
UPDATE = "/_dash-update-component"
SUITES = "/_dash-component-suites/{package_name}/{fingerprinted_path:path}"


class Part(msgspec.Struct, frozen=True):
    """One property of one component, with its value where it is an input."""

    id: str | dict[str, str | int | float | bool]
    prop: str = msgspec.field(name="property")
    value: Any = None

    @property
    def name(self) -> str:
        """Return it as Dash writes it in ``changedPropIds``."""
        known = self.id if isinstance(self.id, str) else json.dumps(self.id, sort_keys=True, separators=(",", ":"))
        return f"{known}.{self.prop}"


Parts = list[Part | list[Part]]
"""a list in it: all components that a pattern fits"""


class Call(msgspec.Struct, frozen=True):
    """One call of one callback."""

    output: str
    outputs: Part | Parts | None = None
    inputs: Parts = []
    state: Parts = []
    changed: list[str] = msgspec.field(default=[], name="changedPropIds")


def judge_calls(server: FastAPI, app: Dash) -> None:
    """Put our judgement before Dash's own in the two of its addresses that take something from outside."""
    backend: Any = app.backend
    dispatch: Callable[[Request], Awaitable[Response]] = backend.serve_callback(app)

    async def update(request: Request) -> Response:
        call = read_call(getattr(request.state, "json_body", None), app.callback_map)
        try:
            return await dispatch(request)
        except PreventUpdate:
            raise
        except DashException:  # what a callback returned is nothing that Dash can send: it tells nobody
            log.exception("callback.answer_failed", output=call.output)
            raise

    async def suite(request: Request, package_name: str, fingerprinted_path: str) -> Response:
        path, _ = check_fingerprint(fingerprinted_path)  # type: ignore[no-untyped-call]
        if path not in app.registered_paths.get(package_name, ()):
            raise HTTPException(404, "no such script")
        served: Response = backend.serve_component_suites(app, package_name, fingerprinted_path, request)
        return served

    _replace(server, UPDATE, update)
    _replace(server, SUITES, suite)


def read_call(body: object, callbacks: Mapping[str, Mapping[str, Any]]) -> Call:
    """Return a call of one of ``callbacks``, as Dash keeps them; raises HTTPException 404 or 422 for anything else."""
    if fault := fault_of_json(body, MAX_BYTES, MAX_DEPTH) or _fault_of_numbers(body):
        raise HTTPException(422, fault)
    try:
        call = msgspec.convert(body, Call)
    except msgspec.ValidationError as error:
        raise HTTPException(422, f"no call of a callback: {error}") from None
    declared = callbacks.get(call.output)
    if declared is None or "callback" not in declared:
        raise HTTPException(404, "no such callback")
    if not _fits(call, declared):
        raise HTTPException(422, "not what this callback takes")
    return call


def _fault_of_numbers(body: object) -> str | None:
    """A browser counts to 2^53, and what a callback counts on from a larger number could not be sent back."""
    try:
        orjson.dumps(body, option=orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError:
        return "numbers that no browser has"
    return None


def _fits(call: Call, declared: Mapping[str, Any]) -> bool:
    """Return whether inputs, state and outputs are those of the callback, and what changed is one of its inputs."""
    names = {part.name for some in call.inputs for part in _listed(some)}
    return (
        _are(call.inputs, declared["inputs"])
        and _are(call.state, declared["state"])
        and (declared.get("no_output") or _are_outputs(call.outputs, declared["output"]))
        and names.issuperset(call.changed)
    )


def _are_outputs(given: Part | Parts | None, declared: Any) -> bool:
    """Compare as Dash does later, which would raise; it writes an output that several callbacks have with ``@``."""
    if not isinstance(declared, list | tuple):  # one in a list would be taken for a pattern's many
        return _is_output(given, declared)
    wanted, found = declared, _listed(given)
    return len(wanted) == len(found) and all(map(_is_output, found, wanted))


def _is_output(given: Any, declared: Any) -> bool:
    parts = given if isinstance(given, list) and isinstance(declared.component_id, dict) else [given]
    return all(isinstance(part, Part) and Output(part.id, part.prop.partition("@")[0]) == declared for part in parts)


def _listed(given: Any) -> Sequence[Any]:
    return given if isinstance(given, list | tuple) else [given]


def _are(given: Parts, declared: Sequence[Mapping[str, Any]]) -> bool:
    return len(given) == len(declared) and all(map(_is, given, declared))


def _is(given: Part | list[Part], declared: Mapping[str, Any]) -> bool:
    pattern = _pattern(declared["id"])
    parts = given if isinstance(given, list) and pattern else [given]
    return all(
        isinstance(part, Part)
        and part.prop == declared["property"]
        and (part.id == declared["id"] if pattern is None else _matches(part.id, pattern))
        for part in parts
    )


def _pattern(name: str) -> Mapping[str, Any] | None:
    """Return the pattern that an input's id is, as Dash writes it, wildcards as lists; None for a plain id."""
    return json.loads(name) if name.startswith("{") else None


def _matches(given: object, pattern: Mapping[str, Any]) -> bool:
    return (
        isinstance(given, dict)
        and given.keys() == pattern.keys()
        and all(isinstance(wanted, list) or given[name] == wanted for name, wanted in pattern.items())
    )


def _replace(server: FastAPI, path: str, endpoint: Callable[..., Any]) -> None:
    """Put ``endpoint`` in the place of the route that Dash made for ``path``, where it is matched."""
    routes = server.router.routes
    place = next(number for number, route in enumerate(routes) if getattr(route, "path", None) == path)
    made = routes[place]
    methods = list(getattr(made, "methods", None) or ["GET"])
    routes[place] = APIRoute(path, endpoint, methods=methods, include_in_schema=False, response_model=None)
