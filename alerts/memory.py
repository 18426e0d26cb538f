"""What rows remember: a struct of arrays, one entry a row. Made, carried over, written and read here.

Called by ``alerts.table`` and ``alerts.engine``; the worker commits the bytes together with its offsets.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alerts.contract import Column
from ops_center.domain.errors import WireError

Arrays = dict[str, NDArray[Any]]
_MAGIC = b"OPSM"
_HEADER = struct.Struct("<4sI")


class _Array(msgspec.Struct, frozen=True):
    name: str
    dtype: str
    shape: tuple[int, ...]


_ARRAYS = msgspec.json.Decoder(tuple[_Array, ...])


def empty(columns: Mapping[str, Column], rows: int) -> Arrays:
    """Return the memory of ``rows`` rows that have seen nothing."""
    return {name: np.full((rows, *one.width), one.initial, one.dtype) for name, one in columns.items()}


def carry(into: Arrays, to: NDArray[np.intp], source: Mapping[str, NDArray[Any]], rows: NDArray[np.intp]) -> None:
    """Copy the rows ``rows`` of ``source`` to the rows ``to`` of ``into``."""
    for name, column in into.items():
        column[to] = source[name][rows]


def fits(columns: Mapping[str, Column], arrays: Mapping[str, NDArray[Any]]) -> bool:
    """Return whether arrays are the columns of this version of a type: name, dtype and width."""
    return columns.keys() <= arrays.keys() and all(
        arrays[name].dtype == np.dtype(one.dtype) and arrays[name].shape[1:] == one.width
        for name, one in columns.items()
    )


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays as one record."""
    heads = tuple(_Array(name, array.dtype.str, array.shape) for name, array in arrays.items())
    head = msgspec.json.encode(heads)
    bodies = (np.ascontiguousarray(array).tobytes() for array in arrays.values())
    return b"".join((_HEADER.pack(_MAGIC, len(head)), head, *bodies))


def unpack(record: bytes) -> Arrays:
    """Return the arrays of a record, as copies that may be changed; raises WireError."""
    try:
        magic, length = _HEADER.unpack_from(record)
        heads = _ARRAYS.decode(record[_HEADER.size : _HEADER.size + length])
        if magic != _MAGIC:
            raise WireError("not a record of rule memories")
        offset, arrays = _HEADER.size + length, {}
        for one in heads:
            count = int(np.prod(one.shape, dtype=np.int64))
            arrays[one.name] = np.frombuffer(record, one.dtype, count, offset).reshape(one.shape).copy()
            offset += arrays[one.name].nbytes
    except (struct.error, msgspec.DecodeError, ValueError, TypeError) as error:
        raise WireError(f"not a record of rule memories: {error}") from error
    return arrays
