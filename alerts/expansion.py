"""Rules × catalog → tables of rows: which rows there are, what reaches them, and what they keep of the rows before.

Called by ``alerts.engine`` whenever rules or the catalog change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts import memory, standing
from alerts.contract import NEVER_US, Column, RuleType, SubjectKind, Subjects
from alerts.quantities import factor
from alerts.rule import Rule
from alerts.scope import Columns
from alerts.subjects import CITY, district, feed, group_key
from alerts.table import MOVING, Inputs, Table
from ops_center.domain.observations import Float64, Int32, Int64
from ops_center.domain.time import SECOND_US

WALL = -1
_NOWHERE = {"longitude": Column(np.float64, np.nan), "latitude": Column(np.float64, np.nan)}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The rows of one rule, n of them, and what reaches them, m inputs."""

    rule: Rule
    subject_kind: SubjectKind
    subject: Int64
    """int64[n], ascending, each once"""
    scale: Float64
    """float64[n]: by what a value is multiplied to be in the rule's unit"""
    clock: Int32
    interval_s: Float64
    key: Int64
    """int64[m]: input keys"""
    row: NDArray[np.intp]
    """int[m]: row within the part"""
    code: Int32
    left_out: int = 0
    """datastreams of the scope whose unit measures something else"""


def first_stage(rule: Rule, columns: Columns, feeds: Sequence[str]) -> Part:
    """Return the rows of a rule over what is observed; ``feeds`` are the clocks."""
    if rule.scope.subject == "feed":
        return _of_feeds(rule, columns, feeds)
    if rule.type.source == "observations":
        return _of_streams(rule, columns, feeds)
    return _of_things(rule, columns, feeds)


def subjects_of(columns: Columns, places: NDArray[np.intp], subject: str) -> tuple[SubjectKind, Int64]:
    """Return kind and keys of what the things at ``places`` are, for a rule about ``subject``."""
    if subject == "thing":
        return SubjectKind.THING, columns.thing[places]
    words = columns.things["district"]
    names = [district(code) for code in words.words] if subject == "district" else [CITY] * len(words.words)
    keys = np.array([group_key(name) for name in names], np.int64)
    return SubjectKind.GROUP, keys[words.number[places]] if len(keys) else np.empty(0, np.int64)


def _of_streams(rule: Rule, columns: Columns, feeds: Sequence[str]) -> Part:
    places = columns.streams_of(rule.scope)
    factors = _factors(rule, columns, places)
    fit = np.isfinite(factors)
    places, factors, left_out = places[fit], factors[fit], int(len(fit) - fit.sum())
    if rule.scope.subject == "datastream":
        kind, subjects = SubjectKind.DATASTREAM, columns.stream[places]
    else:
        kind, subjects = subjects_of(columns, columns.owner[places], rule.scope.subject)
    clock = _clock(columns.streams["feed"].words, feeds)[columns.streams["feed"].number[places]]
    intervals = columns.interval_s[places]
    return joined(rule, kind, subjects, factors, clock, intervals, columns.stream[places], left_out=left_out)


def _of_things(rule: Rule, columns: Columns, feeds: Sequence[str]) -> Part:
    places = columns.things_of(rule.scope)
    kind, subjects = subjects_of(columns, places, rule.scope.subject)
    words = columns.things["feed"]
    moving = rule.type.source == "positions"
    clock = _clock(words.words, feeds)[words.number[places]] if moving else np.full(len(places), WALL, np.int32)
    speed = factor("m/s", rule.parameters.unit) if moving and hasattr(rule.parameters, "unit") else 1.0
    scale = np.full(len(places), np.nan if speed is None else speed)
    fit = np.isfinite(scale)
    nothing = np.full(int(fit.sum()), np.nan)
    left_out = int(len(fit) - fit.sum())
    return joined(
        rule, kind, subjects[fit], scale[fit], clock[fit], nothing, columns.thing[places[fit]], left_out=left_out
    )


def _of_feeds(rule: Rule, columns: Columns, feeds: Sequence[str]) -> Part:
    names = [name for name in columns.feeds_of(rule.scope) if name in feeds]
    size = len(names)
    subjects = np.array([group_key(feed(name)) for name in names], np.int64)
    keys = np.array([feeds.index(name) for name in names], np.int64)
    clock = np.full(size, WALL, np.int32)
    return joined(rule, SubjectKind.GROUP, subjects, np.ones(size), clock, np.full(size, np.nan), keys)


