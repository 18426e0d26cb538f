"""Conditions: what rules find, as columnar batches of transitions. Made by ``alerts.table``, read by the book.

A condition is one (rule, subject, channel) from its onset until it is left. Its identity is stable: whatever is
delivered or computed again has the same, so that the book can join what repeats.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, NamedTuple, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from ops_center.domain.errors import WireError
from ops_center.domain.observations import Float64, Int32, Int64, UInt8

MAGIC = b"OPSC"
_HEADER = struct.Struct("<4sII")


class Reason(IntEnum):
    """Why a condition was entered or left."""

    JUDGED = 0
    """observations, or the time that passed without any"""
    WITHDRAWN = 1
    """its rule was edited, disabled or removed, or its subject left the rule's scope: nothing is known any more"""


class Identity(NamedTuple):
    """What tells a condition from all others, for ever."""

    rule: str
    subject_kind: int
    subject: int
    channel: str
    onset_us: int


class RuleVersion(NamedTuple):
    """A rule as a condition names it."""

    name: str
    version: int
    channels: tuple[str, ...]
    """codes of the channels of its type: ``HH``"""


@dataclass(frozen=True, slots=True, eq=False)
class ConditionBatch:
    """n transitions in the order of their times; arrays share one length and are never changed in place."""

    rules: tuple[RuleVersion, ...]
    rule: Int32
    """int32[n], indices into ``rules``"""
    channel: UInt8
    """uint8[n], indices into the rule's channels: the detail code"""
    level: UInt8
    """uint8[n]: 1 to 4, worse is greater"""
    entered: UInt8
    """uint8[n]: 1 entered, 0 left"""
    reason: UInt8
    """uint8[n] of :class:`Reason`"""
    subject_kind: UInt8
    """uint8[n] of ``alerts.contract.SubjectKind``"""
    subject: Int64
    """int64[n]: key of the datastream or thing, or of a group (``alerts.subjects``)"""
    time_us: Int64
    """int64[n]: phenomenon time of the transition, delays included"""
    onset_us: Int64
    """int64[n]: when the condition was entered"""
    value: Float64
    """float64[n], in the rule's unit; never NaN"""
    limit: Float64
    """float64[n]: what was crossed, in the rule's unit; never NaN"""
    longitude: Float64
    latitude: Float64
    """float64[n]: where a moving thing or an event was; NaN where the catalog knows the subject's place"""

    def __len__(self) -> int:
        return len(self.rule)

    @classmethod
    def empty(cls) -> Self:
        """Return a batch of no transitions."""
        return cls((), *(np.empty(0, dtype) for _, dtype in _COLUMNS))

    @classmethod
    def concat(cls, batches: Sequence[ConditionBatch]) -> ConditionBatch:
        """Return the batches as one, in the order of time, rule, subject and channel."""
        batches = [batch for batch in batches if len(batch)]
        if not batches:
            return cls.empty()
        rules = tuple(dict.fromkeys(rule for batch in batches for rule in batch.rules))
        place = {rule: number for number, rule in enumerate(rules)}
        moved = [np.array([place[rule] for rule in batch.rules], np.int32)[batch.rule] for batch in batches]
        rest = (np.concatenate([getattr(batch, name) for batch in batches]) for name, _ in _COLUMNS[1:])
        return cls(rules, np.concatenate(moved), *rest).ordered()

    def ordered(self) -> ConditionBatch:
        """Return it in the order of time, rule, subject and channel, with the rules by name."""
        ranks = sorted(range(len(self.rules)), key=self.rules.__getitem__)
        rank = np.empty(len(ranks), np.int32)
        rank[ranks] = np.arange(len(ranks), dtype=np.int32)
        rule = rank[self.rule]
        order = np.lexsort((self.channel, self.subject, self.subject_kind, rule, self.time_us))
        rest = (getattr(self, name)[order] for name, _ in _COLUMNS[1:])
        return ConditionBatch(tuple(self.rules[number] for number in ranks), rule[order], *rest)

    def take(self, index: NDArray[Any]) -> ConditionBatch:
        """Return the rows of ``index`` (a mask or positions)."""
        return ConditionBatch(self.rules, *(getattr(self, name)[index] for name, _ in _COLUMNS))

    def identities(self) -> Iterator[Identity]:
        """Yield the identity of each row's condition."""
        columns = (self.rule, self.subject_kind, self.subject, self.channel, self.onset_us)
        for number, kind, subject, channel, onset_us in zip(*(column.tolist() for column in columns), strict=True):
            rule = self.rules[number]
            yield Identity(rule.name, kind, subject, rule.channels[channel], onset_us)


_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("rule", np.int32),
    ("channel", np.uint8),
    ("level", np.uint8),
    ("entered", np.uint8),
    ("reason", np.uint8),
    ("subject_kind", np.uint8),
    ("subject", np.int64),
    ("time_us", np.int64),
    ("onset_us", np.int64),
    ("value", np.float64),
    ("limit", np.float64),
    ("longitude", np.float64),
    ("latitude", np.float64),
)
assert [name for name, _ in _COLUMNS] == [field.name for field in fields(ConditionBatch)][1:]  # noqa: S101 - when loaded
_RULES = msgspec.json.Decoder(tuple[RuleVersion, ...])


def encode_conditions(batch: ConditionBatch) -> bytes:
    """Return the batch as one record: magic, n, length of the rules, the rules as JSON, the columns in their order."""
    rules = msgspec.json.encode(batch.rules)
    columns = (np.ascontiguousarray(getattr(batch, name), dtype).tobytes() for name, dtype in _COLUMNS)
    return b"".join((_HEADER.pack(MAGIC, len(batch), len(rules)), rules, *columns))


def decode_conditions(record: bytes) -> ConditionBatch:
    """Return the batch of a record; raises WireError."""
    width = sum(np.dtype(dtype).itemsize for _, dtype in _COLUMNS)
    if len(record) < _HEADER.size:
        raise WireError(f"a record of conditions of {len(record)} bytes is too short for its header")
    magic, count, length = _HEADER.unpack_from(record)
    if magic != MAGIC or len(record) != _HEADER.size + length + count * width:
        raise WireError(f"not a record of conditions: {record[:16]!r}, {len(record)} bytes, n {count}")
    offset = _HEADER.size + length
    try:
        rules = _RULES.decode(record[_HEADER.size : offset])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"not a record of conditions: {error}") from error
    columns = []
    for _, dtype in _COLUMNS:
        columns.append(np.frombuffer(record, dtype, count, offset))
        offset += count * np.dtype(dtype).itemsize
    batch = ConditionBatch(rules, *columns)
    _refuse_strangers(batch)
    return batch


def _refuse_strangers(batch: ConditionBatch) -> None:
    """Raise WireError where a row names a rule or a channel that its record doesn't."""
    sizes = np.array([len(rule.channels) for rule in batch.rules], np.int64)
    known = (batch.rule >= 0) & (batch.rule < len(sizes))
    if not known.all() or (batch.channel >= sizes[batch.rule]).any():
        raise WireError("a record of conditions names a rule or a channel that it doesn't hold")
