"""What a map computes by itself, in a real browser without a server: groups, labels, glides, rings of areas."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

ASSETS = Path(__file__).parents[2] / "assets"
STEP, SQUARE_PX, FEWEST = 20, 46, 4
"""as in assets/map_groups.js: zoom 10"""


@pytest.fixture
def parts(page: Page) -> Page:
    page.goto("about:blank")
    for name in ("map_groups.js", "map_labels.js", "map_glide.js", "map_areas.js"):
        page.add_script_tag(path=ASSETS / name)
    return page


def test_groups_count_every_point_once_and_know_their_worst(parts: Page) -> None:
    random = np.random.default_rng(5)
    places = np.column_stack((random.normal(118.8, 0.15, 3000), random.normal(32.0, 0.12, 3000)))
    severity = random.choice([0, 0, 0, 1, 2, 3, 4, 255], 3000)
    shown = random.random(3000) > 0.05
    found = parts.evaluate(_GROUP, [places.ravel().tolist(), severity.tolist(), shown.tolist()])
    of = np.array(found["of"])
    expected = _squares(places, shown)
    sizes = Counter(square for square in expected if square is not None)
    in_group = np.array([square is not None and sizes[square] >= FEWEST for square in expected])
    assert 20 < len(found["count"]) < in_group.sum(), "the test has groups"
    assert np.array_equal(of >= 0, in_group)
    members: defaultdict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(of >= 0).tolist():
        members[int(of[row])].append(row)
    for group, rows in members.items():
        assert len({expected[row] for row in rows}) == 1 and found["count"][group] == len(rows)
        known = [int(severity[row]) for row in rows if severity[row] != 255]
        assert found["worst"][group] == (max(known) if known else 255)


def test_a_hundred_thousand_points_are_gathered_and_none_is_lost(parts: Page) -> None:
    found = parts.evaluate(_MANY)
    assert found["alone"] + found["gathered"] == 100_000 and found["groups"] > 100


def test_labels_never_cover_one_another_and_the_worst_stay(parts: Page) -> None:
    random = np.random.default_rng(6)
    labels = [
        {"x": 0.83 + x, "y": 0.4 + y, "t": "123.4", "s": 12, "o": [0, 0], "rank": int(rank)}
        for x, y, rank in zip(
            random.uniform(0, 4e-4, 400), random.uniform(0, 4e-4, 400), random.integers(0, 5000, 400), strict=True
        )
    ]
    camera = {"zoom": 11, "bearing": 30, "pitch": 40}
    kept = parts.evaluate("([labels, camera]) => opsCenter.placeLabels(labels, camera, 1)", [labels, camera])
    assert 10 < len(kept) < len(labels)
    assert kept[0]["rank"] == max(label["rank"] for label in labels)
    boxes = [_box(label, camera) for label in kept]
    for number, one in enumerate(boxes):
        assert not any(_cover(one, other) for other in boxes[:number])


def test_what_glides_stays_between_its_last_two_fixes(parts: Page) -> None:
    steps = parts.evaluate(_GLIDE)
    assert steps["places"][0] == pytest.approx([118.0, 32.0], abs=1e-5), "it begins where it was seen"
    assert steps["places"][1] == pytest.approx([118.001, 32.0005], abs=1e-5), "half way at half time"
    assert steps["places"][2] == steps["places"][3] == pytest.approx([118.002, 32.001], abs=1e-5), "and no farther"
    assert steps["moving"] == [True, True, False, False]
    assert steps["jumped"] == pytest.approx([118.5, 32.0], abs=1e-5), "what is far away was not seen on its way"


def test_an_area_falls_into_parts_with_their_holes(parts: Page) -> None:
    gap = [float("nan")] * 2
    square = [[0, 0], [4, 0], [4, 4], [0, 4]]
    hole = [[1, 1], [1, 2], [2, 2], [2, 1]]
    island = [[6, 6], [7, 6], [7, 7]]
    flat = [x for row in [*square, gap, *hole, gap, *island, gap] for x in row]
    found = parts.evaluate(
        "(flat) => opsCenter.partsOf(new Float32Array(flat.map((x) => x ?? NaN)), 2, 0, flat.length / 2)",
        [None if np.isnan(x) else x for x in flat],
    )
    assert found == [[square, hole], [island]]


def _squares(places: Any, shown: Any) -> list[tuple[int, int] | None]:
    world = 512 * 2 ** (STEP / 2) / SQUARE_PX
    narrow = places.astype(np.float32).astype(np.float64)
    x = narrow[:, 0] / 360 + 0.5
    y = 0.5 - np.log(np.tan(np.pi / 4 + narrow[:, 1] * np.pi / 360)) / (2 * np.pi)
    cells = zip(np.floor(x * world).astype(int).tolist(), np.floor(y * world).astype(int).tolist(), strict=True)
    return [cell if there else None for cell, there in zip(cells, shown.tolist(), strict=True)]


def _box(label: dict[str, Any], camera: dict[str, float]) -> tuple[float, float, float, float]:
    turn, flat, world = np.radians(-camera["bearing"]), np.cos(np.radians(camera["pitch"])), 512 * 2 ** camera["zoom"]
    x = (label["x"] * np.cos(turn) - label["y"] * np.sin(turn)) * world
    y = (label["x"] * np.sin(turn) + label["y"] * np.cos(turn)) * world * flat
    width, height = len(label["t"]) * 0.62 * label["s"], label["s"]
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _cover(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


_GROUP = """([flat, severity, shown]) => {
  const colors = new Uint32Array(shown.map((there) => (there ? 0xff0000ff : 0x000000ff)));
  const places = opsCenter.projected(new Float32Array(flat), 2);
  const found = opsCenter.groupPoints(places, new Uint8Array(severity), colors, 20, 1);
  return { of: [...found.of], count: [...found.count], worst: [...found.worst] };
}"""
_MANY = """() => {
  const place = (i) => (i % 2 ? 31.8 : 118.5) + (((i >> 1) * (i % 2 ? 7919 : 104729)) % 99991) / 200000;
  const places = opsCenter.projected(new Float32Array(200000).map((_, i) => place(i)), 2);
  const colors = new Uint32Array(100000).fill(0xffffffff);
  const found = opsCenter.groupPoints(places, new Uint8Array(100000), colors, 21, 1);
  const alone = found.of.reduce((sum, group) => sum + (group < 0 ? 1 : 0), 0);
  return { alone, gathered: found.count.reduce((sum, n) => sum + n, 0), groups: found.count.length };
}"""
_GLIDE = """() => {
  const positions = new Float32Array([118, 32, 118, 32]);
  const layer = { rows: 2, positions, times: new Uint32Array([100, 100]), dirty: new Set() };
  const glide = new opsCenter.Glide(layer);
  glide.take(0, [118.002, 32.001, 118.5, 32], [110, 110]);
  const jumped = [layer.positions[2], layer.positions[3]];
  const begun = glide.begun[0];
  const places = [], moving = [];
  for (const passed of [0, 5000, 10000, 60000]) {
    moving.push(glide.move(begun + passed));
    places.push([layer.positions[0], layer.positions[1]]);
  }
  glide.move(begun + 70000);
  return { places, moving, jumped: [layer.positions[2], layer.positions[3]] };
}"""
