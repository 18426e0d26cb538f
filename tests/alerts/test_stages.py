"""Both stages as a worker uses them: edits, feeds that pause, scopes, rules over conditions, replay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest

from alerts.conditions import ConditionBatch, Reason, decode_conditions, encode_conditions
from alerts.contract import SubjectKind
from alerts.replay import replay
from alerts.rule import Rule
from alerts.scope import Columns
from alerts.stage_one import StageOne
from alerts.stage_two import StageTwo
from alerts.subjects import feed, group_key
from alerts.surroundings import Network, Surroundings
from ops_center.domain.catalog import Catalog
from ops_center.domain.errors import ConfigurationError, WireError
from ops_center.domain.time import SECOND_US
from tests.alerts.trial import FEED, T0_US, THINGS, TYPES, Item, Trial, catalog, conditions, observations, rule, turns

LOW = {"unit": "1", "below": 5, "deadband": 1, "on_delay_s": 10}


def stage_with(*rules: Rule, of: Catalog | None = None) -> StageOne:
    stage = StageOne({FEED: 5.0})
    stage.rebuild(rules, of or catalog(), T0_US)
    return stage


def standing() -> tuple[StageOne, Rule]:
    low = rule("threshold", LOW)
    stage = stage_with(low)
    assert len(stage.observations(observations([Item(0, 1, 1), Item(0, 20, 1)]))) == 1
    return stage, low


def edited(of: Rule, **parameters: Any) -> Rule:
    return rule(of.type.name, {**LOW, **parameters}, name=of.name, version=of.version + 1)


def test_an_edit_of_a_limit_keeps_what_stands() -> None:
    stage, low = standing()
    rebuilt = stage.rebuild([edited(low, below=6, on_delay_s=99)], catalog(version=2), T0_US)
    assert len(rebuilt.conditions) == 0 and [change.what for change in rebuilt.changes] == ["kept"]
    left = stage.observations(observations([Item(0, 30, 9)]))
    assert left.entered.tolist() == [0] and left.rules[0].version == 2


def test_an_edit_of_the_unit_starts_anew_says_why_and_withdraws_what_stood() -> None:
    stage, low = standing()
    rebuilt = stage.rebuild([edited(low, unit="%")], catalog("%", version=2), T0_US)
    assert [(change.what, change.because) for change in rebuilt.changes] == [("restarted", "unit")]
    assert rebuilt.conditions.reason.tolist() == [Reason.WITHDRAWN] and rebuilt.conditions.entered.tolist() == [0]


@pytest.mark.parametrize("how", ["removed", "disabled", "retired"])
def test_what_is_no_longer_watched_is_withdrawn(how: str) -> None:
    stage, low = standing()
    off = Rule(msgspec.structs.replace(low.form, enabled=False), low.type, low.parameters)
    rules = {"removed": [], "disabled": [off], "retired": [low]}[how]
    gone = catalog()
    if how == "retired":
        gone = Catalog(
            2, [replace(thing, retired=thing.key == 0) for thing in gone.things.values()], gone.datastreams.values()
        )
    rebuilt = stage.rebuild(rules, gone, T0_US + 99 * SECOND_US)
    assert rebuilt.conditions.reason.tolist() == [Reason.WITHDRAWN]
    assert rebuilt.conditions.onset_us.tolist() == [T0_US + 11 * SECOND_US]


def test_a_unit_that_measures_something_else_is_left_out_and_said() -> None:
    stage = StageOne({FEED: 0.0})
    changes = stage.rebuild([rule("threshold", {**LOW, "unit": "kPa"})], catalog("m"), T0_US).changes
    assert [(change.what, change.rows) for change in changes] == [("left_out", THINGS), ("new", 0)]


@pytest.mark.parametrize(
    ("scope", "rows"),
    [
        ({}, 8),
        ({"feed": "other"}, 0),
        ({"district": ["D0", "D3"]}, 4),
        ({"attributes": {"road_class": "local"}}, 4),
        ({"attributes": {"road_class": ["local", "expressway"]}}, 8),
        ({"attributes": {"tags": "hospital"}}, 8),
        ({"attributes": {"tags": True}}, 0),
        ({"kind": "trial_thing", "department": "water_company", "producer": FEED}, 8),
        ({"thing": "t3"}, 1),
        ({"area": [[118.69, 31.9], [118.71, 31.9], [118.71, 32.1], [118.69, 32.1]]}, 2),
        ({"observed_property": "nothing"}, 0),
    ],
)
def test_a_scope_means_what_meets_all_of_it(scope: dict[str, Any], rows: int) -> None:
    assert stage_with(rule("threshold", LOW, scope=scope)).rows == rows


SILENT = {"intervals": 3, "at_least_s": 30}


def everybody(at_s: float, but: int = -1) -> list[Item]:
    return [Item(n, at_s, 1.0) for n in range(THINGS) if n != but]


def live(stage: StageOne, items: list[Item], received_s: float) -> ConditionBatch:
    return stage.observations(replace(observations(items), received_us=T0_US + round(received_s * SECOND_US)))


def test_one_that_is_silent_is_missed_by_its_feeds_time() -> None:
    stage = stage_with(rule("silence", SILENT))
    found = []
    for at_s in range(0, 60, 10):
        live(stage, everybody(at_s, but=3 if at_s else -1), at_s + 1)
        found.append(stage.tick(T0_US + (at_s + 2) * SECOND_US))
    assert [(turn.subject, turn.at_s) for turn in turns(found)] == [(3, 30.0)]


def test_a_dead_feed_is_one_silent_feed_and_not_all_its_members() -> None:
    members, whole = rule("silence", SILENT, name="member"), rule("silence", SILENT, name="whole", subject="feed")
    stage = stage_with(members, whole)
    live(stage, everybody(0), 1)
    found = [stage.tick(T0_US + at_s * SECOND_US) for at_s in range(10, 3600, 10)]
    assert [(one.rule, one.subject_kind, one.subject) for batch in found for one in batch.identities()] == [
        ("whole", SubjectKind.GROUP, group_key(feed(FEED)))
    ]
    back = live(stage, everybody(3600, but=2), 3601)
    assert [(batch.rules[0].name, batch.entered.tolist()) for batch in [back]] == [("whole", [0])]
    live(stage, everybody(3620, but=2), 3621)
    assert len(stage.tick(T0_US + 3622 * SECOND_US)) == 0, "each member gets its full time again"
    live(stage, everybody(3640, but=2), 3641)
    late = stage.tick(T0_US + 3642 * SECOND_US)
    assert [(one.subject, one.onset_us) for one in late.identities()] == [(2, T0_US + 3630 * SECOND_US)]


def test_a_device_whose_clock_runs_ahead_does_not_make_others_silent() -> None:
    stage = stage_with(rule("silence", SILENT))
    live(stage, everybody(0), 1)
    live(stage, [Item(0, 300, 1.0)], 2)
    assert len(stage.tick(T0_US + 20 * SECOND_US)) == 0


def test_replay_says_what_the_live_rule_would_have_said() -> None:
    items = [Item(0, 10.0 * n, float(n % 7)) for n in range(100)]
    whole = replay([rule("threshold", LOW)], catalog(), [observations(items)], T0_US + 2000 * SECOND_US)
    parts = [observations(items[n : n + 3]) for n in range(0, 100, 3)]
    assert turns([whole]) == turns([replay([rule("threshold", LOW)], catalog(), parts, T0_US + 2000 * SECOND_US)])
    assert len(whole) > 4


def said(type_: str, parameters: dict[str, Any], items: list[Item], subject: str = "thing", end_s: float = 1e5) -> Any:
    trial = Trial(rule(type_, parameters, subject=subject))
    for item in items:
        trial.show([item])
    trial.tick(end_s)
    return [(turn.at_s, turn.entered) for turn in trial.turns()]


A, B, C = ({"rule": name} for name in "abc")


@pytest.mark.parametrize(
    ("parameters", "items", "says"),
    [
        ({"all": [A, B]}, [Item(0, 1, 1, leg=0), Item(0, 5, 1, leg=1), Item(0, 9, -1, leg=0)], [(5, True), (9, False)]),
        ({"any": [A, B]}, [Item(0, 1, 1, leg=0), Item(0, 5, 1, leg=1), Item(0, 9, -1, leg=0)], [(1, True)]),
        ({"all": [A], "none": [B]}, [Item(0, 1, 1), Item(0, 5, 1, leg=1), Item(0, 7, -1, leg=1)],
         [(1, True), (5, False), (7, True)]),
        ({"all": [A, B], "within_s": 10}, [Item(0, 1, 1), Item(0, 3, -1), Item(0, 9, 1, leg=1)],
         [(9, True), (13, False)]),
        ({"all": [A, B], "within_s": 5}, [Item(0, 1, 1), Item(0, 3, -1), Item(0, 9, 1, leg=1)], []),
        ({"all": [A, B]}, [Item(0, 1, 1, leg=0), Item(2, 5, 1, leg=1)], []),
    ],
)  # fmt: skip
def test_and_or_not_within_a_time(parameters: Any, items: list[Item], says: Any) -> None:
    assert said("combination", parameters, items) == says


def test_a_combination_in_a_district_joins_its_things() -> None:
    items = [Item(0, 1, 1, leg=0), Item(1, 5, 1, leg=1), Item(2, 6, 1, leg=1)]
    assert said("combination", {"all": [A, B]}, items, "district") == [(5, True)]


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([(1, 0), (5, 1), (9, 2)], [(9, True), (39, False)]),
        ([(1, 0), (5, 2), (9, 1)], []),
        ([(1, 0), (5, 1), (40, 2)], []),
        ([(1, 0), (5, 1), (20, 0), (40, 2)], []),
        ([(1, 0), (20, 0), (25, 1), (40, 2)], [(40, True), (70, False)]),
    ],
)
def test_a_sequence_within_a_time(steps: Any, says: Any) -> None:
    entered: set[int] = set()
    items: list[Item] = []
    for at_s, leg in steps:
        if leg in entered:
            items.append(Item(0, at_s - 0.5, -1, leg=leg))
        entered.add(leg)
        items.append(Item(0, at_s, 1, leg=leg))
    assert said("sequence", {"steps": [A, B, C], "within_s": 30, "lasts_s": 30}, items) == says


def test_k_of_n_near_a_thing_that_is_one_of_them() -> None:
    items = [Item(0, 1, 1), Item(2, 2, 1), Item(1, 3, 1), Item(0, 9, -1)]
    trial = Trial(rule("neighbourhood", {"of": [A], "k": 2, "distance_m": 100}))
    trial.show(items)
    assert [(t.at_s, t.subject, t.entered) for t in trial.turns()] == [
        (3, 0, True), (3, 1, True), (9, 0, False), (9, 1, False),
    ]  # fmt: skip


def test_k_of_n_along_a_network() -> None:
    line = np.array([[n, n + 1] for n in range(THINGS)], np.int32)
    nodes = np.arange(THINGS, dtype=np.int32)
    stage = StageTwo([FEED], Surroundings(networks={"water": Network(line, nodes, nodes)}))
    of = rule("neighbourhood", {"of": [A], "k": 3, "network": "water", "hops": 1})
    stage.rebuild([of, rule("threshold", LOW, name="a")], catalog(), T0_US)
    found = stage.conditions(conditions([Item(3, 1, 1), Item(5, 2, 1), Item(4, 3, 1)], ["a"]))
    assert [one.subject for one in found.identities()] == [4]


def test_an_edited_second_stage_begins_with_what_stands() -> None:
    first = [rule("threshold", LOW, name=name) for name in "ab"]
    stage = StageTwo([FEED])
    stage.rebuild([rule("combination", {"all": [A, B]}), *first], catalog(), T0_US)
    stage.conditions(conditions([Item(0, 1, 1)], ["a"]))
    rebuilt = stage.rebuild([rule("combination", {"all": [A]}), *first], catalog(), T0_US + 9 * SECOND_US)
    assert [(change.what, change.because) for change in rebuilt.changes] == [("restarted", "all")]
    assert [one.onset_us for one in rebuilt.conditions.identities()] == [T0_US + 9 * SECOND_US]


def test_a_rule_over_a_rule_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"trial.*'a'"):
        StageTwo([FEED]).rebuild([rule("combination", {"all": [A]})], catalog(), T0_US)


@pytest.mark.parametrize("record", [b"", b"OPSM", b"OPSM\xff\xff\xff\xff", b"x" * 99])
def test_bytes_that_are_no_memory_are_refused(record: bytes) -> None:
    with pytest.raises(WireError):
        StageOne({FEED: 0.0}).restore(record, [], catalog())
    with pytest.raises(WireError):
        StageTwo([FEED]).restore(record, [], catalog())


def test_bytes_that_are_no_conditions_are_refused() -> None:
    good = encode_conditions(conditions([Item(0, 1, 1)], ["a"]))
    stranger = conditions([Item(0, 1, 1)], ["a"])
    stranger = replace(stranger, rule=stranger.rule + 1)
    for record in (b"", good[:-1], b"X" + good[1:], encode_conditions(stranger)):
        with pytest.raises(WireError):
            decode_conditions(record)


def test_a_catalog_that_grew_keeps_what_its_rows_knew() -> None:
    stage, low = standing()
    stage.rebuild([low], catalog(size=20, version=2), T0_US)
    assert stage.rows == 20
    assert stage.observations(observations([Item(0, 30, 9), Item(19, 31, 9)])).entered.tolist() == [0]


def test_columns_of_an_empty_catalog_mean_nothing() -> None:
    columns = Columns.of(Catalog.empty())
    for type_ in TYPES.values():
        scope = rule(type_.name, type_.example, scope={"attributes": {"a": 1}}).scope
        assert len(columns.things_of(scope)) == len(columns.streams_of(scope)) == 0


def test_a_feed_read_in_several_places_comes_as_far_as_the_slowest_until_that_is_idle() -> None:
    """A thing whose records lie unread is not silent."""
    quiet = rule("silence", {"intervals": 1, "at_least_s": 30})
    stage = stage_with(quiet)

    def read(source: int, *items: Item) -> None:
        batch = replace(observations(list(items)), received_us=items[-1].time_us)
        assert not stage.observations(batch, np.full(len(batch), source, np.int32)).entered.any()

    read(0, Item(0, 0, 1), *(Item(0, at, 1) for at in range(10, 130, 10)))
    read(1, Item(1, 0, 1))
    record = stage.dump()
    for known in (stage, StageOne({FEED: 5.0})):
        if known is not stage:
            known.restore(record, [quiet], catalog())
        assert len(known.tick(T0_US + 50 * SECOND_US)) == 0
    silent = stage.tick(T0_US + 200 * SECOND_US)
    assert silent.subject.tolist() == [1] and silent.onset_us.tolist() == [T0_US + 30 * SECOND_US]
