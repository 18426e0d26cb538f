"""Whatever is done to incidents in whatever order: what holds of them always holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from ops_center.incidents import acts, drawing, sending
from ops_center.incidents.facts import FACTS, fault_of
from ops_center.incidents.incident import LED, Change, Entry, Incident, Level, Outcome, Refusal, State
from ops_center.incidents.parts import Assignment, Drawing
from tests.incidents.given import HERE, T0, done, new

PEOPLE = st.sampled_from(["li", "wang", "zhao"])
TEXTS = st.sampled_from(["", " ", "已到场 @wang", "x" * 5000])
NUMBERS = st.integers(1, 4)

NEXT: dict[State, set[State]] = {
    State.REPORTED: {State.VERIFIED, State.OPEN, State.CLOSED},
    State.VERIFIED: {State.OPEN, State.CLOSED},
    State.OPEN: {State.CONTAINED, State.RESOLVED, State.CLOSED},
    State.CONTAINED: {State.RESOLVED, State.REOPENED, State.CLOSED},
    State.RESOLVED: {State.CLOSED, State.REOPENED},
    State.CLOSED: {State.REOPENED},
    State.REOPENED: {State.CONTAINED, State.RESOLVED, State.CLOSED},
}
"""the picture in incident.py, and merging, which closes whatever is not closed"""


class Incidents(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now: dict[int, Incident] = {}
        self.log: list[Entry] = []
        self.clock_us = T0
        self.out = 0.0
        """sandbags that were taken from the store and not brought back"""

    numbers = Bundle("numbers")

    def take(self, *answers: Change | Refusal) -> None:
        self.clock_us += 1_000_000
        for answer in answers:
            if isinstance(answer, Refusal):
                assert answer.label.zh and answer.label.en
                continue
            before, after = self.now.get(answer.incident.id), answer.incident
            assert after.version == (before.version if before else 0) + 1, "one command, one version"
            assert len(answer.entries) == 1, "and one line"
            (entry,) = answer.entries
            assert (entry.incident, entry.after) == (after.id, after.state)
            if before is not None:
                assert entry.before is before.state
                assert after.state is before.state or after.state in NEXT[before.state]
                changed = {name for name in FACTS if getattr(before, name) != getattr(after, name)}
                assert {name for name in FACTS if after.touched.get(name) == after.version} >= changed
            self.now[after.id] = after
            self.log.append(entry)

    @rule(target=numbers, who=PEOPLE, title=st.sampled_from(["爆管", ""]))
    def report(self, who: str, title: str) -> int:
        number = len(self.now) + 1
        self.take(acts.report(new(id=number, reported_by=who, title=title)))
        if number not in self.now:
            self.take(acts.report(new(id=number, reported_by=who)))
        return number

    @rule(
        number=numbers,
        who=PEOPLE,
        text=TEXTS,
        verb=st.sampled_from(["verify", "dismiss", "contain", "close", "reopen", "note"]),
    )
    def simple(self, number: int, who: str, text: str, verb: str) -> None:
        self.take(getattr(acts, verb)(self.now[number], who, self.clock_us, text))

    @rule(number=numbers, who=PEOPLE, commander=st.sampled_from(["", "wang", "zhao"]))
    def open(self, number: int, who: str, commander: str) -> None:
        self.take(acts.open_(self.now[number], who, self.clock_us, commander))

    @rule(number=numbers, who=PEOPLE, unfinished=st.integers(0, 1))
    def resolve(self, number: int, who: str, unfinished: int) -> None:
        answer = acts.resolve(self.now[number], who, self.clock_us, unfinished)
        assert not (unfinished and isinstance(answer, Change))
        self.take(answer)

    @rule(number=numbers, who=PEOPLE, commander=st.sampled_from(["wang", "zhao"]), text=TEXTS)
    def hand_over(self, number: int, who: str, commander: str, text: str) -> None:
        self.take(acts.hand_over_command(self.now[number], who, self.clock_us, commander, text))

    @rule(number=numbers, who=PEOPLE, behind=st.integers(0, 3), facts=st.fixed_dictionaries({}, optional={
        "title": st.sampled_from(["爆管", "大面积停水", ""]), "level": st.sampled_from(list(Level)),
        "lead_department": st.sampled_from(["", "water_company", "fire"]),
    }))  # fmt: skip
    def change(self, number: int, who: str, behind: int, facts: dict[str, Any]) -> None:
        incident = self.now[number]
        seen = incident.version - behind
        answer = acts.change(incident, who, self.clock_us, seen, facts)
        if isinstance(answer, Change):
            new = {name for name, value in facts.items() if getattr(incident, name) != value}
            assert all(incident.touched.get(name, 0) <= seen for name in new), "nobody's change is overwritten unseen"
        self.take(answer)

    @rule(number=numbers, who=PEOPLE, alarm=NUMBERS, undo=st.booleans())
    def link(self, number: int, who: str, alarm: int, undo: bool) -> None:
        incident = self.now[number]
        if undo:
            self.take(acts.unlink(incident, who, self.clock_us, "alarms", alarm))
        else:
            self.take(acts.link(incident, who, self.clock_us, "alarms", [alarm, alarm]))

    @rule(number=numbers, who=PEOPLE, kind=st.sampled_from(["point", "text", "closure"]), erase=st.booleans())
    def draw(self, number: int, who: str, kind: Any, erase: bool) -> None:
        incident = self.now[number]
        if erase:
            return self.take(drawing.erase(incident, who, self.clock_us, incident.drawn))
        drawn = Drawing(id=0, kind=kind, label="集结点", place=HERE, by=who, at_us=self.clock_us)
        answer = drawing.draw(incident, drawn)
        assert isinstance(answer, Refusal) == (incident.is_closed or kind == "closure"), "a closure is no point"
        return self.take(answer)

    @rule(number=numbers, who=PEOPLE, unit=st.sampled_from(["F1", "F2"]))
    def send(self, number: int, who: str, unit: str) -> None:
        self.take(
            sending.assign_unit(self.now[number], Assignment(unit=unit, assigned_us=self.clock_us, eta_us=0, by=who))
        )

    @rule(
        number=numbers,
        who=PEOPLE,
        unit=st.sampled_from(["F1", "F2"]),
        verb=st.sampled_from(["unit_under_way", "unit_arrived", "release_unit"]),
    )
    def move(self, number: int, who: str, unit: str, verb: str) -> None:
        answer = getattr(sending, verb)(self.now[number], who, self.clock_us, unit)
        assert isinstance(answer, Refusal) or self.now[number].held(unit) is not None
        self.take(answer)

    @rule(number=numbers, who=PEOPLE, quantity=st.sampled_from([-1.0, 0.0, 0.1, 2.0]), back=st.booleans())
    def stock(self, number: int, who: str, quantity: float, back: bool) -> None:
        verb = sending.return_stock if back else sending.take_stock
        answer = verb(self.now[number], who, self.clock_us, sending.Taking("depot", "sandbags", quantity, "1"))
        if isinstance(answer, Change):
            self.out += -quantity if back else quantity
        self.take(answer)

    @rule(number=numbers, into=numbers, who=PEOPLE, reason=TEXTS)
    def merge(self, number: int, into: int, who: str, reason: str) -> None:
        answer = acts.merge(self.now[number], self.now[into], who, self.clock_us, reason)
        if isinstance(answer, Refusal):
            return self.take(answer)
        gone, kept = (change.incident for change in answer)
        assert set(kept.alarms) >= set(gone.alarms)
        return self.take(*answer)

    @rule(target=numbers, number=numbers, who=PEOPLE, alarm=NUMBERS)
    def split(self, number: int, who: str, alarm: int) -> int:
        child = len(self.now) + 1
        answer = acts.split(self.now[number], new(id=child, reported_by=who), who, self.clock_us, [alarm], "另一处")
        if isinstance(answer, Refusal):
            return number
        old, begun = (change.incident for change in answer)
        assert not set(old.alarms) & set(begun.alarms), "an alarm is in one of the two"
        self.take(*answer)
        return child

    @invariant()
    def what_always_holds(self) -> None:
        for incident in self.now.values():
            assert fault_of(incident) is None
            assert (incident.closed_us != 0) == incident.is_closed == (incident.outcome is not Outcome.NONE)
            assert (incident.merged_into != 0) == (incident.outcome is Outcome.MERGED)
            assert incident.commander or incident.state not in LED
            assert len(set(incident.alarms)) == len(incident.alarms)
            assert incident.id not in incident.links
            drawn = [one.id for one in incident.drawings]
            assert len(set(drawn)) == len(drawn), "an id of a drawing is never used again"
            assert max(drawn, default=0) <= incident.drawn
            held = [one.unit for one in incident.units if one.is_held]
            assert len(set(held)) == len(held), "a unit is with an incident once"
            assert not (held and incident.is_closed), "what is closed holds nobody"
            assert all(
                one.assigned_us <= one.under_way_us <= one.arrived_us for one in incident.units if one.arrived_us
            )

    @invariant()
    def no_stock_is_lost(self) -> None:
        held = sum(one.quantity for incident in self.now.values() for one in incident.stocks)
        assert abs(held - self.out) < 1e-6

    @invariant()
    def the_log_tells_the_state(self) -> None:
        """Who reads the log alone, from its first line on, knows where every incident stands."""
        told: dict[int, State] = {}
        for entry in self.log:
            assert told.get(entry.incident, entry.before) is entry.before
            told[entry.incident] = entry.after
        assert told == {number: incident.state for number, incident in self.now.items()}


TestIncidents = Incidents.TestCase


def test_facts_that_different_people_change_meet() -> None:
    incident = replace(new(), version=1)
    first = acts.change(incident, "li", T0, 1, {"title": "新标题"})
    assert isinstance(first, Change)
    second = acts.change(first.incident, "wang", T0, 1, {"level": Level.II})
    assert isinstance(second, Change), "another fact: both succeed"
    third = acts.change(second.incident, "zhao", T0, 1, {"title": "另一个标题"})
    assert isinstance(third, Refusal)
    assert third.code == "passed"
    assert "title" in third.label.en


def test_who_is_mentioned_is_known() -> None:
    answer = acts.note(replace(new(), version=1), "li", T0, "请 @wang 和@zhao 到场，@wang")
    assert isinstance(answer, Change)
    assert answer.entries[0].mentions == ("wang", "zhao")


def test_who_drew_and_who_was_sent_go_along_when_incidents_are_merged() -> None:
    def with_parts(number: int, unit: str) -> Incident:
        drawn = Drawing(id=0, kind="text", label="集结", place=HERE, by="li", at_us=T0)
        one = done(drawing.draw(replace(new(id=number), version=1), drawn))
        one = done(sending.assign_unit(one, Assignment(unit=unit, assigned_us=T0, by="li")))
        return done(sending.take_stock(one, "li", T0, sending.Taking("depot", "sandbags", 2.5, "t")))

    answer = acts.merge(with_parts(1, "F1"), with_parts(2, "F2"), "wang", T0 + 9, "同一处")
    assert not isinstance(answer, Refusal)
    gone, kept = (change.incident for change in answer)
    assert [one.id for one in kept.drawings] == [1, 2]
    assert [one.unit for one in kept.units if one.is_held] == ["F2", "F1"]
    assert [(one.quantity, one.unit) for one in kept.stocks] == [(5.0, "t")]
    assert (gone.stocks, [one.released_us for one in gone.units]) == ((), [T0 + 9])
