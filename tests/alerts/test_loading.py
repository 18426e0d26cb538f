"""Rules from text: strict, and an error names file, rule and field."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.loading import load_rules, read_rule, shipped_files
from ops_center.domain.errors import ConfigurationError
from tests.alerts.trial import TYPES

GOOD = """
[[rule]]
name = "low"
type = "threshold"
label = { zh = "低", en = "low" }
source = { zh = "假定", en = "assumed" }
scope = { feed = "water", observed_property = "water_pressure" }
parameters = { unit = "kPa", below = 140 }
priority = { consequence = "major", respond_min = 10 }
[rule.texts]
cause = { zh = "一", en = "a" }
consequence = { zh = "一", en = "a" }
operator_action = { zh = "一", en = "a" }
department = { zh = "一", en = "a" }
"""


def test_a_good_file_is_read() -> None:
    (rule,) = load_rules(GOOD, "x.toml", TYPES)
    assert (rule.name, rule.version, rule.type.name, rule.parameters.on_delay_s) == ("low", 1, "threshold", 0.0)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("below = 140", "below = 140, above = 3", "parameters: exactly one of above and below"),
        ("below = 140", "bellow = 140", "parameters.*bellow"),
        ("below = 140", "below = 140, deadband = -1", "parameters.deadband"),
        ("below = 140", "below = nan", "parameters.below"),
        ("below = 140", "below = 140, on_delay_s = 1e9", "parameters.on_delay_s"),
        ('"kPa"', '"bar"', "parameters: 'bar' is none of the UCUM units"),
        ('"threshold"', '"treshold"', "type: 'treshold' is none of"),
        ('feed = "water"', 'fed = "water"', "scope.*fed"),
        ('feed = "water"', 'subject = "feed"', "scope.subject: 'feed' is none of datastream"),
        ('"major"', '"huge"', "priority.consequence"),
        ("respond_min = 10", "respond_min = 0", "priority.respond_min"),
        ('zh = "低"', 'zh = " "', "label"),
        ('name = "low"', 'name = "Low water"', "name"),
        ('type = "threshold"', 'type = "threshold"\nversion = 0', "version"),
    ],
)
def test_an_error_names_file_rule_and_field(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError, match=rf"^x.toml, rule .*{says}"):
        load_rules(GOOD.replace(old, new, 1), "x.toml", TYPES)


@pytest.mark.parametrize("text", ["[[rule]", "rule = 3", "[other]", "[[rule]]\n[[ruler]]", "[[rule]]"])
def test_what_is_no_file_of_rules_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^x.toml"):
        load_rules(text, "x.toml", TYPES)


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two rules of this name"):
        load_rules(GOOD + GOOD, "x.toml", TYPES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ENTRIES = [entry for _, text in shipped_files() for entry in tomllib.loads(text)["rule"]]


@given(st.sampled_from(ENTRIES), st.data())
def test_a_mutated_rule_is_read_or_refused_by_our_own_error(entry: dict[str, object], data: st.DataObject) -> None:
    broken = dict(entry)
    part = data.draw(st.sampled_from(["", "parameters", "scope", "priority", "texts"]))
    inner = broken if not part else broken.setdefault(part, {})
    inner = dict(inner)  # type: ignore[call-overload]
    inner[data.draw(st.sampled_from(sorted(inner) or ["x"]))] = data.draw(JSON)
    try:
        read_rule(inner if not part else {**broken, part: inner}, "x", TYPES)
    except ConfigurationError as error:
        assert str(error).startswith("x: ")
