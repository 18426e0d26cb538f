"""Request bodies that are ``msgspec`` structures of a service: read by it, described to FastAPI by the same schema."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import Body
from pydantic import PlainValidator, WithJsonSchema

from ops_center.api.parameters import whole


def body_of(kind: Any) -> tuple[Any, ...]:
    """Return what annotates a body that is read as ``kind``, a structure or a union of tagged ones."""

    def read(value: object) -> object:
        try:
            return msgspec.convert(_whole(value), kind)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None

    return Body(), PlainValidator(read), WithJsonSchema(_schema_of(kind))


def _whole(value: object) -> object:
    """Do as ``whole`` does with every number in it."""
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {name: _whole(one) for name, one in value.items()} if isinstance(value, dict) else whole(value)


def _schema_of(kind: Any) -> dict[str, Any]:
    """Return the JSON schema in one piece: the document's own components know nothing of it."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="{name}")
    whole: dict[str, Any] = _inlined(schema, components)
    return whole


def _inlined(schema: Any, components: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_inlined(one, components) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(components[schema["$ref"]], components)
    # Which alternative is meant is told by the constant of its tag: a mapping of names would lead nowhere.
    return {name: _inlined(one, components) for name, one in schema.items() if name != "discriminator"}
