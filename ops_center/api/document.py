"""The OpenAPI document: what FastAPI makes of the routes, and what is true of every one of them.

Every operation may be refused before its route is asked, and every refusal has one form: said once here. Called by
``app``; tests/fuzz/test_openapi.py compares it with what the center answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field

from ops_center.api.access import flat
from ops_center.domain.rights import declared_rights

_MEDIA = "application/problem+json"
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_ALWAYS: Mapping[int, str] = {
    401: "not signed in, or a token that is not good (any more)",
    403: "your roles do not allow this, or the request came from another site",
    404: "not there, or nothing that you may see",
    414: "the address is too long",
    429: "too many requests; again after `Retry-After` seconds",
    503: "the database, the log or the cache does not answer; again after `Retry-After` seconds",
}
_CHANGING: Mapping[int, str] = {
    400: "a body that is no JSON",
    409: "somebody else was there first",
    413: "a body beyond the limit",
}
_ASKING: Mapping[int, str] = {422: "not a valid request (`faults` names where), or the catalog refuses it"}
_TOKEN = {"type": "http", "scheme": "bearer", "description": "an API token, `ops_a_…` (`run.py user`, people page)"}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    where: list[str | int]
    what: str


class Problem(BaseModel):
    """Every error of the center (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    faults: list[Fault] = Field(default=[], description="of a request that is not valid")


def describe(app: FastAPI) -> None:
    """Let the application's document say what may be refused, how, and what opens it."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(made(), _open_paths(app))
        assert app.openapi_schema is not None  # noqa: S101 - made a line above
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _open_paths(app: FastAPI) -> frozenset[str]:
    """Return the addresses that answer everybody."""
    declared = ((getattr(r, "path", ""), declared_rights(getattr(r, "endpoint", None))) for r in flat(app.routes))
    return frozenset(path for path, rights in declared if rights is not None and rights.anonymous)


def _complete(document: dict[str, Any], is_open: frozenset[str]) -> None:
    components = document.setdefault("components", {})
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update({**schema.pop("$defs"), "Problem": schema})
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = {"token": _TOKEN}
    for path, method, operation in _operations(document):
        operation["security"] = [] if path in is_open else [{"token": []}]
        for status, why in _refusals(method, operation):
            known = operation["responses"].get(str(status), {})
            content = {} if status == 422 else known.get("content", {})
            operation["responses"][str(status)] = {"description": why, "content": {**content, _MEDIA: _REFERENCE}}


_REFERENCE = {"schema": {"$ref": "#/components/schemas/Problem"}}


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        yield from ((path, method, operation) for method, operation in methods.items() if method in _METHODS)


def _refusals(method: str, operation: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    yield from _ALWAYS.items()
    if method != "get":
        yield from _CHANGING.items()
    if "requestBody" in operation or operation.get("parameters"):
        yield from _ASKING.items()
