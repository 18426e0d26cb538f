"""The book against a plain telling of ISA-18.2: conditions repeated and in any order, people in between, restarts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from alerts import transitions
from alerts.alarm import Act, Alarm, Aside, Refusal, State, Turn
from alerts.book import Book
from alerts.book_memory import load
from alerts.conditions import Reason
from alerts.contract import SubjectKind
from alerts.relations import load_relations
from ops_center.domain.errors import WireError
from tests.alerts.book_trial import CHANNELS, LEVELS, Trial, batch, limits, us

RULES = {recovery: limits(recovery, recovery) for recovery in ("clear", "lower", "latch")}
CAUSE = limits("cause", consequence="severe", minutes=5)
EXPLAINS_ALL = load_relations(
    """
    [[relation]]
    causes = ["cause"]
    effects = ["clear", "lower", "latch"]
    reach = { by = "thing", within_s = 86400 }
    source = { zh = "试", en = "trial" }
    """,
    "trial",
)
SUBJECTS = st.just(1)
ONSETS = st.integers(0, 10).map(lambda n: 20 * n)
"""few, so that the same is heard again and words overtake one another"""
NAMES = st.sampled_from(sorted(RULES))

RETURN = {
    ("clear", State.UNACKNOWLEDGED): State.RETURNED,
    ("clear", State.ACKNOWLEDGED): State.NORMAL,
    ("lower", State.UNACKNOWLEDGED): State.RETURNED,
    ("lower", State.ACKNOWLEDGED): State.NORMAL,
    ("latch", State.UNACKNOWLEDGED): State.LATCHED_UNACKNOWLEDGED,
    ("latch", State.ACKNOWLEDGED): State.LATCHED_ACKNOWLEDGED,
}
ACKNOWLEDGE = {
    State.UNACKNOWLEDGED: State.ACKNOWLEDGED,
    State.RETURNED: State.NORMAL,
    State.LATCHED_UNACKNOWLEDGED: State.LATCHED_ACKNOWLEDGED,
}


@dataclass
class Plain:
    """One alarm as a person would tell it."""

    state: State = State.NORMAL
    aside: Aside = Aside.NONE
    level: int = 0
    stood: bool = False
    chattering: bool = False
    acknowledged: bool = False
    parent: bool = False
    raises: list[int] = field(default_factory=list)
    newest: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """channel → newest onset, and whether it is over"""

    @property
    def standing(self) -> set[str]:
        return {channel for channel, (_, over) in self.newest.items() if not over}

    def hear(self, channel: str, onset: int, recovery: str, *, entered: bool) -> None:
        known, over = self.newest.get(channel, (-1, True))
        if onset < known or (onset == known and (entered or over)):
            return
        self.newest[channel] = (onset, not entered)
        now = max((LEVELS[one] for one in self.standing), default=0)
        if now and not self.stood:
            self.raised(onset, now)
        elif now > self.level and self.state is State.ACKNOWLEDGED and entered:
            self.state = State.UNACKNOWLEDGED
        elif not now and self.stood:
            self.returned(recovery)
        self.stood = bool(now)
        self.level = now or self.level

    def raised(self, onset: int, level: int) -> None:
        calm = self.chattering and self.acknowledged and level <= self.level
        self.state = State.ACKNOWLEDGED if calm else State.UNACKNOWLEDGED
        self.raises = [*self.raises, onset][-3:]
        if len(self.raises) == 3 and self.raises[-1] - self.raises[0] <= 60:
            self.chattering = True

    def returned(self, recovery: str) -> None:
        after = RETURN[recovery, self.state]
        if recovery != "latch" and self.aside is not Aside.NONE:
            after = State.NORMAL if self.aside is Aside.SUPPRESSED else State.RETURNED
        self.state = after
        self.closes()

    def closes(self) -> None:
        if self.state is State.NORMAL:
            self.aside = Aside.NONE

    def taken_back(self, aside: Aside) -> None:
        self.aside = aside
        if self.state is State.RETURNED:
            self.state = State.NORMAL
            self.closes()


class BookMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.trial = Trial(*RULES.values(), CAUSE, relations=EXPLAINS_ALL)
        self.causes, self.began = False, 0.0
        self.plain: dict[tuple[str, int], Plain] = {}

    def of(self, name: str, subject: int) -> Alarm | None:
        found = [one for one in self.trial.open if (one.rule, one.subject) == (name, subject)]
        assert len(found) <= 1, "one rule over one subject is one alarm"
        return found[0] if found else None

    @rule(
        name=NAMES,
        subject=SUBJECTS,
        channel=st.sampled_from(CHANNELS),
        onset=ONSETS,
        entered=st.booleans(),
    )
    def condition(self, name: str, subject: int, channel: str, onset: int, entered: bool) -> None:
        plain = self.plain.setdefault((name, subject), Plain())
        was_open = plain.state is not State.NORMAL
        self.trial.change(name, subject, channel, onset, onset + (0 if entered else 5), entered=entered)
        plain.hear(channel, onset, name, entered=entered)
        if not was_open and plain.state is not State.NORMAL:
            plain.parent, plain.aside = False, Aside.NONE
        self.settle()

    @rule(name=NAMES, subject=SUBJECTS, moment=st.integers(0, 300))
    def acknowledge(self, name: str, subject: int, moment: int) -> None:
        alarm, plain = self.of(name, subject), self.plain.get((name, subject))
        if alarm is None or plain is None:
            return
        outcome = self.done(transitions.acknowledge(alarm, "li", us(moment)))
        by_people = plain.aside in {Aside.SHELVED, Aside.OUT_OF_SERVICE} and plain.state is State.RETURNED
        if plain.state not in ACKNOWLEDGE or by_people:
            assert isinstance(outcome, Refusal)
            return
        plain.state, plain.acknowledged = ACKNOWLEDGE[plain.state], True
        plain.closes()

    @rule(name=NAMES, subject=SUBJECTS)
    def reset(self, name: str, subject: int) -> None:
        alarm, plain = self.of(name, subject), self.plain.get((name, subject))
        if alarm is None or plain is None:
            return
        outcome = self.done(transitions.reset(alarm, "li", us(self.trial.now_s)))
        people = plain.aside in {Aside.SHELVED, Aside.OUT_OF_SERVICE}
        if plain.state is State.LATCHED_ACKNOWLEDGED and not people:
            plain.state = State.NORMAL
            plain.closes()
        else:
            assert isinstance(outcome, Refusal)

    @rule(name=NAMES, subject=SUBJECTS, out=st.booleans())
    def set_aside(self, name: str, subject: int, out: bool) -> None:
        alarm, plain = self.of(name, subject), self.plain.get((name, subject))
        if alarm is None or plain is None:
            return
        now = us(self.trial.now_s)
        if out:
            outcome = transitions.out_of_service(alarm, "li", now, "works")
        else:
            outcome = transitions.shelve(alarm, "li", now, now + 600_000_000, "known")
        self.done(outcome)
        if plain.aside is Aside.OUT_OF_SERVICE:
            assert isinstance(outcome, Refusal)
        else:
            plain.aside = Aside.OUT_OF_SERVICE if out else Aside.SHELVED

    @rule(name=NAMES, subject=SUBJECTS)
    def take_back(self, name: str, subject: int) -> None:
        alarm, plain = self.of(name, subject), self.plain.get((name, subject))
        if alarm is None or plain is None:
            return
        out = plain.aside is Aside.OUT_OF_SERVICE
        outcome = self.done(
            (transitions.in_service if out else transitions.unshelve)(alarm, "li", us(self.trial.now_s))
        )
        if plain.aside not in {Aside.SHELVED, Aside.OUT_OF_SERVICE}:
            assert isinstance(outcome, Refusal)
            return
        plain.taken_back(Aside.SUPPRESSED if plain.parent else Aside.NONE)

    @rule()
    def explain_or_free(self) -> None:
        """Let what explains all others begin, or end after somebody acknowledged it."""
        self.causes = not self.causes
        at_s = self.began + (1 if self.causes else 0.5)
        self.began = at_s if self.causes else self.began
        self.trial.change("cause", 1, "L", self.began, at_s, entered=self.causes)
        if self.causes:
            cause = self.of("cause", 1)
            assert cause is not None
            self.done(transitions.acknowledge(cause, "li", us(at_s)))
        for plain in self.plain.values():
            if not self.causes and plain.parent:
                plain.parent = False
                if plain.aside is Aside.SUPPRESSED:
                    plain.taken_back(Aside.NONE)
        self.settle()

    def settle(self) -> None:
        """Let whatever is open lie under what explains it."""
        for plain in self.plain.values():
            if self.causes and plain.state is not State.NORMAL and not plain.parent:
                plain.parent = True
                plain.aside = plain.aside if plain.aside is not Aside.NONE else Aside.SUPPRESSED

    @rule()
    def repeat_a_tick(self) -> None:
        self.trial.tick(self.trial.now_s)
        self.settle()
        assert not self.trial.tick(self.trial.now_s), "the same tick again does nothing"

    @precondition(lambda self: self.plain)
    @rule()
    def restart(self) -> None:
        before = self.trial.open
        self.trial.restart()
        assert self.trial.open == before

    def done(self, outcome: Turn | Refusal) -> Turn | Refusal:
        if isinstance(outcome, Turn):
            self.trial.said([outcome])
            self.trial.book.put(outcome.alarm)
        return outcome

    @invariant()
    def the_same_is_told(self) -> None:
        for (name, subject), plain in self.plain.items():
            alarm = self.of(name, subject)
            assert (alarm.state if alarm else State.NORMAL) is plain.state
            if alarm:
                assert {one.channel for one in alarm.findings} == plain.standing
                assert bool(alarm.parent) == plain.parent
                assert (alarm.aside, alarm.chattering) == (plain.aside, plain.chattering)
                assert bool(alarm.waiting_us) == (alarm.wants_somebody and alarm.state in ACKNOWLEDGE), (
                    "who waits knows since when"
                )

    @invariant()
    def the_journal_tells_how_it_came_to_be(self) -> None:
        state: dict[int, State] = {}
        for entry in self.trial.journal:
            assert entry.before is state.get(entry.alarm, State.NORMAL)
            state[entry.alarm] = entry.after
        for alarm in self.trial.open:
            assert state[alarm.id] is alarm.state


TestBookMachine = BookMachine.TestCase
TestBookMachine.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)


def test_what_is_delivered_again_changes_nothing() -> None:
    trial = Trial(limits())
    first = batch(trial.rules["pressure"], [(1, "L", 0, 0, True), (1, "LL", 5, 5, True), (1, "L", 0, 9, False)])
    assert [entry.act for turn in trial.take(first) for entry in turn.entries] == [Act.RAISED, Act.CHANGED, Act.CHANGED]
    before = trial.open
    assert not trial.take(first) and trial.open == before
    trial.restart()
    assert not trial.take(first) and trial.open == before


def test_raised_again_within_ten_minutes_of_closing_it_is_the_same_alarm_later_it_is_another() -> None:
    trial = Trial(limits())
    trial.enter("pressure", 1, 0)
    trial.leave("pressure", 1, 0, 10)
    trial.book.put(transitions.acknowledge(trial.open[0], "li", us(20)).alarm)  # type: ignore[union-attr]
    trial.restart()
    trial.enter("pressure", 1, 20 + 599)
    assert [(one.id, one.times, one.raised_us) for one in trial.open] == [(1, 2, us(0))]
    trial.leave("pressure", 1, 20 + 599, 700)
    trial.book.put(transitions.acknowledge(trial.open[0], "li", us(700)).alarm)  # type: ignore[union-attr]
    trial.tick(700 + 601)
    trial.enter("pressure", 1, 700 + 602)
    assert [(one.id, one.times) for one in trial.open] == [(2, 1)]


def test_chattering_begins_with_the_third_raise_in_a_minute_and_ends_when_it_is_calm() -> None:
    trial = Trial(limits())
    for at_s in (0, 25, 50):
        assert not any(one.chattering for one in trial.open)
        trial.enter("pressure", 1, at_s)
        trial.leave("pressure", 1, at_s, at_s + 10)
    assert [(one.times, one.chattering) for one in trial.open] == [(3, True)]
    trial.tick(50 + 600)
    assert trial.open[0].chattering
    trial.tick(50 + 601)
    assert not trial.open[0].chattering


def test_a_shelf_ends_by_itself_and_what_returned_beneath_closes() -> None:
    trial = Trial(limits())
    trial.enter("pressure", 1, 0)
    trial.enter("pressure", 2, 0)
    for alarm in trial.open:
        trial.book.put(transitions.shelve(alarm, "li", us(1), us(100), "known").alarm)  # type: ignore[union-attr]
    trial.leave("pressure", 1, 0, 50)
    assert not trial.tick(99) and len(trial.open) == 2
    trial.tick(100)
    assert [(one.subject, one.aside, one.waiting_us) for one in trial.open] == [(2, Aside.NONE, us(100))]


def test_it_escalates_by_the_share_of_its_time_while_nobody_acknowledges() -> None:
    trial = Trial(limits(minutes=10))
    trial.enter("pressure", 1, 0)
    steps = [
        (at_s, [e.detail["step"] for turn in trial.tick(at_s) for e in turn.entries]) for at_s in range(60, 2400, 60)
    ]
    assert [(at_s, done) for at_s, done in steps if done] == [(300, [1]), (600, [2]), (1200, [3])]
    trial = Trial(limits(minutes=10))
    trial.enter("pressure", 1, 0)
    trial.book.put(transitions.acknowledge(trial.open[0], "li", us(10)).alarm)  # type: ignore[union-attr]
    assert not trial.tick(10**5)


def test_a_city_escalates_by_shares_of_its_own() -> None:
    trial = Trial(limits(minutes=10))
    trial.facts = replace(trial.facts, escalate_after=(0.1,))
    trial.enter("pressure", 1, 0)
    assert not trial.tick(59) and len(trial.tick(60)) == 1
    assert not trial.tick(10**5), "one step, and no further"


def test_what_is_withdrawn_unacknowledged_stays_to_be_seen_even_if_its_rule_is_gone() -> None:
    trial = Trial(limits(recovery="latch"))
    trial.enter("pressure", 1, 0)
    trial.facts = type(trial.facts)({}, trial.facts.place_of)
    trial.take(batch(trial.rules["pressure"], [(1, "LL", 0, 9, False)], Reason.WITHDRAWN))
    assert [one.state for one in trial.open] == [State.RETURNED]
    assert trial.journal[-1].act is Act.WITHDRAWN


def test_a_condition_of_an_unknown_rule_is_counted_and_the_batch_says_which_are_lacking() -> None:
    trial = Trial(limits())
    stranger = batch(limits("other"), [(1, "L", 0, 0, True)], kind=SubjectKind.DATASTREAM)
    assert trial.facts.lacks(stranger) == {"other"}
    assert not trial.take(stranger) and trial.book.strangers == 1


def test_a_flood_keeps_its_first_alarms_in_order_and_ends_below_five() -> None:
    trial = Trial(limits(), size=40)
    for number in range(10):
        trial.enter("pressure", number, 10 * number)
    assert trial.book.flood is None
    for number in range(10, 14):
        trial.enter("pressure", number, 10 * number)
    flood = trial.book.flood
    assert flood is not None and (flood.since_us, flood.first, flood.lines) == (us(0), tuple(range(1, 15)), 14)
    trial.restart()
    assert trial.book.flood == flood
    trial.tick(600 + 89)
    assert trial.book.flood == flood, "five within the last ten minutes"
    trial.tick(600 + 90)
    assert trial.book.flood is None


@pytest.mark.parametrize("record", [b"x", b"\x78\x9c\x03\x00\x00\x00\x00\x01", Book((), 1).dump()[:-9]])
def test_bytes_that_are_no_memory_are_refused(record: bytes) -> None:
    with pytest.raises(WireError):
        load(record)


def test_what_chatters_and_is_known_comes_back_acknowledged_unless_it_is_worse() -> None:
    trial = Trial(limits())
    for at_s in (0, 20, 40):
        trial.enter("pressure", 1, at_s, "L")
        trial.leave("pressure", 1, at_s, at_s + 5, "L")
    trial.book.put(transitions.acknowledge(trial.open[0], "li", us(50)).alarm)  # type: ignore[union-attr]
    trial.enter("pressure", 1, 60, "L")
    assert trial.open[0].state is State.ACKNOWLEDGED
    trial.leave("pressure", 1, 60, 65, "L")
    trial.enter("pressure", 1, 80, "LL")
    assert trial.open[0].state is State.UNACKNOWLEDGED


def test_a_shelf_outlives_the_return_of_what_was_acknowledged() -> None:
    trial = Trial(limits())
    trial.enter("pressure", 1, 0)
    trial.book.put(transitions.acknowledge(trial.open[0], "li", us(1)).alarm)  # type: ignore[union-attr]
    trial.book.put(transitions.shelve(trial.open[0], "li", us(2), us(500), "known").alarm)  # type: ignore[union-attr]
    trial.leave("pressure", 1, 0, 10)
    trial.enter("pressure", 1, 20)
    assert [(one.aside, one.times) for one in trial.open] == [(Aside.SHELVED, 2)]
