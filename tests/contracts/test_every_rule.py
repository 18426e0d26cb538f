"""What every rule type promises, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest

from alerts.bounds import Parameters
from alerts.conditions import decode_conditions, encode_conditions
from alerts.contract import RuleType
from alerts.expansion import memory_columns
from alerts.rule import Rule
from ops_center.domain.errors import ConfigurationError
from tests.alerts.trial import THINGS, TYPES, Item, Trial, Turn, cut, rule, series, shuffled

EVERY = pytest.mark.parametrize("type_", TYPES.values(), ids=TYPES.keys())
SEEDS = range(3)


def example(type_: RuleType) -> Rule:
    return rule(type_.name, type_.example)


def shown(of: Rule, batches: list[Any], tick_s: float = 1e6) -> list[Turn]:
    trial = Trial(of)
    for batch in batches:
        trial.show(batch)
    trial.tick(tick_s)
    return trial.turns()


def in_time(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda item: item.at_s)


@EVERY
def test_says_who_it_is(type_: RuleType) -> None:
    assert type_.name.isidentifier() and type_.name == type_.name.lower()
    assert type_.label.zh != type_.label.en
    assert 1 <= len(type_.channels) <= 8
    assert len({channel.code for channel in type_.channels}) == len(type_.channels)
    assert all(1 <= channel.level <= 4 for channel in type_.channels)
    assert type_.subjects <= {"datastream", "thing", "district", "city", "feed"}


@EVERY
def test_restarts_over_parameters_that_it_has(type_: RuleType) -> None:
    assert type_.restarts <= set(type_.parameters.__struct_fields__)


@EVERY
def test_bounds_every_parameter(type_: RuleType) -> None:
    unbounded = [path for path, info in _leaves(type_.parameters) if not _is_bounded(info)]
    assert set(unbounded) <= {"unit"}, "a parameter can be anything"


def _leaves(struct: type[Parameters]) -> Iterator[tuple[str, msgspec.inspect.Type]]:
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)
    for field in info.fields:
        yield from _within(field.name, field.type)


def _within(path: str, info: msgspec.inspect.Type) -> Iterator[tuple[str, msgspec.inspect.Type]]:
    if isinstance(info, msgspec.inspect.UnionType):
        for one in info.types:
            yield from _within(path, one)
    elif isinstance(info, msgspec.inspect.StructType):
        for field in info.fields:
            yield from _within(f"{path}.{field.name}", field.type)
    elif isinstance(info, (msgspec.inspect.CollectionType, msgspec.inspect.VarTupleType)):
        yield from _within(f"{path}[]", info.item_type)
    elif isinstance(info, msgspec.inspect.TupleType):
        for one in info.item_types:
            yield from _within(f"{path}[]", one)
    else:
        yield path, info


def _is_bounded(info: msgspec.inspect.Type) -> bool:
    if isinstance(info, (msgspec.inspect.IntType, msgspec.inspect.FloatType)):
        return (info.ge, info.gt) != (None, None) and (info.le, info.lt) != (None, None)
    if isinstance(info, msgspec.inspect.StrType):
        return info.max_length is not None
    return isinstance(info, (msgspec.inspect.BoolType, msgspec.inspect.NoneType, msgspec.inspect.LiteralType))


@EVERY
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, -1e300, "many", [[]], {"a": 1}])
def test_refuses_what_is_no_sensible_value_and_names_the_parameter(type_: RuleType, value: Any) -> None:
    for name in type_.parameters.__struct_fields__:
        with pytest.raises(ConfigurationError, match=rf"^trial: parameters\.{name}\b|^trial: parameters\.?: |^trial: "):
            rule(type_.name, {**type_.example, name: value})


@EVERY
def test_refuses_parameters_that_it_does_not_have(type_: RuleType) -> None:
    with pytest.raises(ConfigurationError, match="nonsense"):
        rule(type_.name, {**type_.example, "nonsense": 1})


@EVERY
def test_speaks_at_all_in_its_trial(type_: RuleType) -> None:
    """Else the rest of this suite would say nothing."""
    if type_.name in QUIET:
        pytest.skip("learns for weeks before it says anything: tests/alerts tries it")
    found = [turn for seed in SEEDS for turn in shown(example(type_), [series(example(type_), seed)])]
    assert any(turn.entered for turn in found) and any(not turn.entered for turn in found)


QUIET = {"seasonal", "anomaly"}


@EVERY
def test_says_the_same_when_asked_again(type_: RuleType) -> None:
    of = example(type_)
    items = series(of, 1)
    assert shown(of, [items]) == shown(of, [items])


@EVERY
@pytest.mark.parametrize("seed", SEEDS)
def test_says_the_same_however_batches_are_cut(type_: RuleType, seed: int) -> None:
    of = example(type_)
    items = series(of, seed)
    cuts = np.random.default_rng(seed).integers(0, len(items), 9).tolist()
    whole = shown(of, [items])
    assert shown(of, cut(items, cuts)) == whole
    assert shown(of, [[item] for item in items]) == whole


@EVERY
@pytest.mark.parametrize("seed", SEEDS)
def test_says_the_same_whatever_others_do_meanwhile(type_: RuleType, seed: int) -> None:
    of = example(type_)
    items = series(of, seed)
    assert shown(of, [shuffled(items, seed)]) == shown(of, [items])


@EVERY
@pytest.mark.parametrize("seed", SEEDS)
def test_a_tick_only_makes_known_earlier_what_happened_anyway(type_: RuleType, seed: int) -> None:
    of = example(type_)
    items = in_time(series(of, seed))
    ticked = Trial(of)
    for item in items:
        ticked.tick(item.at_s)
        ticked.show([item])
    ticked.tick(1e6)
    assert ticked.turns() == shown(of, [items])


@EVERY
@pytest.mark.parametrize("seed", SEEDS)
def test_changes_nothing_when_everything_is_delivered_again(type_: RuleType, seed: int) -> None:
    of = example(type_)
    items = series(of, seed)
    trial = Trial(of)
    for part in cut(items, [30, 60, 90]):
        trial.show(part)
        assert len(trial.show(part)) == 0
    assert len(trial.show(items)) == 0
    trial.tick(1e6)
    assert trial.turns() == shown(of, [items])


@EVERY
@pytest.mark.parametrize("seed", SEEDS)
def test_goes_on_in_another_process_as_if_nothing_had_been(type_: RuleType, seed: int) -> None:
    of = example(type_)
    items = series(of, seed)
    trial = Trial(of)
    for part in cut(items, [25, 45, 100]):
        trial.show(part)
        trial.moved_on()
    trial.tick(1e6)
    assert trial.turns() == shown(of, [items])


@EVERY
@pytest.mark.parametrize("seed", SEEDS)
def test_ignores_what_is_late_or_repeated(type_: RuleType, seed: int) -> None:
    if type_.source == "conditions":
        pytest.skip("conditions come as they become known; repeated ones are tried above")
    of = example(type_)
    items = series(of, seed)
    disturbed = []
    for item in items:
        late = Item(item.subject, item.at_s - 0.5, 1000.0)
        again = Item(item.subject, item.at_s, 0.0)
        disturbed += [item, late, again]
    assert shown(of, [disturbed]) == shown(of, [items])


@EVERY
def test_waits_for_a_clock_that_was_set_back(type_: RuleType) -> None:
    of = example(type_)
    trial = Trial(of)
    trial.show(series(of, 2))
    trial.tick(1e5)
    assert len(trial.tick(10.0)) == len(trial.tick(-1e5)) == len(trial.tick(1e5)) == 0


@EVERY
@pytest.mark.parametrize("seed", SEEDS)
def test_enters_and_leaves_in_turn_and_in_the_order_of_time(type_: RuleType, seed: int) -> None:
    of = example(type_)
    by_row: dict[tuple[int, str], list[Turn]] = {}
    for turn in shown(of, [series(of, seed)]):
        by_row.setdefault((turn.subject, turn.channel), []).append(turn)
    for row in by_row.values():
        assert [turn.entered for turn in row] == [number % 2 == 0 for number in range(len(row))]
        assert all(first.at_s < second.at_s for first, second in pairwise(row))
        assert all(turn.onset_s == row[number // 2 * 2].at_s for number, turn in enumerate(row))


@EVERY
def test_never_says_nan(type_: RuleType) -> None:
    of = example(type_)
    items = series(of, 3)
    broken = [Item(i.subject, i.at_s + 0.25, value, leg=i.leg) for i in items for value in (np.nan, np.inf)]
    trial = Trial(of)
    if type_.source == "observations":  # others refuse what isn't finite at the door
        trial.show(in_time([*items, *broken]))
    else:
        trial.show(items)
    trial.tick(1e6)
    for batch in trial.found:
        assert np.isfinite(batch.value).all() and np.isfinite(batch.limit).all()


@EVERY
def test_says_nothing_of_nothing(type_: RuleType) -> None:
    trial = Trial(example(type_))
    assert len(trial.show([])) == len(trial.tick(0.0)) == len(trial.tick(1e6)) == 0
    trial.moved_on()
    assert len(trial.show([])) == 0


@EVERY
def test_never_remembers_more(type_: RuleType) -> None:
    of = example(type_)
    trial = Trial(of)
    before = len(trial.stage.dump())
    trial.show(series(of, 0, 1000))
    assert len(trial.stage.dump()) == before
    columns = memory_columns(type_).values()
    widths = [int(np.prod(one.width, dtype=int)) * np.dtype(one.dtype).itemsize for one in columns]
    assert sum(widths) <= 16_384, "a row remembers too much for a hundred thousand of them"


@EVERY
def test_what_it_finds_travels(type_: RuleType) -> None:
    of = example(type_)
    trial = Trial(of)
    trial.show(series(of, 1))
    trial.tick(1e6)
    for batch in trial.found:
        again = decode_conditions(encode_conditions(batch))
        assert list(again.identities()) == list(batch.identities())
        assert encode_conditions(again) == encode_conditions(batch)


@EVERY
def test_has_a_row_for_each_subject_of_each_kind(type_: RuleType) -> None:
    for subject in sorted(type_.subjects):
        trial = Trial(rule(type_.name, type_.example, subject=subject))
        rows = {"datastream": THINGS, "thing": THINGS, "district": THINGS // 2, "city": 1, "feed": 1}[subject]
        assert trial.stage.rows == rows
