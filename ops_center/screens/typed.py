"""A callback's arguments come from whoever can send a request: it gets them in the types that it declares, or not.

``_show(picked: Picked | None, ticks: int | None)`` is called with a Picked (a msgspec.Struct) or None, and with a whole
number or None, whatever was sent; an argument of type ``object`` is passed on as it is. Called by ``callbacks``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, get_type_hints

import msgspec
from fastapi import HTTPException


def typed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``function``, which is then only called with what it declares; else HTTPException 422."""
    hints = get_type_hints(function, include_extras=True)
    kinds = [hints.get(name, object) for name in inspect.signature(function).parameters]

    @wraps(function)
    def called(*arguments: Any) -> Any:
        return function(*map(_as, arguments, kinds))

    return called


def _as(value: object, kind: Any) -> Any:
    if kind is object or kind is Any:
        return value
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, UnicodeError, OverflowError):
        raise HTTPException(422, "not what this callback takes") from None
