"""From verdicts to transitions: the part that all rule types share, written once.

Each (row, channel) is a timed automaton. Its *verdict* (``beyond``) is what the judge said last; ``on`` is whether the
condition stands. A verdict that has stood for the on-delay (off-delay) becomes the condition. A verdict may end by
itself (``until_us``). Between two observations the last verdict holds, so that the transitions and their times are a
function of the observations alone: a tick only makes known earlier what the next observation would have shown.
Called by ``alerts.table``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.contract import NEVER_US, Column, Flags, Verdict
from ops_center.domain.observations import Float64, Int64

Arrays = Mapping[str, NDArray[Any]]
Rows = NDArray[np.intp]

DELAYS = ("on_delay_us", "off_delay_us", "max_gap_us")
"""columns of the parameters that are read here"""


def columns(channels: int) -> Mapping[str, Column]:
    """Return what every type remembers of each row."""
    each = (channels,)
    return {
        "time_us": Column(np.int64),
        "value": Column(np.float64),
        "beyond": Column(np.bool_, False, each),
        "since_us": Column(np.int64, 0, each),
        "until_us": Column(np.int64, NEVER_US, each),
        "limit": Column(np.float64, 0.0, each),
        "on": Column(np.bool_, False, each),
        "onset_us": Column(np.int64, 0, each),
    }


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """m transitions of one kind."""

    row: Rows
    channel: Rows
    entered: bool
    time_us: Int64
    onset_us: Int64
    value: Float64
    limit: Float64


def due(parameters: Arrays, memory: Arrays, before_us: Int64, alive_us: Int64 | None) -> Rows:
    """Return the rows of which something becomes known as time passes up to ``before_us``, int64[all rows]."""
    ends = memory["beyond"] & (memory["until_us"] < before_us[:, None])
    pending = memory["beyond"] != memory["on"]
    delay = np.where(memory["on"], parameters["off_delay_us"][:, None], parameters["on_delay_us"][:, None])
    passed = pending & (_since(memory["since_us"], alive_us) + delay < before_us[:, None])
    return np.flatnonzero((ends | passed).any(axis=1))


def settle(
    parameters: Arrays, memory: Arrays, rows: Rows, before_us: Int64, alive_us: Int64 | None = None
) -> Iterator[Found]:
    """Yield what happened by itself strictly before ``before_us``, int64[n], in each of ``rows``.

    ``alive_us``, of rows whose on-delay starts anew with each observation: since when their feed brings anything.
    """
    beyond, on, until = memory["beyond"][rows], memory["on"][rows], memory["until_us"][rows]
    since = _since(memory["since_us"][rows], None if alive_us is None else alive_us)
    horizon = _horizon(parameters, memory, rows)
    limit_us = before_us[:, None]

    when = since + parameters["on_delay_us"][rows][:, None]
    enters = beyond & ~on & (when < limit_us) & (when < until) & (when <= horizon)
    if enters.any():
        yield _turn(memory, rows, enters, when, True)
        on = on | enters
    ends = beyond & (until < limit_us)
    if ends.any():
        beyond, since = beyond & ~ends, np.where(ends, until, since)
        memory["beyond"][rows], memory["since_us"][rows] = beyond, since
    when = since + parameters["off_delay_us"][rows][:, None]
    leaves = ~beyond & on & (when < limit_us)
    if leaves.any():
        yield _turn(memory, rows, leaves, when, False)


def observe(
    parameters: Arrays, memory: Arrays, rows: Rows, time_us: Int64, verdict: Verdict, *, anew: bool = False
) -> Iterator[Found]:
    """Yield what a verdict at ``time_us`` turns at once; everything before it must be settled."""
    before, beyond = memory["beyond"][rows], verdict.beyond
    if anew:
        beyond = np.zeros_like(before)
    now = time_us[:, None]
    lapsed = now > _horizon(parameters, memory, rows)
    on = memory["on"][rows]
    since = np.where((beyond != before) | (lapsed & beyond & ~on), now, memory["since_us"][rows])
    memory["time_us"][rows], memory["value"][rows], memory["limit"][rows] = time_us, verdict.value, verdict.limit
    memory["beyond"][rows], memory["since_us"][rows] = beyond, since
    memory["until_us"][rows] = NEVER_US if verdict.until_us is None else verdict.until_us
    for entered, delay in ((True, "on_delay_us"), (False, "off_delay_us")):
        when = since + parameters[delay][rows][:, None]
        turns = (beyond & ~on if entered else ~beyond & on) & (when <= now)
        if turns.any():
            yield _turn(memory, rows, turns, when, entered)
    if anew:
        memory["beyond"][rows], memory["since_us"][rows] = True, now


def _since(since: Int64, alive_us: Int64 | None) -> Int64:
    return since if alive_us is None else np.maximum(since, alive_us[:, None])


def _horizon(parameters: Arrays, memory: Arrays, rows: Rows) -> Int64:
    """Return until when a condition can be entered without another observation, int64[n, 1]."""
    horizon: Int64 = memory["time_us"][rows] + parameters["max_gap_us"][rows]
    return horizon[:, None]


def _turn(memory: Arrays, rows: Rows, turns: Flags, when: Int64, entered: bool) -> Found:
    """Remember that the condition is entered or left where ``turns``, and return it."""
    place, channel = np.nonzero(turns)
    row, at = rows[place], when[place, channel]
    memory["on"][row, channel] = entered
    if entered:
        memory["onset_us"][row, channel] = at
    np.maximum.at(memory["time_us"], row, at)
    onset = memory["onset_us"][row, channel]
    return Found(row, channel, entered, at, onset, memory["value"][row], memory["limit"][row, channel])
