"""What every kind of panel promises, whoever wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from benchmarks.insider import session_of
from ops_center.domain.catalog import Catalog
from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.rights import Grant, Rights, Role
from ops_center.domain.time import HOUR_US, MINUTE_US
from ops_center.people.asking import asking
from ops_center.screens.panels import registry
from ops_center.screens.panels.framing import Asked, body
from ops_center.screens.panels.kind import PanelKind, PanelOptions
from ops_center.screens.screen import Center
from ops_center.store.port import Resolution, Series
from tests.contracts.test_every_screen import center, components, texts
from tests.layers import tiny_city

KINDS = registry()
EVERY = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
CHINESE = re.compile("[\u4e00-\u9fff]")
EXAMPLES: Mapping[str, dict[str, Any]] = {
    "chart": {"series": "traffic/traffic_sensor-0#vehicle_speed"},
    "figures": {"lines": [{"of": "traffic/traffic_sensor-0#vehicle_speed"}]},
    "ranking": {"property": "vehicle_speed"},
    "text": {"text": {"zh": "值班电话\n电话 2345", "en": "Duty desk\nphone 2345"}},
}
"""options of the kinds that can't do without"""


@pytest.fixture(autouse=True)
def _an_operator_asks() -> Iterator[None]:
    with asking(session_of(Grant(Role.OPERATOR)).asker):
        yield


NOTHING_SEEN = {"alarms", "cameras", "events", "incident", "incidents", "indicators"}
"""kinds of what happens: nothing happens in this city, and nobody keeps alarms there"""
NEEDS_NO_DATA = {"title", "map", "legend", "feeds", "text"}


class Hours:
    """The store of a city whose every series rises by one an hour, for two days."""

    def series(self, _datastream: int, start_us: int, end_us: int, resolution: Resolution) -> Series:
        step = 15 * MINUTE_US if resolution == "15m" else MINUTE_US
        times = np.arange(start_us - start_us % step, end_us, step, np.int64)
        values = (times - start_us) / HOUR_US
        n = len(times)
        return Series(resolution, times, values, values, values, np.ones(n, np.int64), np.zeros(n, np.uint8))


def city() -> Center:
    return replace(center(), series=Hours())  # type: ignore[arg-type]


def shown(kind: PanelKind, where: Center | None = None, **options: Any) -> Any:
    return body(where or city(), Asked(kind.name, {**EXAMPLES.get(kind.name, {}), **options}))


def state(part: Any) -> str:
    return str(getattr(part, "data-state"))


def empty_city() -> Center:
    frame = tiny_city.frame(Catalog.empty())
    return replace(city(), frame=lambda: frame)


@EVERY
def test_says_what_it_is_in_both_languages(kind: PanelKind) -> None:
    assert kind.name.isidentifier() and kind.name == kind.name.lower() and len(kind.name) <= 60
    assert kind.label.zh != kind.label.en and kind.purpose.zh != kind.purpose.en
    assert kind.rights.see, "nobody may see it"
    assert not kind.rights.see - frozenset(Role)
    assert kind.refresh_s is None or kind.refresh_s >= 5, "a wall must not knock more often"
    assert 1 <= kind.size[0] <= 32 and 1 <= kind.size[1] <= 18


@EVERY
def test_names_every_option_for_the_form(kind: PanelKind) -> None:
    assert issubclass(kind.options, PanelOptions)
    for field in msgspec.inspect.type_info(kind.options).fields:  # type: ignore[attr-defined]
        extra = getattr(field.type, "extra", None) or {}
        assert extra.get("zh") and extra.get("en"), f"{kind.name}.{field.name} has no name for people"


@EVERY
def test_shows_something_in_a_city_and_says_where_there_is_nothing(kind: PanelKind) -> None:
    full, empty = shown(kind), shown(kind, empty_city())
    assert state(full) == ("empty" if kind.name in NOTHING_SEEN else "ok")
    assert state(empty) == ("ok" if kind.name in NEEDS_NO_DATA else "empty")
    for part in (full, empty):
        assert "".join(text for _, text in texts(part)).strip(), "nothing is said"


@EVERY
def test_has_all_its_words_in_both_languages(kind: PanelKind) -> None:
    for where in (city(), empty_city()):
        found = list(texts(shown(kind, where)))
        assert not [text for language, text in found if language is None and CHINESE.search(text)]
        assert not [text for language, text in found if language == "en" and CHINESE.search(text)]


@EVERY
def test_takes_the_title_of_its_options(kind: PanelKind) -> None:
    part = shown(kind, title={"zh": "夜间", "en": "Night"})
    assert {("zh", "夜间"), ("en", "Night")} <= set(texts(part))


@EVERY
@pytest.mark.parametrize("odd", [{"odd": 1}, {"title": "one language"}, {"title": {"zh": "", "en": ""}}, {"bare": 3}])
def test_says_that_it_cannot_read_its_options(kind: PanelKind, odd: dict[str, Any]) -> None:
    assert state(shown(kind, **odd)) == "failed"


@EVERY
def test_shows_nothing_to_who_may_not_see_it(kind: PanelKind) -> None:
    with asking(session_of(Grant(Role.FIELD_UNIT)).asker):
        part = shown(kind)
    assert state(part) == "forbidden"
    assert not [one for one in components(part) if getattr(one, "data-painter", None)]


@EVERY
def test_says_that_it_failed_and_takes_nothing_else_along(kind: PanelKind) -> None:
    def fails(*_: Any) -> Any:
        raise StoreUnavailable("nobody answers")

    failing = replace(kind, render=fails)
    from ops_center.screens.panels import framing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "registry", lambda: {kind.name: failing})
        assert state(shown(kind)) == "failed"


@EVERY
def test_loads_nothing_from_elsewhere_and_names_nothing_twice(kind: PanelKind) -> None:
    part = shown(kind)
    page = json.dumps(part.to_plotly_json(), default=lambda one: one.to_plotly_json())
    assert not re.findall(r"https?://[^\"\s]+", page)
    assert not [one.id for one in components(part) if isinstance(getattr(one, "id", None), str)], (
        "a kind may stand on a page many times: it has no ids of its own"
    )


@EVERY
def test_what_the_browser_paints_is_told_as_json(kind: PanelKind) -> None:
    for part in components(shown(kind)):
        if getattr(part, "data-painter", None):
            json.loads(getattr(part, "data-said"))


def test_a_panel_of_no_kind_fails_alone() -> None:
    assert state(body(center(), Asked("clairvoyance", {}))) == "failed"


def test_rights_of_kinds_are_declared() -> None:
    assert all(isinstance(kind.rights, Rights) for kind in KINDS.values())
