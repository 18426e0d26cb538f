"""The wire format, byte by byte as a browser reads it."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.screens.stream.frames import decode_frames, encode_frame

DTYPES = ("uint8", "uint32", "int32", "float32", "float64")


def test_a_frame_lies_as_the_docstring_draws_it() -> None:
    color = np.arange(12, dtype=np.uint8).reshape(3, 4)
    size = np.array([1.5, 2.5, 3.5], np.float32)
    frame = encode_frame({"kind": "cell", "district": "鼓楼"}, {"color": color, "size": size})
    magic, head, length = struct.unpack_from("<4sII", frame)
    assert (magic, length, frame[12:16]) == (b"OPSF", len(frame), bytes(4))
    assert head % 8 == 0
    header = json.loads(frame[16 : 16 + head])
    assert header["district"] == "鼓楼"
    place = header["arrays"]["size"]
    assert place == {"dtype": "float32", "size": 1, "offset": place["offset"], "length": 3}
    assert struct.unpack_from("<3f", frame, place["offset"]) == (1.5, 2.5, 3.5)


@given(st.lists(st.tuples(st.sampled_from(DTYPES), st.integers(0, 9), st.integers(1, 4)), max_size=6), st.text())
def test_arrays_are_aligned_and_come_out_as_they_went_in(shapes: list[tuple[str, int, int]], text: str) -> None:
    arrays = {
        f"a{i}": np.arange(rows * size).astype(dtype).reshape((rows, size) if size > 1 else rows)
        for i, (dtype, rows, size) in enumerate(shapes)
    }
    frame = encode_frame({"kind": "cell", "text": text}, arrays)
    assert len(frame) % 8 == 0
    ((header, found),) = decode_frames(frame)
    assert header["text"] == text
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert header["arrays"][name]["offset"] % 8 == 0
        assert np.array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_frames_back_to_back_are_told_apart() -> None:
    message = encode_frame({"kind": "gone", "cell": "a"}) + encode_frame({"kind": "cell"}, {"x": np.arange(3.0)})
    assert [header["kind"] for header, _ in decode_frames(message)] == ["gone", "cell"]


def test_a_dtype_that_browsers_cannot_read_is_refused() -> None:
    with pytest.raises(ValueError, match="int64"):
        encode_frame({"kind": "cell"}, {"time": np.arange(3)})


@pytest.mark.parametrize(
    "rubbish", [b"x", b"OPSF", b"NOPE" + bytes(12), b"OPSF" + bytes([9, 0, 0, 0, 9, 0, 0, 0] + [0] * 4)]
)
def test_other_bytes_are_no_frames(rubbish: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        decode_frames(rubbish)
