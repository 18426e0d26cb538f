"""The canonical record: what travels between intake and everybody behind it.

Columnar, in two forms of one meaning: JSON for people and outsiders, binary for the hot path. Called by
intake (encode) and by the writer, the live worker and the rules worker (decode).

Binary: magic ``OPS1``, kind byte, then little-endian header (n uint32, received µs int64) and the arrays one
after another in the order of the batch's fields. n is checked against the length before anything is read.
"""

from __future__ import annotations

import struct
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ops_center.domain.errors import WireError
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch

MAGIC = b"OPS1"
_HEADER = struct.Struct("<4sc3xI4xq")
_OBSERVATIONS = (b"O", (np.int64, np.float64, np.int64, np.int32, np.uint8))
_POSITIONS = (b"P", (np.int64, np.float64, np.float64, np.float64, np.float64, np.int32, np.uint8))
_EVENT_DECODER = msgspec.json.Decoder(list[Event])


def encode_observations(batch: ObservationBatch) -> bytes:
    """Return the batch as one binary record (29 bytes an observation)."""
    columns = (batch.phenomenon_time_us, batch.result, batch.result_time_us, batch.datastream, batch.quality)
    return _encode(_OBSERVATIONS, columns, batch.received_us)


def decode_observations(record: bytes) -> ObservationBatch:
    """Return the batch of a binary record, its arrays views into ``record``; raises WireError."""
    received_us, (times, results, result_times, datastreams, qualities) = _decode(_OBSERVATIONS, record)
    return ObservationBatch(datastreams, times, results, qualities, result_times, received_us)


def encode_positions(batch: PositionBatch) -> bytes:
    """Return the batch as one binary record (45 bytes a fix)."""
    columns = (
        batch.phenomenon_time_us,
        batch.longitude,
        batch.latitude,
        batch.speed_mps,
        batch.heading_deg,
        batch.thing,
        batch.quality,
    )
    return _encode(_POSITIONS, columns, batch.received_us)


def decode_positions(record: bytes) -> PositionBatch:
    """Return the batch of a binary record, its arrays views into ``record``; raises WireError."""
    received_us, (times, longitudes, latitudes, speeds, headings, things, qualities) = _decode(_POSITIONS, record)
    return PositionBatch(things, times, longitudes, latitudes, speeds, headings, qualities, received_us)


def encode_events(events: tuple[Event, ...]) -> bytes:
    """Return events as one JSON array."""
    return msgspec.json.encode(events)


def decode_events(record: bytes) -> tuple[Event, ...]:
    """Return the events of one record; raises WireError."""
    try:
        return tuple(_EVENT_DECODER.decode(record))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"not a record of events: {error}") from error


def _encode(form: tuple[bytes, tuple[Any, ...]], columns: tuple[NDArray[Any], ...], received_us: int) -> bytes:
    kind, types = form
    header = _HEADER.pack(MAGIC, kind, len(columns[0]), received_us)
    arrays = (np.ascontiguousarray(column, dtype) for column, dtype in zip(columns, types, strict=True))
    return b"".join((header, *(array.tobytes() for array in arrays)))


def _decode(form: tuple[bytes, tuple[Any, ...]], record: bytes) -> tuple[int, list[NDArray[Any]]]:
    kind, types = form
    if len(record) < _HEADER.size:
        raise WireError(f"a canonical record of {len(record)} bytes is too short for its header")
    magic, found, count, received_us = _HEADER.unpack_from(record)
    width = sum(np.dtype(dtype).itemsize for dtype in types)
    if magic != MAGIC or found != kind or len(record) != _HEADER.size + count * width:
        raise WireError(f"not a canonical record of kind {kind!r}: {record[:16]!r}, {len(record)} bytes, n {count}")
    arrays = []
    offset = _HEADER.size
    for dtype in types:
        arrays.append(np.frombuffer(record, dtype, count, offset))
        offset += count * np.dtype(dtype).itemsize
    return received_us, arrays