def joined(  # noqa: PLR0913, PLR0917 - the columns of the inputs
    rule: Rule,
    kind: SubjectKind,
    subjects: Int64,
    scale: Float64,
    clock: Int32,
    interval_s: Float64,
    keys: Int64,
    codes: Int32 | None = None,
    left_out: int = 0,
) -> Part:
    """Return m inputs as the rows of their subjects; the interval of a row is the shortest of its inputs."""
    unique, first, row = np.unique(subjects, return_index=True, return_inverse=True)
    shortest = np.full(len(unique), np.inf)
    np.fmin.at(shortest, row, interval_s)
    shortest[~np.isfinite(shortest)] = np.nan
    code = np.zeros(len(keys), np.int32) if codes is None else codes
    return Part(rule, kind, unique, scale[first], clock[first], shortest, keys, row.astype(np.intp), code, left_out)


def _factors(rule: Rule, columns: Columns, places: NDArray[np.intp]) -> Float64:
    """Return by what values are multiplied, NaN where a unit can't be converted; 1 for rules that have no unit."""
    words, unit = columns.streams["unit"], getattr(rule.parameters, "unit", None)
    if unit is None or not words.words:
        return np.ones(len(places))
    known = [factor(word, unit) for word in words.words]
    found: Float64 = np.array([np.nan if one is None else one for one in known])[words.number[places]]
    return found


def _clock(words: Sequence[str], feeds: Sequence[str]) -> Int32:
    return np.array([feeds.index(word) if word in feeds else WALL for word in words], np.int32)


def make_table(type_: RuleType, parts: Sequence[Part]) -> Table:
    """Return the parts of rules of one type as one table, its memory empty."""
    sizes = np.array([len(part.subject) for part in parts], np.int64)
    begins = np.cumsum(sizes) - sizes
    rows = [part.row + begin for part, begin in zip(parts, begins.tolist(), strict=True)]
    return Table(
        type_,
        tuple(part.rule for part in parts),
        np.repeat(np.arange(len(parts), dtype=np.int32), sizes),
        np.repeat(np.array([part.subject_kind for part in parts], np.uint8), sizes),
        _joined([part.subject for part in parts], np.int64),
        _joined([part.clock for part in parts], np.int32),
        _parameters(parts, sizes),
        memory.empty(memory_columns(type_), int(sizes.sum())),
        Inputs.of(
            _joined([part.key for part in parts], np.int64),
            _joined(rows, np.intp),
            _joined([part.code for part in parts], np.int32),
        ),
    )


def memory_columns(type_: RuleType) -> Mapping[str, Column]:
    """Return everything that rows of a type remember."""
    own = dict(type_.memory)
    if type_.source in MOVING:
        own |= _NOWHERE
    if type_.source == "conditions":
        own["standing"] = Column(np.int32, 0, (8,))
    return {**standing.columns(len(type_.channels)), **own}


def _parameters(parts: Sequence[Part], sizes: Int64) -> Mapping[str, NDArray[Any]]:
    """Return the parameters of all rules as arrays by row."""
    numbers = [_numbers(part) for part in parts]
    found = {
        name: _joined([np.broadcast_to(one[name], (size,)) for one, size in zip(numbers, sizes.tolist(), strict=True)])
        for name in (numbers[0] if numbers else ())
    }
    return {**found, "rule": np.repeat(np.arange(len(parts), dtype=np.int32), sizes)}


def _numbers(part: Part) -> Mapping[str, Any]:
    common = part.rule.parameters
    gap = NEVER_US if common.max_gap_s is None else round(common.max_gap_s * SECOND_US)
    return {
        "scale": part.scale,
        "skipped": np.uint8(common.skipped),
        "on_delay_us": np.int64(round(common.on_delay_s * SECOND_US)),
        "off_delay_us": np.int64(round(common.off_delay_s * SECOND_US)),
        "max_gap_us": np.int64(gap),
        **{name: _array(value) for name, value in part.rule.type.columns(common, Subjects(part.interval_s)).items()},
    }


def _array(value: Any) -> Any:
    """Return what can't be a number (an outline) as a cell that holds it."""
    if isinstance(value, (int, float, np.generic, np.ndarray)):
        return value
    cell = np.empty((), object)
    cell[()] = value
    return cell


def _joined(arrays: Iterable[NDArray[Any]], dtype: Any = None) -> NDArray[Any]:
    arrays = list(arrays)
    joined = np.concatenate(arrays) if arrays else np.empty(0, dtype)
    return joined if dtype is None else joined.astype(dtype, copy=False)
