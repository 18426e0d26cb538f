"""Binary COPY read into arrays: the mirror image of ``copying``. Called by ``history``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from ops_center.store.copying import TIMESTAMPTZ, Shape
from ops_center.store.session import Connection

_HEADER_BYTES = 19
_TRAILER_BYTES = 2
_EPOCH_US = 946_684_800_000_000

_NATIVE = {"i": np.int64, "f": np.float64}


def read_columns(
    connection: Connection, columns: Mapping[str, str], query: str, **values: object
) -> dict[str, NDArray[Any]]:
    """Return the query's columns by name: integers int64, floats float64, times int64 µs since 1970.

    ``columns``: name → kind, as in ``copying``. None of them may be NULL. ``{name}`` in the query are filled with
    ``values`` as literals, since COPY takes no parameters.
    """
    literals = {name: sql.Literal(value) for name, value in values.items()}
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(sql.SQL(query).format(**literals))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        stream = b"".join(bytes(part) for part in copy)
    body = memoryview(stream)[_HEADER_BYTES : len(stream) - _TRAILER_BYTES]
    records = np.frombuffer(body, Shape("", columns).dtype())
    return {name: _native(records[name], kind) for name, kind in columns.items()}


def _native(values: NDArray[Any], kind: str) -> NDArray[Any]:
    native: NDArray[Any] = values.astype(_NATIVE[values.dtype.kind])
    return native + _EPOCH_US if kind == TIMESTAMPTZ else native
