"""Entries of the Redis log: whatever is packed comes out again, and bytes that are no entry are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.bus.packing import pack, unpack
from ops_center.bus.redis_cursors import Cursor
from ops_center.domain.errors import WireError
from ops_center.domain.messages import TopicPartition

RECORDS = st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=200)), max_size=30)
PLACE = TopicPartition("raw", 0)


@given(RECORDS)
def test_what_is_packed_comes_out_again(records: list[tuple[bytes, bytes]]) -> None:
    assert list(unpack(pack(records))) == records


@given(RECORDS, st.integers(1, 8))
def test_a_torn_entry_is_refused(records: list[tuple[bytes, bytes]], missing: int) -> None:
    packed = pack(records)
    with pytest.raises(WireError):
        unpack(packed[:-missing])
    with pytest.raises(WireError):
        unpack(packed + bytes(missing))


@given(st.binary(max_size=300))
def test_any_bytes_are_an_entry_or_refused(junk: bytes) -> None:
    try:
        records = list(unpack(junk))
    except WireError:
        return
    assert pack(records) == junk


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.data())
def test_a_cursor_goes_on_exactly_after_any_record(sizes: list[int], data: st.DataObject) -> None:
    entries = [(f"{1000 + number}-{number}", size) for number, size in enumerate(sizes)]
    fresh = Cursor()
    _feed(fresh, entries)
    everything = fresh.hand_out(1000)
    place = data.draw(st.integers(0, len(everything) - 1))
    resumed = Cursor.after(everything[place].position)
    _feed(resumed, [entry for entry in entries if _order(entry[0]) > _order(resumed.entry)])
    assert resumed.hand_out(1000) == everything[place + 1 :]


def test_going_on_after_an_entry_that_is_gone_loses_nothing_of_the_next() -> None:
    cursor = Cursor.after("1000-0/7")
    _feed(cursor, [("1001-0", 3)])
    assert len(cursor.hand_out(10)) == 3


@pytest.mark.parametrize("entry", ["0-0", "0-1", "5-0", "5-9"])
def test_an_entry_that_is_resumed_is_read_again(entry: str) -> None:
    cursor = Cursor.after(f"{entry}/0")
    assert cursor.entry == "0-0" or _order(cursor.entry) < _order(entry)


def _feed(cursor: Cursor, entries: list[tuple[str, int]]) -> None:
    for entry, size in entries:
        body = pack([(b"", f"{entry}:{number}".encode()) for number in range(size)])
        cursor.take(PLACE, entry, {b"b": body, b"e": b"0"})


def _order(entry: str) -> tuple[int, int]:
    milliseconds, _, sequence = entry.partition("-")
    return int(milliseconds), int(sequence)
