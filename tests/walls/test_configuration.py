"""The file of walls: what it means, and that each fault is named with its wall and field, all of them at once."""

from __future__ import annotations

import pytest

from ops_center.domain.errors import ConfigurationError
from ops_center.walls.configuration import read_walls, without_file
from ops_center.walls.wall import Wall, in_words

THREE = """
[[wall]]
name = "main"
label = {zh = "主屏", en = "Main wall"}
columns = 3
rows = 2
display_px = [3840, 2160]
display_height_mm = 685
bezel_mm = [3.5, 1.75]
distance_m = 8
"""


def faults_of(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_walls(text, "walls.toml")
    return str(caught.value)


def test_displays_lie_beside_each_other_with_their_bezels_between() -> None:
    wall = read_walls(THREE, "walls.toml")["main"]
    px_per_mm = 2160 / 685
    assert wall.gap_px == pytest.approx((3.5 * px_per_mm, 1.75 * px_per_mm))
    assert wall.size_px == pytest.approx((3 * 3840 + 2 * 3.5 * px_per_mm, 2 * 2160 + 1.75 * px_per_mm))
    first, fifth = wall.parts[0], wall.part(5)
    assert fifth is not None
    assert (first.x, first.y, first.width, first.height) == (0, 0, 3840, 2160)
    assert (fifth.column, fifth.row) == (1, 1)
    assert (fifth.x, fifth.y) == pytest.approx((3840 + wall.gap_px[0], 2160 + wall.gap_px[1]))
    last = wall.parts[-1]
    assert (last.x + last.width, last.y + last.height) == pytest.approx(wall.size_px)
    assert wall.part(0) is None and wall.part(7) is None


def test_a_display_that_hangs_upright_is_turned() -> None:
    wall = read_walls(THREE.replace("distance_m", 'orientation = "portrait"\ndistance_m'), "walls.toml")["main"]
    assert wall.display_px == (2160, 3840)
    assert wall.gap_px[0] == pytest.approx(3.5 * 3840 / 685)


def test_a_wall_may_be_darker_by_night() -> None:
    dim = read_walls(THREE + 'dim = {begins = "23:00", ends = "06:00", by = 0.3}\n', "walls.toml")["main"].dim
    assert dim is not None and (dim.begins, dim.ends, dim.by) == ("23:00", "06:00", 0.3)


def test_without_a_file_there_is_one_display_with_a_desks_type() -> None:
    wall = without_file()["main"]
    assert (wall.displays, wall.reading) == (1, None)
    assert wall.rem_of_width * 1920 == pytest.approx(16)
    assert "display_height_mm is not given" in in_words(wall)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("columns = 3", "columns = 0"), "wall main: columns: Expected `int` >= 1"),
        (("columns = 3", "colums = 3"), "wall main: Object contains unknown field `colums`"),
        (("[3840, 2160]", "[2160, 3840]"), "wall main: display_px: the longer side comes first"),
        (("display_height_mm = 685\n", ""), "wall main: display_height_mm: is needed"),
        (("distance_m = 8", "distance_m = 8\nbezel_px = [1, 1]"), "wall main: bezel_mm, bezel_px: give one"),
        (("columns = 3\nrows = 2", "columns = 16\nrows = 8"), "wall main: columns, rows: a wall has at most 64"),
        (('"main"', '"Main Wall"'), "wall Main Wall: name:"),
        (("distance_m = 8", "distance_m = nan"), "wall main: distance_m:"),
        (("distance_m = 8", 'dim = {begins = "23:00", ends = "25:00"}'), "wall main: dim.ends:"),
        (('zh = "主屏"', 'zh = " "'), "wall main: label.zh:"),
    ],
)
def test_a_fault_is_named_with_wall_and_field(change: tuple[str, str], said: str) -> None:
    assert said in faults_of(THREE.replace(*change))


def test_all_faults_are_said_at_once() -> None:
    said = faults_of(
        THREE.replace("rows = 2", "rows = 99") + THREE.replace('"main"', '"side"').replace("8", "0") + THREE
    )
    assert "wall main: rows" in said and "wall side: distance_m" in said
    assert "two walls" in faults_of(THREE + THREE)


@pytest.mark.parametrize(
    "text", ["", "wall = 3", "[[wal]]\nname = 'x'", "wall = []", "[[wall]]\nx = ", "a = " + "[" * 9999]
)
def test_what_is_no_file_of_walls_is_refused(text: str) -> None:
    assert "walls.toml" in faults_of(text)


def test_check_says_from_where_a_wall_can_be_read() -> None:
    near = Wall("desk", without_file()["main"].label, 1, 1, (3840, 2160), (0, 0), 685, 8000)
    assert "22' are wanted, which fit only up to" in in_words(near)
    far = read_walls(THREE, "walls.toml")["main"]
    assert in_words(far).startswith("main: 3 x 2 of 3840 x 2160 px, 1 rem = ")
