"""Ten thousand mutations of messages of every feed, and everything that was ever found, by the code of `make fuzz`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import valid
from tests.fuzz.mutating import Mutator
from tests.fuzz.reading import Outcome
from tests.fuzz.report import report
from tests.fuzz.running import Result, Run, silence
from tests.fuzz.shrinking import smallest
from tests.fuzz.targets import inside, topics

COUNT = 10_000
SEED = 20_261_123
TARGETS = {**topics(), **inside()}
CORPUS = sorted(path for path in (Path(__file__).parent / "corpus").rglob("*") if path.is_file())
MOST_MIB = 200
"""what a process that has read everything may take: the model city and its tests included"""


@pytest.fixture(scope="module")
def results() -> Mapping[str, Result]:
    each = COUNT // len(topics()) + 1
    counts = {**dict.fromkeys(topics(), each), **dict.fromkeys(inside(), 200)}
    return {name: Run(name, TARGETS[name], SEED).go(count) for name, count in counts.items()}


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_was_found_once_is_never_found_again(path: Path) -> None:
    with silence():
        outcome = TARGETS[path.parent.name]().take([path.read_bytes()])
    assert outcome.accepted + sum(outcome.refused.values()) >= 1


def test_nothing_crashes_and_everything_sent_is_accepted_or_refused(results: Mapping[str, Result]) -> None:
    print(report(results, SEED, 0))
    assert {name: list(result.findings.values()) for name, result in results.items() if result.findings} == {}
    assert sum(result.messages for result in results.values()) >= COUNT


@pytest.mark.parametrize("name", topics())
def test_mutations_reach_what_is_accepted_and_what_is_refused(results: Mapping[str, Result], name: str) -> None:
    assert results[name].accepted > 0
    assert results[name].refused.total() > 0


def test_every_reason_is_reached(results: Mapping[str, Result]) -> None:
    reasons = {reason for name in topics() for reason in results[name].refused}
    assert len(reasons) == 6, reasons


def test_memory_stays_bounded(results: Mapping[str, Result]) -> None:
    assert max(result.peak_mib for result in results.values()) < MOST_MIB


@pytest.mark.parametrize("name", TARGETS)
def test_valid_messages_are_accepted(name: str) -> None:
    with silence():
        target = TARGETS[name]()
        outcome = target.take(target.values)
    assert outcome.accepted >= len(target.values)


@pytest.mark.parametrize("name", topics())
def test_valid_messages_are_refused_for_nothing_but_what_they_say(name: str) -> None:
    """Some name a retired thing or an unknown property, some devices are at fault: nothing is undecodable."""
    target = TARGETS[name]()
    assert "not_decodable" not in target.take(target.values).refused


def test_the_same_seed_sends_the_same() -> None:
    values = valid.raw_messages()["water"]
    first, second = (Mutator(values, Random(5)) for _ in range(2))
    assert [first.next() for _ in range(300)] == [second.next() for _ in range(300)]


class Fragile:
    """A reader that breaks on one letter, and on two messages that come together."""

    name = "fragile"
    values = (b'{"a":["xyz",1],"b":2}', b"abc")

    def take(self, values: list[bytes]) -> Outcome:
        if any(b"Z" in value for value in values):
            raise ZeroDivisionError
        if len(values) > 1 and sum(b"c" in value for value in values) >= 2:
            return Outcome(0)
        return Outcome(len(values))


def test_a_crash_is_found_and_made_small() -> None:
    result = Run("fragile", Fragile, 1).go(3000)
    found = {finding.what.split(" ")[0]: finding.messages for finding in result.findings.values()}
    assert found["ZeroDivisionError"] == (b"Z",)
    assert found["Broken"] == (b"c", b"c")


def test_what_does_not_break_again_is_kept_whole() -> None:
    assert smallest([b"abc", b"def"], lambda values: False) == [b"abc", b"def"]
