"""The rules that ship are about what the feeds send, in units and within limits that the feeds declare."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from alerts.expansion import first_stage
from alerts.loading import shipped_files, shipped_rules
from alerts.quantities import factor
from alerts.rule import Codes, Rule
from alerts.scope import Columns
from alerts.stage_two import StageTwo
from alerts.surroundings import Surroundings
from feeds import all_feeds
from feeds.contract import DatastreamKind
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.place import MetricFrame
from ops_center.domain.text import Label
from tests.alerts.trial import TYPES
from tests.layers import tiny_city

FEEDS = all_feeds()
RULES = shipped_rules(TYPES)
BY_NAME = {rule.name: rule for rule in RULES}
EVERY = pytest.mark.parametrize("rule", RULES, ids=BY_NAME)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def each(codes: Codes) -> list[str]:
    return [] if codes is None else [codes] if isinstance(codes, str) else list(codes)


def kinds_of(rule: Rule) -> Iterable[DatastreamKind]:
    wanted = each(rule.scope.observed_property)
    for feed in each(rule.scope.feed) or FEEDS:
        yield from (kind for kind in FEEDS[feed].kinds if not wanted or kind.observed_property in wanted)


def city() -> Catalog:
    """A few things of every kind, one subject of the city's own figures, and the center itself."""
    small = tiny_city.catalog()
    things, streams = list(small.things.values()), list(small.datastreams.values())
    signs = {"indicator": "air_quality", "rank": "domain", "area_kind": "city"}
    for feed in ("city_figures", "center_health", "vital_signs"):
        key, label = len(things), Label("全市", "city")
        things.append(Thing(key, feed, "whole", "aggregate", feed, label, 118.7, 32.0, attributes=signs))
        streams += [
            Datastream(len(streams) + n, key, kind.observed_property, kind.unit, feed, 60.0)
            for n, kind in enumerate(FEEDS[feed].kinds)
        ]
    return Catalog(1, things, streams)


def test_there_is_a_file_for_each_domain() -> None:
    names = {name.removesuffix(".toml") for name, _ in shipped_files()}
    assert names >= {"air", "traffic", "water", "weather", "video", "vehicles", "health"}


@EVERY
def test_is_about_feeds_kinds_and_properties_that_exist(rule: Rule) -> None:
    assert set(each(rule.scope.feed)) <= FEEDS.keys()
    known = {kind for feed in FEEDS.values() for kind in feed.thing_kinds}
    assert set(each(rule.scope.kind)) <= known
    if rule.scope.observed_property is not None:
        found = {kind.observed_property for kind in kinds_of(rule)}
        assert found == set(each(rule.scope.observed_property))


@EVERY
def test_has_a_unit_that_its_values_can_be_converted_into_and_limits_that_are_possible(rule: Rule) -> None:
    unit = getattr(rule.parameters, "unit", None)
    if unit is None or rule.type.source != "observations":
        return
    for kind in kinds_of(rule):
        into = factor(kind.unit, unit)
        assert into is not None, f"{kind.observed_property} is in {kind.unit}"
        low, high = (limit * into for limit in kind.plausible)
        for name in ("above", "below", "low_low", "low", "high", "high_high"):
            limit = getattr(rule.parameters, name, None)
            assert limit is None or low <= limit <= high, f"{name} = {limit} can't be crossed"


@EVERY
def test_listens_to_events_that_are_sent(rule: Rule) -> None:
    kinds = set(getattr(rule.parameters, "kinds", []))
    assert kinds <= {kind for feed in each(rule.scope.feed) for kind in FEEDS[feed].event_kinds}


@EVERY
def test_speaks_chinese_and_english_and_says_where_its_numbers_are_from(rule: Rule) -> None:
    form = rule.form
    texts = form.texts
    for words in (form.label, form.source, texts.cause, texts.consequence, texts.operator_action, texts.department):
        assert _CHINESE.search(words.zh) and not _CHINESE.search(words.en)


@EVERY
def test_has_rows_in_a_city(rule: Rule) -> None:
    catalog = city()
    if rule.type.source == "conditions":
        stage = StageTwo(FEEDS, Surroundings(MetricFrame("EPSG:4549")))
        stage.rebuild(
            [BY_NAME[name] for name in BY_NAME if BY_NAME[name].type.source != "conditions"] + [rule], catalog, 0
        )
        assert stage.rows > 0
    else:
        part = first_stage(rule, Columns.of(catalog), sorted(FEEDS))
        assert len(part.subject) > 0 and part.left_out == 0


@EVERY
def test_is_not_switched_off(rule: Rule) -> None:
    assert rule.form.enabled
