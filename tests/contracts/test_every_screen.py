"""What every screen promises, whoever wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from dash.development.base_component import Component

import layers
from benchmarks.insider import session_of
from ops_center.city.frames import WGS84
from ops_center.city.manifest import Manifest
from ops_center.city.pack import CityPack
from ops_center.domain.place import Bounds
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Grant, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asking
from ops_center.screens.app import screens
from ops_center.screens.screen import Center, Screen
from tests.layers import tiny_city

SCREENS = screens()
EVERY = pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())
CHINESE = re.compile("[\u4e00-\u9fff]")


def center(realm: Realm = Realm.SIMULATED) -> Center:
    assert WGS84 == "EPSG:4326"
    manifest = Manifest(
        "tiny", Label("小城", "Tiny"), "EPSG:4549", "Asia/Shanghai", Bounds(118.6, 31.9, 119.1, 32.2), "synthetic"
    )
    catalog = tiny_city.catalog()
    frame = tiny_city.frame(catalog)
    return Center(CityPack(manifest), realm, tiny_city.features(), lambda: frame, layers.registry())


@pytest.fixture(autouse=True)
def _an_operator_asks() -> Iterator[None]:
    with asking(session_of(Grant(Role.OPERATOR)).asker):
        yield


def texts(component: Any, language: str | None = None) -> Iterator[tuple[str | None, str]]:
    """Every text of a layout with the language it is marked as, None where it is in both."""
    if isinstance(component, str):
        yield language, component
    elif isinstance(component, list | tuple):
        for child in component:
            yield from texts(child, language)
    elif isinstance(component, Component):
        classes = str(getattr(component, "className", "") or "").split()
        marked = next((name for name in ("zh", "en") if name in classes), language)
        yield from texts(getattr(component, "children", None), marked)


def components(component: Any) -> Iterator[Component]:
    if isinstance(component, Component):
        yield component
        yield from components(getattr(component, "children", None))
    elif isinstance(component, list | tuple):
        for child in component:
            yield from components(child)


@EVERY
def test_says_where_it_is_and_who_may_see_it(screen: Screen) -> None:
    assert screen.path.startswith("/") and screen.path == screen.path.rstrip("/").lower()
    assert screen.title.zh != screen.title.en
    assert screen.rights.see, "nobody may see it"


@EVERY
def test_has_all_its_words_in_both_languages(screen: Screen) -> None:
    found = list(texts(screen.layout(center())))
    in_both = [text for language, text in found if language is None and CHINESE.search(text)]
    assert not in_both, f"Chinese that an English reader sees: {in_both}"
    # The button that leads to the other language carries that language's own name.
    english = [text for language, text in found if language == "en" and CHINESE.search(text) and text != "中"]
    assert not english, f"Chinese marked as English: {english}"
    assert {language for language, _ in found} >= {"zh", "en"}


@EVERY
def test_names_every_button_for_those_who_cannot_see_it(screen: Screen) -> None:
    for part in components(screen.layout(center())):
        if type(part).__name__ != "Button":
            continue
        words = "".join(text for _, text in texts(part)).strip()
        assert words or getattr(part, "data-title-zh", ""), part


@EVERY
def test_says_at_the_top_that_its_data_is_not_real(screen: Screen) -> None:
    for realm in Realm:
        said = [part for part in components(screen.layout(center(realm))) if getattr(part, "className", "") == "realm"]
        expected = {realm.banner.zh, realm.banner.en} if realm.banner else set()
        assert {text for part in said for _, text in texts(part)} == expected


@EVERY
def test_loads_nothing_from_elsewhere(screen: Screen) -> None:
    page = json.dumps(screen.layout(center()).to_plotly_json(), default=lambda part: part.to_plotly_json())
    assert not re.findall(r"https?://[^\"\s]+", page)


@EVERY
def test_is_laid_out_of_unique_names(screen: Screen) -> None:
    names = [part.id for part in components(screen.layout(center())) if getattr(part, "id", None)]
    assert len(names) == len(set(names))


def test_no_two_screens_share_an_address() -> None:
    paths = [screen.path for screen in SCREENS.values()]
    assert len(set(paths)) == len(paths)


@EVERY
def test_stands_in_a_group_of_the_navigation_or_is_ones_own(screen: Screen) -> None:
    assert screen.group or not screen.listed or screen.name in ("account", "notifications"), "declare group=Group…"
