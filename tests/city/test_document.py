"""The page about city packs says what the schema says, and the kinds of things are those of the feeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds import all_feeds
from ops_center.city.document import with_tables
from ops_center.city.kinds import FEEDS, THING_KINDS, UNITS
from ops_center.city.schema import LAYERS

PAGE = Path(__file__).parents[2] / "docs" / "city-packs.md"


def test_the_tables_of_the_page_are_those_of_the_schema():
    page = PAGE.read_text(encoding="utf-8")
    hint = "run: python -m ops_center.city.document docs/city-packs.md"
    assert with_tables(page) == page, hint


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="has no"):
        with_tables("# nothing")


def test_every_key_of_a_recipe_is_explained():
    from ops_center.city.recipe import _INPUT_KEYS

    page = PAGE.read_text(encoding="utf-8")
    assert [key for key in _INPUT_KEYS if f"`{key}`" not in page] == []


def test_every_feed_of_a_pack_exists_and_knows_the_kinds_of_things():
    for kind in THING_KINDS.values():
        assert kind.feed in FEEDS
        assert kind.name in all_feeds()[kind.feed].thing_kinds, kind.name


def test_kinds_observe_what_their_feeds_bring_in_the_same_unit_and_kind_of_time():
    for kind in THING_KINDS.values():
        declared = {entry.observed_property: entry for entry in all_feeds()[kind.feed].kinds}
        for stream in kind.streams:
            feed_kind = declared[stream.observed_property]
            assert (feed_kind.unit, feed_kind.time_kind) == (stream.unit, stream.time_kind), (kind.name, stream)
            assert stream.unit in UNITS


def test_references_lead_to_keys_that_exist():
    for layer in LAYERS.values():
        for field in layer.fields:
            if field.references:
                target, column = field.references.split(".")
                assert LAYERS[target].key == (column,), (layer.name, field.name)
        assert set(layer.key) <= set(layer.columns)
