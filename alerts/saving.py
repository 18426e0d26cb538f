"""Memory as bytes and back: rows by rule and subject, so that what was saved fits other rules and another catalog.

Called by both stages; what is read is carried over like the memory of live tables (``alerts.carrying``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from alerts import memory
from alerts.carrying import Kept, meaning
from alerts.clocks import Clocks
from alerts.contract import Leg
from alerts.table import Table
from ops_center.domain.errors import WireError
from ops_center.domain.observations import Int64, UInt8

_CLOCKS, _MEMBERS = "clocks", "members"
_OF_CLOCKS = ("newest_us", "alive_us", "seen_us", "heard_us")
_OF_MEMBERS = ("subject", "mask", "last_us")
Arrays3 = tuple[Int64, UInt8, Int64]


class _RuleRows(msgspec.Struct, frozen=True):
    rule: str
    type: str
    meaning: dict[str, Any]
    first: int
    count: int


class _TableHead(msgspec.Struct, frozen=True):
    rules: list[_RuleRows]


class _ClockHead(msgspec.Struct, frozen=True):
    feeds: list[str]


class _LegHead(msgspec.Struct, frozen=True):
    rule: str
    level: int


def dump(
    tables: Iterable[Table],
    feeds: Sequence[str] = (),
    clocks: Clocks | None = None,
    members: Mapping[Leg, Arrays3] | None = None,
) -> bytes:
    """Return the memory of tables, how far the clocks have come, and which members stand."""
    found: dict[str, NDArray[Any]] = {}
    for number, table in enumerate(tables):
        found[f"{number}/head"] = _text(_TableHead([_rows(table, n) for n in range(len(table.rules))]))
        found[f"{number}/subject"] = table.subject
        found |= {f"{number}/memory/{name}": column for name, column in table.memory.items()}
    if clocks is not None:
        found[f"{_CLOCKS}/head"] = _text(_ClockHead(list(feeds)))
        found |= {f"{_CLOCKS}/{name}": getattr(clocks, name) for name in _OF_CLOCKS}
    for number, (leg, arrays) in enumerate((members or {}).items()):
        found[f"{_MEMBERS}/{number}/leg"] = _text(_LegHead(leg.rule, leg.level))
        columns: tuple[NDArray[Any], ...] = arrays
        found |= {f"{_MEMBERS}/{number}/{name}": one for name, one in zip(_OF_MEMBERS, columns, strict=True)}
    return memory.pack(found)


def load(record: bytes, feeds: Sequence[str] = (), clocks: Clocks | None = None) -> dict[str, Kept]:
    """Return rule → its rows, and set ``clocks`` to how far they had come. Raises WireError."""
    arrays = memory.unpack(record)
    try:
        if clocks is not None:
            _set(clocks, feeds, arrays)
        heads = [name.removesuffix("/head") for name in arrays if name.endswith("/head")]
        return {rule: kept for number in heads if number != _CLOCKS for rule, kept in _kept(number, arrays)}
    except (KeyError, IndexError, ValueError, msgspec.DecodeError) as error:
        raise WireError(f"not a record of rule memories: {error!r}") from error


def load_members(record: bytes) -> dict[Leg, Arrays3]:
    """Return leg → subjects, mask and last times of its members. Raises WireError."""
    arrays = memory.unpack(record)
    try:
        numbers = [name.removesuffix("/leg") for name in arrays if name.endswith("/leg")]
        heads = [msgspec.json.decode(arrays[f"{number}/leg"].tobytes(), type=_LegHead) for number in numbers]
        columns = [(arrays[f"{n}/subject"], arrays[f"{n}/mask"], arrays[f"{n}/last_us"]) for n in numbers]
    except (KeyError, msgspec.DecodeError) as error:
        raise WireError(f"not a record of rule memories: {error!r}") from error
    return {Leg(head.rule, head.level): one for head, one in zip(heads, columns, strict=True)}


def _rows(table: Table, number: int) -> _RuleRows:
    rule, rows = table.rules[number], table.rows_of(number)
    first = int(rows[0]) if len(rows) else 0
    return _RuleRows(rule.name, rule.type.name, dict(meaning(rule)), first, len(rows))


def _kept(number: str, arrays: Mapping[str, NDArray[Any]]) -> Iterable[tuple[str, Kept]]:
    prefix = f"{number}/memory/"
    columns = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    head = msgspec.json.decode(arrays[f"{number}/head"].tobytes(), type=_TableHead)
    for one in head.rules:
        rows = np.arange(one.first, one.first + one.count)
        yield one.rule, Kept(one.type, one.meaning, arrays[f"{number}/subject"][rows], rows, columns)


def _set(clocks: Clocks, feeds: Sequence[str], arrays: Mapping[str, NDArray[Any]]) -> None:
    head = msgspec.json.decode(arrays[f"{_CLOCKS}/head"].tobytes(), type=_ClockHead)
    known = [(place, feeds.index(feed)) for place, feed in enumerate(head.feeds) if feed in feeds]
    before, now = [-1, *(place for place, _ in known)], [-1, *(place for _, place in known)]
    for name in _OF_CLOCKS:
        saved = arrays[f"{_CLOCKS}/{name}"]
        array = np.zeros((*saved.shape[:-1], len(feeds) + 1), np.int64)
        array[..., now] = saved[..., before]
        setattr(clocks, name, array)


def _text(head: msgspec.Struct) -> NDArray[np.uint8]:
    return np.frombuffer(msgspec.json.encode(head), np.uint8)
