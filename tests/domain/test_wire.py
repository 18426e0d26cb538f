"""Canonical records say exactly what was put in, and nothing else passes for one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.errors import WireError
from ops_center.domain.observations import Event, ObservationBatch, PositionBatch
from ops_center.domain.wire import (
    decode_events,
    decode_observations,
    decode_positions,
    encode_events,
    encode_observations,
    encode_positions,
)

INT64 = st.integers(-(2**62), 2**62)
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), INT64, FINITE, st.integers(0, 255), INT64), max_size=40), INT64)
def test_observations_come_back_bit_for_bit(rows: list[tuple[int, int, float, int, int]], received: int) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * 5
    batch = ObservationBatch(
        np.array(columns[0], np.int32),
        np.array(columns[1], np.int64),
        np.array(columns[2], np.float64),
        np.array(columns[3], np.uint8),
        np.array(columns[4], np.int64),
        received,
    )
    back = decode_observations(encode_observations(batch))
    assert back.received_us == received
    for name in ("datastream", "phenomenon_time_us", "result", "quality", "result_time_us"):
        np.testing.assert_array_equal(getattr(back, name), getattr(batch, name))


def test_positions_come_back() -> None:
    batch = PositionBatch(
        np.array([3, 1], np.int32),
        np.array([10, 20], np.int64),
        np.array([118.7, 118.8]),
        np.array([32.0, 32.1]),
        np.array([0.0, 13.9]),
        np.array([359.0, 1.0]),
        np.array([0, 64], np.uint8),
        99,
    )
    back = decode_positions(encode_positions(batch))
    assert back.received_us == 99
    np.testing.assert_array_equal(back.thing, batch.thing)
    np.testing.assert_array_equal(back.heading_deg, batch.heading_deg)
    np.testing.assert_array_equal(back.longitude, batch.longitude)


def test_events_come_back_with_their_attributes() -> None:
    event = Event("a1", "video", 7, "video.smoke", 5, 6, 118.7, 32.0, 0.9, {"snapshot": "/s/1", "烟": ["浓", 1]})
    assert decode_events(encode_events((event,))) == (event,)


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_and_never_crash(record: bytes) -> None:
    for decode in (decode_observations, decode_positions):
        with pytest.raises(WireError):
            decode(record)


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_cut_or_lengthened_record_is_refused(at: int, byte: int) -> None:
    record = encode_observations(ObservationBatch.concat([_some(5), _some(3)]))
    for damaged in (record[: at % len(record)], record + bytes([byte])):
        with pytest.raises(WireError):
            decode_observations(damaged)


def test_a_record_of_the_other_kind_is_refused() -> None:
    with pytest.raises(WireError):
        decode_positions(encode_observations(_some(2)))


def _some(n: int) -> ObservationBatch:
    return ObservationBatch(
        np.arange(n, dtype=np.int32),
        np.arange(n, dtype=np.int64),
        np.ones(n),
        np.zeros(n, np.uint8),
        np.arange(n, dtype=np.int64),
        1,
    )
