"""The tree that ships: what every indicator of a file promises."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

import numpy as np
import pytest

from alerts.loading import shipped_rules
from feeds import all_feeds
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.units import UNITS
from ops_center.indicators.evaluating import evaluate
from ops_center.indicators.evidence import CITY, Area
from ops_center.indicators.form import Alarms, Figure, Live, Statistic, Words
from ops_center.indicators.loading import Indicator, load_tree, shipped_tree
from ops_center.indicators.scale import STEPS, Level, level_of_score, levels_of, scores_of
from ops_center.services.history import GROUPS
from tests.alerts.trial import TYPES
from tests.indicators.evidences import whole_city

TREE = shipped_tree()
EVERY = pytest.mark.parametrize("one", TREE.indicators.values(), ids=TREE.indicators.keys())
LEAF = pytest.mark.parametrize("one", TREE.leaves, ids=lambda one: one.name)
_CHINESE = re.compile("[\u4e00-\u9fff]")
FEEDS = all_feeds()
RULES = {rule.name for rule in shipped_rules(TYPES)}


def test_has_the_domains_that_a_leader_asks_for() -> None:
    domains = [one.name for one in TREE.children["city"]]
    assert domains == ["safety", "traffic", "environment", "water", "order", "response", "economy"]
    assert all(TREE.children[name] for name in domains)


@EVERY
def test_speaks_both_languages_and_says_where_its_numbers_are_from(one: Indicator) -> None:
    words: Iterable[Words | None] = (one.form.label, one.form.short, one.form.about, one.form.source)
    for text in words:
        if text is not None and text.zh != text.en:
            assert _CHINESE.search(text.zh) and not _CHINESE.search(text.en), text
    assert one.form.source.zh and one.form.source.en


@LEAF
def test_its_scale_goes_from_good_to_severe(one: Indicator) -> None:
    form = one.form
    assert form.limits is not None and form.best is not None and form.worst is not None
    ends = np.array([form.best, *form.limits, form.worst])
    levels = levels_of(ends, form.limits, form.better)
    assert levels.tolist() == [1, 1, 2, 3, 4, 5], "a limit is still on its better side"
    scores = scores_of(ends, form.limits, form.better, form.best, form.worst)
    assert scores[0] == 100 and scores[2:].tolist() == [*STEPS[1:], 0]
    between = np.linspace(form.best, form.worst, 301)
    by_score = level_of_score(scores_of(between, form.limits, form.better, form.best, form.worst))
    assert np.array_equal(by_score, levels_of(between, form.limits, form.better)), "value and score tell one level"


@LEAF
def test_asks_for_what_there_is_in_its_unit(one: Indicator) -> None:
    for given in one.form.inputs.values():
        if isinstance(given, Figure):
            groups = {given.subject.split(":")[0]} if given.subject else set(one.form.areas)
            named = {"network": ("water", "drain")}
            for group in groups:
                assert any(given.property in GROUPS[each] for each in named.get(group, (group,))), given
        if isinstance(given, Live) and given.property is not None:
            kinds = [kind for feed in given.feeds or FEEDS for kind in FEEDS[feed].kinds]
            kind = next(kind for kind in kinds if kind.observed_property == given.property)
            assert given.take == "share_within" or kind.unit == one.form.unit
            limits = [limit for limit in (given.low, given.high) if limit is not None]
            assert all(kind.plausible[0] <= limit <= kind.plausible[1] for limit in limits)
        if isinstance(given, Alarms):
            for pattern in [*(given.rules or []), *given.but]:
                assert any(fnmatchcase(rule, pattern) for rule in RULES), pattern
        if isinstance(given, Statistic):
            assert TREE.statistics[given.name].unit == one.form.unit
    assert one.form.unit in UNITS


def test_a_calm_city_is_known_and_good_and_no_economy_is_made_up() -> None:
    found = evaluate(TREE, CITY, whole_city().evidence(alarms=[]))
    economy = {one.name for one in TREE.children["economy"]} | {"economy", "hotline_on_time"}
    assert {name for name, vital in found.items() if vital.level is Level.UNKNOWN} == economy
    assert {vital.level for name, vital in found.items() if name not in economy} == {Level.GOOD}
    assert found["city"].score > 90


def test_districts_and_departments_have_what_can_be_told_of_them() -> None:
    evidence = whole_city().evidence(alarms=[])
    slow = evaluate(TREE, Area("district", "D1"), evidence)
    assert slow["congestion"].value == 1.9 and slow["congestion"].level is Level.POOR
    assert slow["fine_particles"].level is Level.UNKNOWN, "no figure was ever received there"
    assert "expressway_speed" not in slow
    police = evaluate(TREE, Area("department", "traffic_police"), evidence)
    assert police["sensors_in_time"].value == 100 and "congestion" not in police


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("edition = 3", "edition"),
        ('edition = "x"\nindicator = []', "root"),
        (
            'edition = "x"\n[[indicator]]\nname = "a"\nlabel = {zh="甲", en="a"}\nsource = {zh="甲", en="a"}',
            "neither a formula nor children",
        ),
    ],
)
def test_a_file_that_is_wrong_says_where(text: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what):
        load_tree(text, "own.toml")


@pytest.mark.parametrize(
    ("field", "wrong", "what"),
    [
        ('formula = "index"', 'formula = "index + other"', "formula"),
        ('formula = "index"', 'formula = "open(index)"', "no function"),
        ("limits = [1.3, 1.5, 1.8, 2.2]", "limits = [1.3, 1.5, 1.4, 2.2]", "one way"),
        ("best = 1.0", "best = 9.0", "one way"),
        ('parent = "traffic"\nweight = 4', 'parent = "nowhere"\nweight = 4', "does not stand before it"),
        ('inputs.rate = { from = "statistic", name = "cpi" }', 'inputs.rate = { from = "guess" }', "guess"),
        ('name = "hotline_on_time" }', 'name = "nothing" }', "no statistic"),
        ('digits = 2\nlimits = [1.3', 'digits = 9\nlimits = [1.3', "digits"),
    ],
)  # fmt: skip
def test_every_slip_in_the_shipped_file_is_found(field: str, wrong: str, what: str) -> None:
    from importlib.resources import files

    text = (files("ops_center.indicators") / "tree.toml").read_text("utf-8")
    if field not in text:
        field = 'inputs.cpi = { from = "statistic", name = "cpi" }'
        wrong = 'inputs.cpi = { from = "guess" }'
    assert field in text
    with pytest.raises(ConfigurationError, match=what):
        load_tree(text.replace(field, wrong, 1), "own.toml")
