"""A scene is right, or every fault of it is named by field and in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from ops_center.domain.errors import ConfigurationError
from ops_center.scenes.reading import judged, read_file, shipped_files
from ops_center.scenes.scene import MOST_PANELS, Scene
from ops_center.screens.panels import options_by_kind
from tests.scenes.shapes import KINDS, form, panel, window

MAP = panel("city", "map", (0, 0, 16, 9))


def faults(**change: Any) -> list[str]:
    found = judged(form(**change), KINDS)
    assert not isinstance(found, Scene)
    assert all(fault.what.zh and fault.what.en for fault in found)
    return [fault.field for fault in found]


def test_what_is_right_is_a_scene() -> None:
    found = judged(form(schedule=[window("sat sun", "22:00", "06:00")], rotate_s=60), KINDS)
    assert isinstance(found, Scene) and found.panels[1].options == {}
    assert found.schedule[0].minutes == (22 * 60, 30 * 60)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"panels": [panel(place=(13, 0, 4, 4))]}, "panels[0]"),
        ({"panels": [panel(place=(0, 6, 4, 4))]}, "panels[0]"),
        ({"panels": [panel(), panel()]}, "panels[1].id"),
        ({"panels": [panel("a"), panel("b", place=(3, 3, 4, 4))]}, "panels[1]"),
        ({"panels": [panel("a", "map"), panel("b", "map", (3, 3, 4, 4))]}, "panels[1]"),
        ({"panels": [panel("a", "map"), panel("b", place=(3, 3, 4, 4))]}, "panels[1]"),
        ({"panels": [panel(kind="clairvoyance")]}, "panels[0].kind"),
        ({"panels": [panel(words=3)]}, "panels[0].options.words"),
        ({"panels": [panel(odd=True)]}, "panels[0].options.odd"),
        ({"panels": []}, "panels"),
        ({"columns": 1}, "columns"),
        ({"name": "Night"}, "name"),
        ({"label": {"zh": "夜间"}}, "label.en"),
        ({"rotate_s": -1}, "rotate_s"),
        ({"schedule": [window("mon", "25:00")]}, "schedule[0].begins"),
        ({"schedule": [window("someday")]}, "schedule[0].days[0]"),
        ({"odd": 1}, "odd"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], expected: str) -> None:
    assert expected in faults(**change)


def test_panels_lie_over_a_map_that_is_all_around_them_and_nowhere_else() -> None:
    assert isinstance(judged(form(panels=[MAP, panel("a"), panel("b", place=(4, 0, 4, 4))]), KINDS), Scene)
    assert faults(panels=[MAP, panel("a"), panel("b", place=(3, 0, 4, 4))]) == ["panels[2]"]


@pytest.mark.parametrize("odd", [None, [], "scene", 7, {"name": []}, {"panels": [[[]]]}])
def test_anything_else_is_a_fault_and_no_failure(odd: Any) -> None:
    assert not isinstance(judged(odd, KINDS), Scene)


def test_scenes_are_bounded() -> None:
    many = [panel(f"p{n}", place=(0, 0, 1, 1)) for n in range(MOST_PANELS + 1)]
    assert faults(panels=many) == ["panels"]


def test_a_file_that_is_wrong_says_where() -> None:
    with pytest.raises(ConfigurationError, match=r"a\.toml: panels"):
        read_file(
            'name = "a"\nlabel = {zh="一", en="a"}\npurpose = {zh="一", en="a"}\ncolumns = 9\npanels = []', "a.toml", {}
        )
    with pytest.raises(ConfigurationError, match=r"b\.toml"):
        read_file("= nothing", "b.toml", {})


def test_seven_scenes_ship_and_all_are_right() -> None:
    scenes = [read_file(text, file, options_by_kind()) for file, text in shipped_files()]
    assert {scene.name for scene in scenes} == {
        "daily", "incident", "traffic_peak", "flood", "air", "water_network", "big_event"
    }  # fmt: skip
    assert [f"{scene.name}.toml" for scene in scenes] == [file for file, _ in shipped_files()]
    assert len({scene.order for scene in scenes}) == len(scenes)
