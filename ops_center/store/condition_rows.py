"""Conditions as rows and back. Called by ``lanes``, which writes them, and by ``conditions``, which reads them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from alerts.conditions import ConditionBatch, Reason, RuleVersion
from ops_center.domain.observations import Float64
from ops_center.domain.time import from_datetime, to_datetime

INSERT = """
INSERT INTO condition (partition, seq, rule, rule_version, subject_kind, subject, channel, level, entered, reason,
                       time, onset, value, limit_value, longitude, latitude)
SELECT %s, %s, * FROM unnest(%s::text[], %s::int[], %s::int[], %s::bigint[], %s::text[], %s::int[], %s::bool[],
                             %s::int[], %s::timestamptz[], %s::timestamptz[], %s::float8[], %s::float8[],
                             %s::float8[], %s::float8[])
ON CONFLICT DO NOTHING
RETURNING rule, subject_kind, subject, channel, onset, entered
"""
STANDING = """
SELECT rule, rule_version, subject_kind, subject, channel, level, onset, value, limit_value FROM condition_standing
"""


def columns(batch: ConditionBatch) -> list[list[Any]]:
    """Return the columns of :data:`INSERT` behind partition and seq."""
    numbers, channels = batch.rule.tolist(), batch.channel.tolist()
    return [
        [batch.rules[number].name for number in numbers],
        [batch.rules[number].version for number in numbers],
        batch.subject_kind.tolist(),
        batch.subject.tolist(),
        [batch.rules[number].channels[channel] for number, channel in zip(numbers, channels, strict=True)],
        batch.level.tolist(),
        batch.entered.astype(bool).tolist(),
        batch.reason.tolist(),
        list(map(to_datetime, batch.time_us.tolist())),
        list(map(to_datetime, batch.onset_us.tolist())),
        batch.value.tolist(),
        batch.limit.tolist(),
        _places(batch.longitude),
        _places(batch.latitude),
    ]


def keys(batch: ConditionBatch) -> list[tuple[str, int, int, str, int, bool]]:
    """Return what the unique key of each row is: its identity, and whether it is entered."""
    entered = batch.entered.astype(bool).tolist()
    return [(*identity, flag) for identity, flag in zip(batch.identities(), entered, strict=True)]


def returned_key(row: Sequence[Any]) -> tuple[str, int, int, str, int, bool]:
    """Return the key of a row that :data:`INSERT` returned."""
    rule, kind, subject, channel, onset, entered = row
    return rule, kind, subject, channel, from_datetime(onset), entered


def standing_batch(rows: Iterable[Sequence[Any]]) -> ConditionBatch:
    """Return rows of :data:`STANDING` as the transitions by which they were entered."""
    found = list(rows)
    codes: dict[tuple[str, int], dict[str, int]] = {}
    for name, version, _, _, code, *_ in found:
        known = codes.setdefault((name, version), {})
        known.setdefault(code, len(known))
    place = {rule: number for number, rule in enumerate(codes)}
    rule = [place[row[0], row[1]] for row in found]
    channel = [codes[row[0], row[1]][row[4]] for row in found]
    size = len(found)
    rest = list(zip(*(row[2:] for row in found), strict=True)) or [()] * 7
    kinds, subjects, _, levels, onsets, values, limits = rest
    onset_us = np.array([from_datetime(onset) for onset in onsets], np.int64)
    nowhere = np.full(size, np.nan)
    return ConditionBatch(
        tuple(RuleVersion(name, version, tuple(known)) for (name, version), known in codes.items()),
        np.array(rule, np.int32),
        np.array(channel, np.uint8),
        np.array(levels, np.uint8),
        np.ones(size, np.uint8),
        np.full(size, Reason.JUDGED, np.uint8),
        np.array(kinds, np.uint8),
        np.array(subjects, np.int64),
        onset_us,
        onset_us,
        np.array(values, np.float64),
        np.array(limits, np.float64),
        nowhere,
        nowhere,
    )


def _places(degrees: Float64) -> list[float | None]:
    return [None if math.isnan(one) else one for one in degrees.tolist()]
