"""A layer cut into cells: every feature in exactly one, with its own vertices, values and place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.contract import LayerGeometry, LayerSpec
from ops_center.domain.catalog import Catalog
from ops_center.screens.stream.cells import CellName, Cells
from ops_center.screens.stream.frames import decode_frames
from ops_center.screens.stream.placed import PlacedLayer
from tests.screens.stream.plane import Dots, catalog

T0_US = 1_700_000_000_000_000


class Roads(Dots):
    """Paths of as many vertices as said, in the districts said."""

    counts: list[int]
    districts: list[str]

    def geometry(self, catalog: Catalog, features: object) -> LayerGeometry:
        n = len(self.counts)
        starts = np.concatenate(([0], np.cumsum(self.counts))).astype(np.uint32)
        places = np.repeat(np.arange(n, dtype=np.float32), self.counts)[:, None].repeat(2, axis=1)
        column = {"district": np.array(self.districts, object)}
        return LayerGeometry(tuple(f"r{i}" for i in range(n)), places, starts, np.full(n, -1, np.int32), {}, column)


def drawn(placed: PlacedLayer, pulse: list[int]) -> LayerSpec:
    n = len(placed.geometry)
    color = np.zeros((n, 4), np.uint8)
    color[:, 0] = np.arange(n)
    times = T0_US + np.arange(n) * 1_000_000
    text = tuple(str(i) for i in range(n))
    size = np.arange(n, dtype=np.float32)
    return LayerSpec("dots", "paths", placed.geometry, color, size, times, text=text, options={"pulse": pulse})


roads = st.lists(st.tuples(st.integers(2, 5), st.sampled_from(["", "A", "B/…", "鼓楼"])), max_size=30)


@given(roads, st.data())
def test_every_feature_lies_in_one_cell_with_its_own(given_roads: list[tuple[int, str]], data: st.DataObject) -> None:
    layer = Roads()
    object.__setattr__(layer, "counts", [count for count, _ in given_roads])
    object.__setattr__(layer, "districts", [district for _, district in given_roads])
    n = len(given_roads)
    pulse = sorted(data.draw(st.sets(st.integers(0, n - 1)))) if n else []
    placed = PlacedLayer(layer, Catalog.empty(), {})
    contents = placed.contents(drawn(placed, pulse))
    seen: list[str] = []
    pulsing: list[str] = []
    for piece in placed.pieces:
        ((header, arrays),) = decode_frames(piece.frame)
        content = contents[piece.name]
        seen += header["ids"]
        pulsing += [header["ids"][row] for row in content.options["pulse"]]
        for row, name in enumerate(header["ids"]):
            number = int(name[1:])
            assert given_roads[number][1] == piece.name.district
            assert content.arrays["color"][row, 0] == number
            assert content.arrays["time_s"][row] == T0_US // 1_000_000 + number
            assert content.text is not None
            assert content.text[row] == str(number)
            vertices = arrays["positions"][arrays["starts"][row] : arrays["starts"][row + 1]]
            assert vertices[:, 0].tolist() == [number] * given_roads[number][0]
    assert sorted(seen) == sorted(f"r{i}" for i in range(n))
    assert sorted(pulsing) == sorted(f"r{i}" for i in pulse)


def test_moving_features_bring_their_places_with_every_frame() -> None:
    placed = PlacedLayer(Dots(), catalog(1, 4), {})
    moved = np.array([[i + 0.5, 30.0] for i in range(4)], np.float32)
    color, size = np.zeros((4, 4), np.uint8), np.ones(4, np.float32)
    spec = LayerSpec("dots", "points", placed.geometry, color, size, np.zeros(4, np.int64), positions=moved)
    contents = placed.contents(spec)
    assert contents[CellName("dots", "A", "")].arrays["positions"][:, 0].tolist() == [0.5, 2.5]
    assert contents[CellName("dots", "B", "")].arrays["positions"][:, 0].tolist() == [1.5, 3.5]


def test_geometry_is_named_after_what_it_is() -> None:
    one, same, other = (PlacedLayer(Dots(), catalog(version, n), {}) for version, n in ((1, 4), (2, 4), (3, 5)))
    assert [p.geometry for p in one.pieces] == [p.geometry for p in same.pieces]
    assert one.pieces[0].geometry != other.pieces[0].geometry
    assert one.pieces[1].geometry == other.pieces[1].geometry, "district B has not changed"


def test_a_cell_keeps_its_version_until_something_shows() -> None:
    placed = PlacedLayer(Dots(), catalog(1, 4), {})
    cells = Cells()
    spec = drawn(placed, [])
    assert cells.publish(placed.contents(spec), frozenset(), T0_US) == 2
    versions = {name: cell.version for name, cell in cells.current.items()}
    assert cells.publish(placed.contents(drawn(placed, [])), frozenset(), T0_US + 5) == 0
    assert cells.publish(placed.contents(drawn(placed, [2])), frozenset(), T0_US - 10**12) == 1
    changed = CellName("dots", "A", "")
    assert cells.current[changed].version > versions[changed], "also after the clock was set back"


def test_things_of_two_departments_never_share_a_cell() -> None:
    known = catalog(1, 8)
    mixed = [replace(thing, department=("bus", "police")[key % 4 // 2]) for key, thing in known.things.items()]
    placed = PlacedLayer(Dots(), Catalog(2, mixed, known.datastreams.values()), {})
    found = {(p.name.district, p.name.department): decode_frames(p.frame)[0][0]["ids"] for p in placed.pieces}
    assert found == {
        ("A", "bus"): ["d0", "d4"],
        ("A", "police"): ["d2", "d6"],
        ("B", "bus"): ["d1", "d5"],
        ("B", "police"): ["d3", "d7"],
    }


@pytest.mark.parametrize(("departments", "owner"), [(["water", "water"], "water"), (["water", "heat"], "")])
def test_what_shows_no_thing_belongs_to_those_the_layer_is_of_if_they_are_one(
    departments: list[str], owner: str
) -> None:
    layer = Roads()
    object.__setattr__(layer, "counts", [2, 2, 2])
    object.__setattr__(layer, "districts", ["A", "A", "A"])
    shows = [0, 1, -1]
    plain = Roads.geometry
    shown = lambda self, c, f: replace(plain(self, c, f), things=np.array(shows, np.int32))  # noqa: E731
    object.__setattr__(layer, "geometry", shown.__get__(layer))
    known = catalog(1, 2)
    things = [replace(t, department=departments[key]) for key, t in known.things.items()]
    placed = PlacedLayer(layer, Catalog(1, things, ()), {})
    ids = {p.name.department: decode_frames(p.frame)[0][0]["ids"] for p in placed.pieces}
    assert "r2" in ids[owner]


def test_names_of_cells_can_stand_in_an_address() -> None:
    assert str(CellName("dots", "", "")) == "dots/-/-"
    assert str(CellName("dots", "B/鼓", "water")) == "dots/B%2F%E9%BC%93/water"
