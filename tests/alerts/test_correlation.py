"""What explains what: by relations, along a network, by closeness, and never the more urgent under the less urgent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import alerts
from alerts import transitions
from alerts.alarm import Act, Alarm, Aside, State, Turn
from alerts.contract import SubjectKind
from alerts.loading import shipped_rules
from alerts.relations import load_relations, shipped_relations
from alerts.rule import Rule
from alerts.subjects import feed, group_key
from alerts.surroundings import Network, Surroundings
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.place import MetricFrame
from tests.alerts.book_trial import Trial, batch, limits, us
from tests.alerts.trial import FEED

WORDS = 'source = { zh = "试", en = "trial" }'
BURST = limits("burst", consequence="severe", minutes=5)
LOW = limits("low", consequence="major", minutes=10)
FLOOD = limits("flood", consequence="moderate", minutes=60)
LINE = Network(
    np.array([[n, n + 1] for n in range(7)], np.int32), np.arange(8, dtype=np.int32), np.arange(8, dtype=np.int32)
)
ON_A_LINE = Surroundings(MetricFrame("EPSG:4549"), {"water": LINE})
TABLE = load_relations(
    f"""
    [[relation]]
    causes = ["burst"]
    effects = ["low", "flood"]
    reach = {{ by = "network", network = "water", hops = 2, within_s = 600 }}
    {WORDS}

    [[family]]
    rules = ["low"]
    reach = {{ by = "network", network = "water", hops = 1, within_s = 600 }}
    {WORDS}
    """,
    "trial",
)


def line() -> Trial:
    return Trial(BURST, LOW, FLOOD, surroundings=ON_A_LINE, relations=TABLE)


def under(trial: Trial) -> dict[tuple[str, int], tuple[str, int] | None]:
    """Who lies under whom, by rule and subject."""
    name = {one.id: (one.rule, one.subject) for one in trial.open}
    return {name[one.id]: name.get(one.parent) for one in trial.open}


def put(trial: Trial, alarm: Alarm, command: Callable[..., object], *more: object) -> None:
    outcome = command(alarm, "li", us(trial.now_s), *more)
    assert isinstance(outcome, Turn), outcome
    trial.said([outcome])
    trial.book.put(outcome.alarm)


def only(trial: Trial, rule: str, subject: int) -> Alarm:
    return next(one for one in trial.open if (one.rule, one.subject) == (rule, subject))


def test_a_cause_explains_what_is_within_reach_along_its_network_and_relatives_of_that() -> None:
    trial = line()
    trial.enter("burst", 0, 0)
    for node in (2, 3, 6):
        trial.enter("low", node, 10)
    assert under(trial) == {
        ("burst", 0): None, ("low", 2): ("burst", 0), ("low", 3): ("burst", 0), ("low", 6): None,
    }  # fmt: skip
    assert only(trial, "low", 2).explained_by == "network" and only(trial, "low", 2).aside is Aside.SUPPRESSED
    assert [one.rule for one in trial.lines] == ["burst", "low"]


def test_without_a_cause_the_first_of_neighbours_stands_for_all_and_a_cause_found_later_takes_over() -> None:
    trial = line()
    for at_s, node in enumerate((4, 3, 1, 2)):
        trial.enter("low", node, at_s)
    assert [(one.rule, one.subject) for one in trial.lines] == [("low", 4)]
    trial.enter("burst", 2, 30)
    assert [(one.rule, one.subject) for one in trial.lines] == [("burst", 2)]
    last = [entry for entry in trial.journal if entry.alarm == only(trial, "low", 3).id][-1]
    assert (last.act, last.detail["parent"]) == (Act.SUPPRESSED, only(trial, "burst", 2).id)
    assert last.detail["before"] == only(trial, "low", 4).id


def test_what_is_too_far_in_time_is_not_explained() -> None:
    trial = line()
    trial.enter("burst", 2, 0)
    trial.enter("low", 2, 601)
    assert len(trial.lines) == 2


def test_a_child_whose_parent_closes_is_free_and_its_neighbours_gather_under_one_of_them() -> None:
    trial = line()
    trial.enter("burst", 2, 0)
    for node in (1, 2, 3):
        trial.enter("low", node, 5)
    trial.enter("flood", 2, 5)
    trial.leave("burst", 2, 0, 60)
    assert len(trial.lines) == 1, "it has returned, and still explains until somebody has seen it"
    put(trial, only(trial, "burst", 2), transitions.acknowledge)
    trial.tick(61)
    assert under(trial) == {
        ("low", 1): None, ("low", 2): ("low", 1), ("low", 3): ("low", 1), ("flood", 2): None,
    }  # fmt: skip
    assert only(trial, "low", 1).waiting_us == us(61), "it waits from now on"


def test_a_child_that_returns_closes_at_once_and_asks_nobody() -> None:
    trial = line()
    trial.enter("burst", 2, 0)
    trial.enter("low", 2, 5)
    trial.leave("low", 2, 5, 20)
    assert [one.rule for one in trial.open] == ["burst"]
    assert [entry.act for entry in trial.journal[-2:]] == [Act.RETURNED, Act.CLOSED]


def test_what_is_more_urgent_never_lies_under_what_is_less_urgent() -> None:
    trial = Trial(LOW, FLOOD, surroundings=ON_A_LINE, relations=load_relations(
        f"""
        [[relation]]
        causes = ["flood"]
        effects = ["low"]
        reach = {{ by = "network", network = "water", hops = 2, within_s = 600 }}
        {WORDS}
        """, "trial"))  # fmt: skip
    trial.enter("flood", 2, 0)
    trial.enter("low", 2, 5)
    assert len(trial.lines) == 2


def test_one_of_a_family_that_gets_more_urgent_stands_for_all() -> None:
    trial = line()
    for at_s, node in enumerate((1, 2, 3)):
        trial.enter("low", node, at_s, "L")
    trial.enter("low", 3, 10, "LL")
    assert [(one.subject, one.priority) for one in trial.lines] == [(3, 1)]
    trial.leave("low", 3, 10, 20, "LL")
    assert [one.subject for one in trial.lines] == [3], "and stays so: who stands for all doesn't jump"


def test_what_somebody_set_aside_explains_nothing() -> None:
    trial = line()
    trial.enter("burst", 2, 0)
    trial.enter("low", 2, 5)
    put(trial, only(trial, "burst", 2), transitions.shelve, us(500), "known")
    trial.tick(6)
    assert [one.rule for one in trial.lines] == ["low"]
    trial.tick(500)
    assert [one.rule for one in trial.lines] == ["burst"]


def test_a_restart_changes_no_group() -> None:
    trial = line()
    for at_s, node in enumerate((1, 2, 3)):
        trial.enter("low", node, at_s)
    trial.enter("burst", 3, 10)
    trial.enter("flood", 4, 12)
    before = trial.open
    trial.restart()
    trial.enter("low", 6, 13)
    assert [one for one in trial.open if one.subject != 6] == before


@pytest.mark.parametrize(("by", "kind"), [("feed", SubjectKind.GROUP), ("district", SubjectKind.THING)])
def test_things_of_one_feed_or_district_are_explained_by_rule(by: str, kind: SubjectKind) -> None:
    table = load_relations(
        f"""
        [[relation]]
        causes = ["burst"]
        effects = ["low"]
        reach = {{ by = "{by}", within_s = 600 }}
        {WORDS}
        """,
        "trial",
    )
    trial = Trial(BURST, LOW, relations=table)
    subject = group_key(feed(FEED)) if by == "feed" else 1
    trial.take(batch(BURST, [(subject, "L", 0, 0, True)], kind=kind))
    trial.enter("low", 0, 5)
    trial.enter("low", 7, 5)
    assert [one.explained_by for one in trial.open] == (["", "rule", "rule"] if by == "feed" else ["", "rule", ""])


@given(
    st.lists(
        st.tuples(st.sampled_from(["enter", "leave", "acknowledge", "shelve", "restart", "tick"]),
                  st.sampled_from([BURST, LOW, FLOOD]), st.integers(0, 7), st.sampled_from(["L", "LL"])),
        max_size=60,
    )
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_whatever_happens_groups_are_groups(steps: list[tuple[str, Rule, int, str]]) -> None:
    trial = line()
    for number, (what, of, subject, channel) in enumerate(steps):
        at_s = float(number)
        alarm = next((one for one in trial.open if (one.rule, one.subject) == (of.name, subject)), None)
        standing = {one.channel: one for one in alarm.findings} if alarm else {}
        if what == "enter":
            trial.enter(of.name, subject, at_s, channel)
        elif what == "leave" and channel in standing:
            onset_s = (standing[channel].onset_us - us(0)) / 1e6
            trial.leave(of.name, subject, onset_s, at_s, channel)
        elif what == "acknowledge" and alarm and alarm.state is State.UNACKNOWLEDGED:
            put(trial, alarm, transitions.acknowledge)
        elif what == "shelve" and alarm:
            put(trial, alarm, transitions.shelve, us(at_s + 5), "known")
        elif what == "restart":
            trial.restart()
        trial.tick(at_s)
        tops = {one.id: one for one in trial.open}
        for one in trial.open:
            if one.parent:
                parent = tops[one.parent]
                assert parent.parent == 0 and parent.priority <= one.priority
                assert parent.aside not in {Aside.SHELVED, Aside.OUT_OF_SERVICE}
                assert one.explained_by
            else:
                assert one.aside is not Aside.SUPPRESSED
        assert not trial.tick(at_s), "the book has settled"


def test_the_table_that_ships_is_about_rules_that_ship() -> None:
    known = {rule.name: rule for rule in shipped_rules(alerts.registry())}
    table = shipped_relations()
    named = {name for one in table.relations for name in (*one.causes, *one.effects)}
    assert named | {name for one in table.families for name in one.rules} <= known.keys()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[relation]]", "causes"),
        (f'[[family]]\nrules=["a"]\nreach={{by="near",within_s=1}}\n{WORDS}', "distance_m"),
        (f'[[family]]\nrules=["a"]\nreach={{by="network",hops=3,within_s=1}}\n{WORDS}', "network"),
        (f'[[family]]\nrules=["a"]\nreach={{by="city",within_s=1}}\n{WORDS}\n' * 2, "two families"),
        (f'[[relation]]\ncauses=["a"]\neffects=["a"]\nreach={{by="city",within_s=1}}\n{WORDS}', "circle"),
        ("x = [", "trial"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        load_relations(text, "trial")
