"""Blocks and notices: what is packed comes out the same, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.errors import WireError
from ops_center.live.blocks import decode_block, encode_block, new_stamp
from ops_center.live.latest import rows_of_observations, rows_of_positions
from ops_center.live.notices import Notice, decode_notice, encode_notice
from tests.live.batches import event, fixes, observations

VALUES = observations([0, 1, 2], [0, 1, 2], [1.5, 2.5, 3.5])
FIXES = fixes([4, 9], [0, 1], [118.1, 118.2])


def test_a_block_comes_out_as_it_went_in() -> None:
    stamp = new_stamp()
    found, rows = decode_block("V", encode_block("V", rows_of_observations(VALUES), stamp))
    assert found == stamp
    assert rows["result"].tolist() == [1.5, 2.5, 3.5]
    assert rows["time_us"].tolist() == VALUES.phenomenon_time_us.tolist()


@given(st.data())
def test_a_block_with_one_wrong_byte_is_refused(data: st.DataObject) -> None:
    block = bytearray(encode_block("V", rows_of_observations(VALUES), new_stamp()))
    at = data.draw(st.integers(0, len(block) - 1).filter(lambda i: not 12 <= i < 16), label="byte")
    block[at] ^= data.draw(st.integers(1, 255), label="flip")
    with pytest.raises(WireError):
        decode_block("V", bytes(block))


def test_a_block_of_positions_is_not_one_of_values() -> None:
    with pytest.raises(WireError):
        decode_block("V", encode_block("P", rows_of_positions(FIXES), new_stamp()))


def test_a_notice_comes_out_as_it_went_in() -> None:
    notice = Notice(
        b"writer-1",
        7,
        5,
        123,
        value_keys=VALUES.datastream,
        values=rows_of_observations(VALUES),
        position_keys=FIXES.thing,
        positions=rows_of_positions(FIXES),
        events=(event("a"), event("b")),
    )
    found = decode_notice(encode_notice(notice))
    assert (found.writer, found.sequence, found.saved, found.time_us, found.reload) == (b"writer-1", 7, 5, 123, False)
    assert found.value_keys.tolist() == [0, 1, 2]
    assert found.values["result"].tolist() == [1.5, 2.5, 3.5]
    assert found.position_keys.tolist() == [4, 9]
    assert found.positions["longitude"].tolist() == [118.1, 118.2]
    assert [e.event_id for e in found.events] == ["a", "b"]


@given(st.binary(max_size=200))
def test_other_bytes_are_neither(other: bytes) -> None:
    with pytest.raises(WireError):
        decode_notice(other)
    with pytest.raises(WireError):
        decode_block("P", other)


def test_a_notice_cut_short_is_refused() -> None:
    whole = encode_notice(Notice(value_keys=VALUES.datastream, values=rows_of_observations(VALUES)))
    for length in range(len(whole)):
        with pytest.raises(WireError):
            decode_notice(whole[:length])
