"""What a live worker says to the mirrors at each flush: the rows that changed, with a number that shows gaps.

Binary, little-endian: magic ``OPLN``, version, flags, writer 8 bytes, sequence uint64, saved uint64, time int64,
counts of values and positions and bytes of events, uint32 each; then columns and keys of the values, of the positions,
and the events as JSON. ``saved`` says up to which sequence the blocks hold everything this writer has said.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops_center.domain.errors import WireError
from ops_center.domain.observations import Event, Int32
from ops_center.domain.wire import decode_events, encode_events
from ops_center.live.blocks import columns_from, columns_to_bytes, row_bytes
from ops_center.live.latest import Rows

_HEADER = struct.Struct("<4sBB2x8sQQqIIII")
_VERSION = 1
_RELOAD = 1


def _no_keys() -> Int32:
    return np.empty(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Notice:
    """One flush of one writer, or a part of it."""

    writer: bytes = bytes(8)
    """8 bytes, new at every start of a live worker"""
    sequence: int = 0
    """grows by one with every notice of this writer, from 1"""
    saved: int = 0
    """the blocks hold what this writer said up to this sequence"""
    time_us: int = 0
    """when it was sent"""
    reload: bool = False
    """everything may have changed: read the blocks"""
    value_keys: Int32 = field(default_factory=_no_keys)
    values: Rows = field(default_factory=dict)
    position_keys: Int32 = field(default_factory=_no_keys)
    positions: Rows = field(default_factory=dict)
    events: tuple[Event, ...] = ()


def encode_notice(notice: Notice) -> bytes:
    """Return the notice as one message."""
    events = encode_events(notice.events) if notice.events else b""
    header = _HEADER.pack(
        b"OPLN",
        _VERSION,
        _RELOAD if notice.reload else 0,
        notice.writer,
        notice.sequence,
        notice.saved,
        notice.time_us,
        len(notice.value_keys),
        len(notice.position_keys),
        len(events),
        0,
    )
    values = _table("V", notice.value_keys, notice.values)
    return b"".join((header, values, _table("P", notice.position_keys, notice.positions), events))


def decode_notice(message: bytes) -> Notice:
    """Return the notice of a message; raises WireError for anything else."""
    if len(message) < _HEADER.size:
        raise WireError(f"a notice of {len(message)} bytes is too short for its header")
    magic, version, flags, writer, sequence, saved, time_us, values, positions, events, _ = _HEADER.unpack_from(message)
    ends = _ends(values, positions, events)
    if magic != b"OPLN" or version != _VERSION or len(message) != ends[-1]:
        raise WireError(f"not a notice of version {_VERSION}: {message[:8]!r}, {len(message)} bytes")
    value_keys, value_rows = _read("V", message, values, _HEADER.size)
    position_keys, position_rows = _read("P", message, positions, ends[0])
    happened = decode_events(message[ends[1] :]) if events else ()
    reload = bool(flags & _RELOAD)
    return Notice(
        writer, sequence, saved, time_us, reload, value_keys, value_rows, position_keys, position_rows, happened
    )


def _ends(values: int, positions: int, events: int) -> tuple[int, int, int]:
    after_values = _HEADER.size + values * (4 + row_bytes("V"))
    after_positions = after_values + positions * (4 + row_bytes("P"))
    return after_values, after_positions, after_positions + events


def _table(kind: str, keys: Int32, rows: Rows) -> bytes:
    return columns_to_bytes(kind, rows) + np.ascontiguousarray(keys, np.int32).tobytes() if len(keys) else b""


def _read(kind: str, message: bytes, count: int, start: int) -> tuple[Int32, Mapping[str, NDArray[Any]]]:
    keys = np.frombuffer(message, np.int32, count, start + count * row_bytes(kind))
    return keys, columns_from(kind, message, count, start)
