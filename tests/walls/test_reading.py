"""Type that can be read from where people sit: by the visual angle, on walls of every size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.walls.reading import (
    FACE_EM,
    LEAST_ARCMINUTES,
    LEAST_HEIGHT_REM,
    LEAST_WIDTH_REM,
    PREFERRED_ARCMINUTES,
    arcminutes,
    height_mm,
    reading,
)


def test_an_angle_and_a_height_are_the_same_thing() -> None:
    # 22 minutes of arc are 0.0064 rad: 51 mm at 8 m, by the table of any ergonomist.
    assert height_mm(22, 8000) == pytest.approx(51.2, abs=0.1)
    assert arcminutes(51.2, 8000) == pytest.approx(22, abs=0.01)


def test_a_large_wall_gets_the_type_that_is_wanted() -> None:
    found = reading((4 * 3840, 2 * 2160), (3840, 2160), 1245, 6000, PREFERRED_ARCMINUTES)
    assert found.is_enough
    assert found.arcminutes == pytest.approx(22)
    assert found.rem_px * FACE_EM / (2160 / 1245) == pytest.approx(height_mm(22, 6000))
    assert found.arcminutes * 0.733 / FACE_EM > LEAST_ARCMINUTES, "a capital letter beside it is not too small"


def test_one_small_display_far_away_says_that_it_is_not_enough() -> None:
    found = reading((3840, 2160), (3840, 2160), 685, 8000, PREFERRED_ARCMINUTES)
    assert not found.is_enough
    assert found.rem_px == pytest.approx(3840 / LEAST_WIDTH_REM)
    assert found.readable_from_mm < 8000
    again = reading((3840, 2160), (3840, 2160), 685, found.readable_from_mm, PREFERRED_ARCMINUTES)
    assert again.is_enough


SIZES = st.sampled_from([(1920, 1080), (3840, 2160), (7680, 4320), (1080, 1920), (2160, 3840)])


@given(
    SIZES, st.integers(1, 8), st.integers(1, 4), st.floats(200, 3000), st.floats(500, 30_000), st.floats(10, 60),
)  # fmt: skip
def test_type_is_never_smaller_than_on_a_desk_nor_larger_than_what_fits(
    size: tuple[int, int], columns: int, rows: int, high_mm: float, far_mm: float, want: float
) -> None:
    whole = (columns * size[0], rows * size[1])
    found = reading(whole, size, high_mm, far_mm, want)
    desk_px = max(size) / 120
    assert found.rem_px >= desk_px - 1e-9
    fits = found.rem_px <= min(whole[0] / LEAST_WIDTH_REM, whole[1] / LEAST_HEIGHT_REM) + 1e-9
    assert fits or found.rem_px == pytest.approx(desk_px)
    assert found.is_enough or found.readable_from_mm < far_mm
    assert not found.is_enough or found.readable_from_mm > 0.99 * far_mm
