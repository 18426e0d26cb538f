"""Which partition a key belongs to: the same on every bus, and the same as for Kafka's own clients.

murmur2 as in org.apache.kafka.common.utils.Utils (Apache Kafka), so that outside producers with any Kafka client
and ours agree where a thing's records go.
"""

from __future__ import annotations

from functools import lru_cache

from ops_center.domain.errors import BusError
from ops_center.domain.messages import Outgoing

_M = 0x5BD1E995
_MASK = 0xFFFFFFFF
_SEED = 0x9747B28C


def chosen_partition(record: Outgoing, partitions: int) -> int:
    """Return where a record goes: where it says, else where its key says. Raises BusError for a place that isn't."""
    if record.partition is None:
        return partition_of(record.key, partitions)
    if not 0 <= record.partition < partitions:
        raise BusError(f"there is no partition {record.partition}: the topic has {partitions}")
    return record.partition


@lru_cache(maxsize=200_000)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of ``key``; devices repeat theirs, so each is hashed once."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Return the 32-bit murmur2 hash of ``data`` as an unsigned number."""
    length = len(data)
    h = (_SEED ^ length) & _MASK
    for at in range(0, length - 3, 4):
        k = int.from_bytes(data[at : at + 4], "little") * _M & _MASK
        k = (k ^ k >> 24) * _M & _MASK
        h = (h * _M & _MASK) ^ k
    tail = data[length & ~3 :]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    return h ^ h >> 15
