"""What the book remembers beside the alarms themselves, and as bytes: constant for each alarm, forgotten soon after.

The newest word about each channel, so that what is delivered again or late changes nothing; the last raises, by which
chattering is found; alarms closed a short while ago, which open again; the flood.
"""

from __future__ import annotations

import zlib
from dataclasses import fields
from typing import Any, NamedTuple

import msgspec

from alerts.alarm import Alarm
from alerts.flood import Flood
from ops_center.domain.errors import WireError

MOST_RECENT = 5000
"""alarms closed a short while ago that are kept over a restart, the newest"""
_MOST_BYTES = 64 * 2**20


class Key(NamedTuple):
    """What makes an alarm the same: one rule over one subject."""

    rule: str
    subject_kind: int
    subject: int


class Word(NamedTuple):
    """The newest onset of a channel that is known to be over, and when that was heard."""

    onset_us: int
    heard_us: int


class Memory(msgspec.Struct, array_like=True):
    """Everything as it is written."""

    words: list[tuple[Key, dict[str, Word]]]
    raises: list[tuple[Key, list[int]]]
    """phenomenon times of the last raises"""
    closed: list[Alarm]
    lines: list[tuple[int, int]]
    """(time, alarm) of the last lines"""
    flood: Flood | None
    form: int = 1


_NAMES = [field.name for field in fields(Alarm)]


class _Written(msgspec.Struct, array_like=True):
    """Alarms as columns of values: names once."""

    names: list[str]
    alarms: list[list[Any]]
    rest: Memory


def dump(memory: Memory) -> bytes:
    """Return it as bytes."""
    rows = [[getattr(alarm, name) for name in _NAMES] for alarm in memory.closed[-MOST_RECENT:]]
    rest = msgspec.structs.replace(memory, closed=[])
    return zlib.compress(msgspec.msgpack.encode(_Written(_NAMES, rows, rest)), 1)


def load(record: bytes) -> Memory:
    """Return what :func:`dump` wrote. Raises WireError."""
    try:
        whole = zlib.decompressobj().decompress(record, _MOST_BYTES)
        written = msgspec.msgpack.decode(whole, type=_Written)
        closed = [msgspec.convert(dict(zip(written.names, row, strict=True)), Alarm) for row in written.alarms]
    except (zlib.error, msgspec.DecodeError, ValueError, RecursionError, TypeError) as error:
        raise WireError(f"not a book's memory: {error}") from error
    return msgspec.structs.replace(written.rest, closed=closed)
