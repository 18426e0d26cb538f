"""What of the rows is impossible, and why: vectorised checks, counted once for each observation.

An observation is refused for the first of these that holds: its time can't be read, its datastream is unknown, it is
no number, it is beyond physics, its time lies outside the window. Called by ``columnar``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from feeds.events import Time
from feeds.rows import NO_TIME, Rows, micros
from ops_center.domain.messages import Reject, RejectReason
from ops_center.domain.observations import Float64, Int32, Int64, Quality, UInt8
from ops_center.domain.text import shown
from ops_center.domain.time import DAY_US, MINUTE_US, to_datetime

OLDEST_US = 35 * DAY_US
"""what is older on arrival goes to quarantine: raw observations are kept no longer"""
NEWEST_US = 5 * MINUTE_US
"""what is newer than its arrival by more goes to quarantine: its clock is wrong, and it would hide what follows"""
_REASONS = (
    RejectReason.NOT_DECODABLE,
    RejectReason.UNKNOWN_DATASTREAM,
    RejectReason.NOT_A_NUMBER,
    RejectReason.BEYOND_PHYSICS,
    RejectReason.OUTSIDE_TIME_WINDOW,
)
_UNREADABLE, _UNKNOWN, _NO_NUMBER, _BEYOND, _OUTSIDE = range(5)
_GOOD = len(_REASONS)


class Judge:
    """Collects what is refused, one reject for each (message, reason)."""

    def __init__(self, refused: Iterable[Reject] = ()) -> None:
        self._found: dict[tuple[int, RejectReason], Reject] = {}
        for reject in refused:
            self._add(reject)

    def times(self, rows: Rows, late_after_us: int) -> Verdict:
        """Start judging rows by their times."""
        return Verdict(self, rows, late_after_us)

    def event_time(self, time: Time, arrived_us: int) -> tuple[int, RejectReason | None]:
        """Return the time of an event and why it is refused, if it is."""
        found = micros(time)
        if found == NO_TIME:
            return found, RejectReason.NOT_DECODABLE
        inside = arrived_us - OLDEST_US <= found <= arrived_us + NEWEST_US
        return found, None if inside else RejectReason.OUTSIDE_TIME_WINDOW

    def refuse(self, message: int, reason: RejectReason, detail: str, count: int = 1) -> None:
        """Note that ``count`` observations, fixes or events of a message are refused."""
        self._add(Reject(message, reason, count, shown(detail)))

    def rejects(self) -> tuple[Reject, ...]:
        """Return everything refused, by message."""
        return tuple(sorted(self._found.values(), key=lambda reject: reject.message))

    def _add(self, reject: Reject) -> None:
        place = (reject.message, reject.reason)
        known = self._found.get(place)
        if known is not None:
            reject = Reject(reject.message, reject.reason, known.count + reject.count, known.detail)
        self._found[place] = reject


class Verdict:
    """Judges n rows: each check may only make it worse."""

    def __init__(self, judge: Judge, rows: Rows, late_after_us: int) -> None:
        self._judge = judge
        self._code = np.full(len(rows), _GOOD, np.uint8)
        self._flags = rows.flags.copy()
        age_us = rows.arrived_us - rows.time_us
        self._flags[age_us > late_after_us] |= np.uint8(Quality.LATE)
        result_age_us = rows.arrived_us - rows.result_time_us
        self._worse(_is_outside(age_us) | _is_outside(result_age_us), _OUTSIDE)
        self._worse((rows.time_us == NO_TIME) | (rows.result_time_us == NO_TIME), _UNREADABLE)

    def unknown(self, keys: Int32) -> None:
        """Refuse what the catalog doesn't know."""
        self._worse(keys < 0, _UNKNOWN)

    def numbers(self, values: Float64, possible: tuple[float, float], plausible: tuple[float, float]) -> None:
        """Refuse what is no number or impossible, flag what is implausible."""
        self._worse(~np.isfinite(values), _NO_NUMBER)
        self._worse((values < possible[0]) | (values > possible[1]), _BEYOND)
        self.implausible((values < plausible[0]) | (values > plausible[1]))

    def implausible(self, where: NDArray[np.bool_]) -> None:
        """Flag rows as out of range."""
        self._flags[where] |= np.uint8(Quality.OUT_OF_RANGE)

    def estimated(self, values: Float64) -> Float64:
        """Put 0 where nothing was said, flag it, and return the same array."""
        absent = np.isnan(values)
        values[absent] = 0.0
        self._flags[absent] |= np.uint8(Quality.ESTIMATED)
        return values

    def close(self, what: str, rows: Rows, values: Float64) -> tuple[NDArray[np.bool_] | slice, UInt8]:
        """Hand what is refused to the judge; return which rows are good (a mask, or all) and the flags of all."""
        good = self._code == _GOOD
        if good.all():
            return slice(None), self._flags
        bad = np.flatnonzero(~good)
        place = rows.message[bad] * len(_REASONS) + self._code[bad]
        _, first, counts = np.unique(place, return_index=True, return_counts=True)
        for row, count in zip(bad[first].tolist(), counts.tolist(), strict=True):
            code = int(self._code[row])
            detail = _detail(code, what, rows, row, float(values[row]))
            self._judge.refuse(int(rows.message[row]), _REASONS[code], detail, count)
        return good, self._flags

    def _worse(self, where: NDArray[np.bool_], code: int) -> None:
        if where.any():
            self._code[where] = np.minimum(self._code[where], code)


def _is_outside(age_us: Int64) -> NDArray[np.bool_]:
    return (age_us > OLDEST_US) | (age_us < -NEWEST_US)


def _detail(code: int, what: str, rows: Rows, row: int, value: float) -> str:
    thing = rows.things[row]
    match code:
        case _ if code == _UNREADABLE:
            return f"{what} of {thing}: a time that is no ISO 8601 with its zone"
        case _ if code == _UNKNOWN:
            return f"{what} of {thing}"
        case _ if code == _OUTSIDE:
            return f"{what} of {thing}: at {_when(int(rows.time_us[row]))}, arrived {_when(int(rows.arrived_us[row]))}"
        case _:
            return f"{what} of {thing}: {value!r}"


def _when(time_us: int) -> str:
    try:
        return to_datetime(time_us).isoformat()
    except OverflowError:
        return f"{time_us} µs"
