"""Bytes to columns: reads messages one by one, fast where they are as they should be, forgiving where they aren't.

A message that fits the typed form is decoded by msgspec in about a microsecond. Whatever doesn't (numbers as text,
columns nobody declared, NaN, other JSON, no JSON) takes the slow way, which keeps what can be kept and says of the
rest why not. Both end in the same :class:`Columns`, so that order is kept. Called by ``columnar`` alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, cast

import msgspec

from feeds.events import EventMessage, Time, read_events
from ops_center.domain.messages import RawMessage, Reject, RejectReason
from ops_center.domain.text import shown

MAX_BYTES = 1 << 20
"""a longer message is refused unread"""
ENVELOPE = frozenset({"v", "producer", "t", "things", "q", "rt", "events"})
"""names that are no observed property"""
_WHOLE = 2**63 - 1

Number = float | None


class Columns(msgspec.Struct):
    """One message: n things, one or n times, columns of n values each (its own fields, see :func:`typed`)."""

    v: int = 1
    producer: str | None = None
    t: Time | list[Time] | None = None
    things: list[str] = []
    q: int | list[int] | None = None
    """flags of the source"""
    rt: Time | list[Time] | None = None
    """result time"""
    events: list[EventMessage] = []


class Misfit(Exception):
    """A message that can't be used at all; ``count`` observations are lost with it."""

    def __init__(self, detail: str, count: int = 1) -> None:
        super().__init__(detail)
        self.count = max(count, 1)


def typed(properties: Sequence[str]) -> type[Columns]:
    """Return :class:`Columns` with one more field for each property."""
    fields = [(name, list[Number] | None, None) for name in properties]
    return cast(
        type[Columns],
        msgspec.defstruct("FeedColumns", fields, bases=(Columns,), forbid_unknown_fields=True, gc=False),
    )


class Reader:
    """Reads the messages of one feed; ``parts`` are columns that together make one fix per thing."""

    def __init__(self, properties: Sequence[str], parts: Sequence[str] = ()) -> None:
        self.properties = (*properties, *parts)
        self._parts = frozenset(parts)
        self._form = typed(self.properties)
        self._decoder = msgspec.json.Decoder(self._form)
        self._fields = attrgetter("things", "events", "v", "t", "q", "rt", *self.properties)

    def read(self, messages: Sequence[RawMessage]) -> tuple[list[Columns], list[int], list[Reject]]:
        """Return the columns of all usable messages, the index of the message of each, and what was refused."""
        try:
            # Nearly always: all messages fit, and none is too long or of odd columns.
            found = [self._decoder.decode(message.value) for message in messages if len(message.value) <= MAX_BYTES]
            if len(found) == len(messages) and all(map(self._even, found)):
                return found, list(range(len(found))), []
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            pass
        return self._one_by_one(messages)

    def _one_by_one(self, messages: Sequence[RawMessage]) -> tuple[list[Columns], list[int], list[Reject]]:
        found: list[Columns] = []
        owners: list[int] = []
        rejects: list[Reject] = []
        for index, message in enumerate(messages):
            try:
                columns, more = self._read_one(index, message.value)
            except Misfit as misfit:
                reason = RejectReason.OVERSIZED if len(message.value) > MAX_BYTES else RejectReason.NOT_DECODABLE
                rejects.append(Reject(index, reason, misfit.count, shown(str(misfit))))
                continue
            found.append(columns)
            owners.append(index)
            rejects += more
        return found, owners, rejects

    def _read_one(self, index: int, value: bytes) -> tuple[Columns, list[Reject]]:
        if len(value) > MAX_BYTES:
            raise Misfit(f"{len(value)} bytes, at most {MAX_BYTES}")
        try:
            columns = self._decoder.decode(value)
            if self._even(columns):
                return columns, []
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            pass
        return self._forgiving(index, _parsed(value))

    def _even(self, message: Columns) -> bool:
        """Return whether every column has a value for every thing, and there is something at all.

        Runs once a message, also where each holds a single observation: plain comparisons, no generators.
        """
        things, events, v, t, q, rt, *columns = self._fields(message)
        size = len(things)
        carried = bool(events)
        for column in columns:
            if column is not None:
                if len(column) != size:
                    return False
                carried = carried or size > 0
        if v != 1 or not carried or (size and t is None):
            return False
        return (
            (not isinstance(t, list) or len(t) == size)
            and (q is None or not isinstance(q, list) or len(q) == size)
            and (rt is None or not isinstance(rt, list) or len(rt) == size)
        )

    def _forgiving(self, index: int, found: Mapping[str, Any]) -> tuple[Columns, list[Reject]]:
        """Return what can be used of a JSON object, and rejects for the rest; a member that is null is left out."""
        found = {name: value for name, value in found.items() if value is not None}
        lists = {name: value for name, value in found.items() if name not in ENVELOPE | self._parts}
        fixes = {name: value for name, value in found.items() if name in self._parts}
        events, bad_events = read_events(found.get("events", []))
        total = (
            sum(map(_count, lists.values())) + max(map(_count, fixes.values()), default=0) + len(events) + bad_events
        )
        if total == 0:
            raise Misfit("it carries no observation")
        try:
            columns = self._envelope(found, bool(lists or fixes))
        except Misfit as misfit:
            raise Misfit(str(misfit), total) from None
        columns.events = events
        rejects = [_reject(index, RejectReason.NOT_DECODABLE, bad_events, "events that are not as declared")]
        rejects += [self._fill(index, columns, name, column) for name, column in lists.items()]
        rejects.append(self._fill_fixes(index, columns, fixes))
        return columns, _merged(reject for reject in rejects if reject is not None)

    def _envelope(self, found: Mapping[str, Any], observes: bool) -> Columns:
        if found.get("v", 1) != 1 or isinstance(found.get("v", 1), bool):
            raise Misfit(f"version {found['v']!r}: 1 is known")
        things = found.get("things", [])
        if not isinstance(things, list) or not all(isinstance(thing, str) for thing in things):
            raise Misfit("things: a list of texts is wanted")
        if observes and found.get("t") is None:
            raise Misfit("t: the time is missing")
        producer = found.get("producer")
        if producer is not None and not isinstance(producer, str):
            raise Misfit("producer: a text is wanted")
        size = len(things)
        return self._form(
            producer=producer,
            things=things,
            t=_times("t", found.get("t"), size),
            q=_flags(found.get("q"), size),
            rt=_times("rt", found.get("rt"), size),
        )

    def _fill(self, index: int, columns: Columns, name: str, column: object) -> Reject | None:
        """Put a column in its place; return why not."""
        count = _count(column)
        if name not in self.properties:
            return _reject(index, RejectReason.UNKNOWN_DATASTREAM, count, f"{name}: this feed has no such property")
        if not isinstance(column, list) or count != len(columns.things):
            detail = f"{name}: {count} values for {len(columns.things)} things"
            return _reject(index, RejectReason.NOT_DECODABLE, count, detail)
        setattr(columns, name, [_number(value) for value in column])
        return None

    def _fill_fixes(self, index: int, columns: Columns, fixes: Mapping[str, object]) -> Reject | None:
        """Put the columns of fixes in their places, all or none; return why not."""
        size = len(columns.things)
        if any(not isinstance(column, list) or len(column) != size for column in fixes.values()):
            count = max(map(_count, fixes.values()))
            detail = f"{', '.join(sorted(fixes))}: one value each for {size} things is wanted"
            return _reject(index, RejectReason.NOT_DECODABLE, count, detail)
        for name, column in fixes.items():
            setattr(columns, name, [_number(value) for value in cast(list[object], column)])
        return None


