"""Many records in one stream entry: what Kafka calls a record batch, for Redis Streams.

One entry per record costs more than the record (an id, a listpack cell, a command); devices' messages are small.
Little-endian: count uint32, then key and value length uint32 of each record, then all keys and values in turn.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from ops_center.domain.errors import WireError

_COUNT = struct.Struct("<I")


def pack(records: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return (key, value) pairs as the body of one entry."""
    lengths = [length for key, value in records for length in (len(key), len(value))]
    head = struct.pack(f"<{1 + len(lengths)}I", len(records), *lengths)
    return head + b"".join([part for record in records for part in record])


def unpack(entry: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Return an iterator over the (key, value) pairs of an entry; raises WireError before the first if it is none."""
    if len(entry) < _COUNT.size:
        raise WireError(f"a stream entry of {len(entry)} bytes has no count")
    (count,) = _COUNT.unpack_from(entry)
    start = _COUNT.size * (1 + 2 * count)
    if start > len(entry):
        raise WireError(f"a stream entry of {len(entry)} bytes can't hold {count} records")
    lengths = struct.unpack_from(f"<{2 * count}I", entry, _COUNT.size)
    if start + sum(lengths) != len(entry):
        raise WireError(f"a stream entry of {len(entry)} bytes doesn't add up to its {count} records")
    return _slices(entry, start, lengths)


def _slices(entry: bytes, at: int, lengths: tuple[int, ...]) -> Iterator[tuple[bytes, bytes]]:
    pairs = iter(lengths)
    for key_length, value_length in zip(pairs, pairs, strict=True):
        middle = at + key_length
        end = middle + value_length
        yield entry[at:middle], entry[middle:end]
        at = end
