"""Packed blocks: 4,096 rows of latest values as one binary value in Redis.

One command per value would cap the whole path at some 100,000 values a second; a block is one command. Layout,
little-endian: magic ``OPLB``, version, kind (``V`` values, ``P`` positions), rows uint16, CRC-32 of everything behind
it uint32, four zero bytes, stamp 16 bytes, then the columns one after another. The stamp is new with every save; a
writer replaces a block only if it carries the stamp it knows (``saving.py``), so that two never overwrite each other.
"""

from __future__ import annotations

import secrets
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.errors import WireError
from ops_center.live.latest import Rows, columns_of
from ops_center.live.port import LatestPositions, LatestValues

BLOCK_ROWS = 4096
STAMP_BYTES = slice(16, 32)
_VERSION = 1
_HEADER = struct.Struct("<4sBcHI4x")
_DTYPES: dict[str, dict[str, np.dtype[Any]]] = {
    kind: {name: getattr(latest, name).dtype for name in columns_of(latest)}
    for kind, latest in (("V", LatestValues()), ("P", LatestPositions()))
}


def new_stamp() -> bytes:
    """Return 16 bytes that no other save has."""
    return secrets.token_bytes(16)


def row_bytes(kind: str) -> int:
    """Return how many bytes a row of this kind takes in a block."""
    return sum(dtype.itemsize for dtype in _DTYPES[kind].values())


def encode_block(kind: str, rows: Rows, stamp: bytes) -> bytes:
    """Return a block of ``rows`` (all columns, one length)."""
    body = stamp + columns_to_bytes(kind, rows)
    return _HEADER.pack(b"OPLB", _VERSION, kind.encode(), len(rows["time_us"]), zlib.crc32(body)) + body


def decode_block(kind: str, block: bytes) -> tuple[bytes, Rows]:
    """Return stamp and rows of a block, the rows views into it; raises WireError for anything else."""
    start = STAMP_BYTES.stop
    if len(block) < start:
        raise WireError(f"a block of {len(block)} bytes is too short for its header")
    magic, version, found, count, crc = _HEADER.unpack_from(block)
    if magic != b"OPLB" or version != _VERSION or found != kind.encode():
        raise WireError(f"not a block of kind {kind}, version {_VERSION}: {block[:8]!r}")
    if len(block) != start + count * row_bytes(kind) or zlib.crc32(block[STAMP_BYTES.start :]) != crc:
        raise WireError(f"a damaged block of {len(block)} bytes, {count} rows")
    return block[STAMP_BYTES], columns_from(kind, block, count, start)


def columns_to_bytes(kind: str, rows: Rows) -> bytes:
    """Return the columns one after another, in the fixed order of their kind."""
    return b"".join(np.ascontiguousarray(rows[name], dtype).tobytes() for name, dtype in _DTYPES[kind].items())


def columns_from(kind: str, packed: bytes, count: int, start: int) -> dict[str, NDArray[Any]]:
    """Return ``count`` rows that begin at byte ``start``, as views into ``packed``."""
    columns = {}
    for name, dtype in _DTYPES[kind].items():
        columns[name] = np.frombuffer(packed, dtype, count, start)
        start += count * dtype.itemsize
    return columns