def _parsed(value: bytes) -> Mapping[str, Any]:
    """Return the JSON object, also one with NaN and Infinity, which Python's own encoder writes."""
    try:
        found = json.loads(value.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Misfit(f"no JSON: {type(error).__name__}: {error}") from None
    if not isinstance(found, dict):
        raise Misfit("a JSON object is wanted")
    return found


def _count(column: object) -> int:
    return len(column) if isinstance(column, list) else 1


def _number(value: object) -> float | None:
    """Return a JSON number as float; None for everything else: text, true, null, 1e999."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _is_time(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _WHOLE)


def _times(name: str, value: Any, size: int) -> Time | list[Time] | None:
    if value is None or _is_time(value):
        return cast(Time | None, value)
    if isinstance(value, list) and len(value) == size and all(map(_is_time, value)):
        return cast(list[Time], value)
    raise Misfit(f"{name}: one time or {size} times are wanted, ISO 8601 or microseconds since 1970")


def _flags(value: Any, size: int) -> int | list[int] | None:
    if value is None or _is_flag(value):
        return cast(int | None, value)
    if isinstance(value, list) and len(value) == size and all(map(_is_flag, value)):
        return cast(list[int], value)
    raise Misfit(f"q: one whole number or {size} are wanted")


def _is_flag(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _WHOLE


def _reject(index: int, reason: RejectReason, count: int, detail: str) -> Reject | None:
    return Reject(index, reason, count, shown(detail)) if count else None


def _merged(rejects: Any) -> list[Reject]:
    """Return one reject for each reason, with the detail of the first."""
    merged: dict[RejectReason, Reject] = {}
    for reject in rejects:
        known = merged.get(reject.reason)
        count = reject.count + (known.count if known else 0)
        merged[reject.reason] = Reject(reject.message, reject.reason, count, (known or reject).detail)
    return list(merged.values())
