"""A rule type that raises: its rules fall silent, what stood under them is withdrawn, all others go on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from alerts.conditions import ConditionBatch, Reason
from alerts.contract import Cells, Seen, Verdict
from alerts.rule import Rule
from alerts.stage_one import StageOne
from alerts.threshold import RULE_TYPE, Threshold
from tests.alerts.trial import FEED, T0_US, Item, catalog, observations, rule

LOW = {"unit": "1", "below": 5, "deadband": 1}


@dataclass(frozen=True)
class Brittle(Threshold):
    """A threshold that can't bear thirteen."""

    def judge(self, parameters: Cells, memory: Cells, seen: Seen) -> Verdict:
        if (seen.value == 13).any():
            raise ZeroDivisionError("thirteen")
        return super().judge(parameters, memory, seen)


BRITTLE = Brittle("brittle", RULE_TYPE.label, RULE_TYPE.parameters, dict(RULE_TYPE.example))


def brittle() -> Rule:
    sound = rule("threshold", LOW, name="brittle_one")
    return replace(sound, type=BRITTLE)


def stage(*rules: Rule) -> StageOne:
    made = StageOne({FEED: 5.0})
    made.rebuild(rules, catalog(), T0_US)
    return made


def named(batch: ConditionBatch) -> list[tuple[str, int, int]]:
    return [
        (batch.rules[number].name, entered, reason)
        for number, entered, reason in zip(
            batch.rule.tolist(), batch.entered.tolist(), batch.reason.tolist(), strict=True
        )
    ]


def test_the_others_go_on_and_what_stood_is_withdrawn() -> None:
    low = rule("threshold", LOW, name="sound_one")
    running = stage(low, brittle())
    assert {name for name, *_ in named(running.observations(observations([Item(0, 1, 1)])))} == {
        "sound_one",
        "brittle_one",
    }
    found = named(running.observations(observations([Item(0, 20, 13)])))
    assert set(found) == {("sound_one", 0, int(Reason.JUDGED)), ("brittle_one", 0, int(Reason.WITHDRAWN))}
    assert running.failed == {"brittle": "ZeroDivisionError: thirteen"}
    assert named(running.observations(observations([Item(0, 30, 1)]))) == [("sound_one", 1, int(Reason.JUDGED))]
    assert len(running.tick(T0_US + 10**9)) == 0


def test_it_is_tried_again_when_rules_change() -> None:
    running = stage(brittle())
    running.observations(observations([Item(0, 1, 13)]))
    assert running.failed and running.rows == 0
    running.rebuild([brittle()], catalog(version=2), T0_US)
    assert running.failed == {} and running.rows > 0
    assert np.count_nonzero(running.observations(observations([Item(0, 40, 1)])).entered) == 1
