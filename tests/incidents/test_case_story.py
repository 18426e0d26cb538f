"""What a case tells of itself: its turns, how long each took, what was late, every version of its lessons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops_center.domain.time import MINUTE_US
from ops_center.incidents import acts
from ops_center.incidents.case_story import Lesson, story_of
from ops_center.incidents.incident import Entry, Incident, Refusal
from ops_center.incidents.learning import rewrite_lessons
from ops_center.incidents.parts import Assignment
from ops_center.incidents.task import Stage
from tests.incidents.given import T0, done, new, opened, task

WROTE = "阀门图须更新"


def at(minutes: float) -> int:
    return T0 + round(minutes * MINUTE_US)


def closed(**more: object) -> Incident:
    led = done(acts.contain(opened(**more), "wang", at(20)))
    return done(acts.close(done(acts.resolve(led, "wang", at(50), 0)), "wang", at(90), WROTE))


def log_of(*answers: object) -> list[Entry]:
    return [entry for answer in answers for entry in answer.entries]  # type: ignore[attr-defined]


def sent(unit: str, eta: float, arrived: float) -> Assignment:
    return Assignment(unit=unit, assigned_us=at(2), eta_us=at(eta), arrived_us=at(arrived), by="wang")


def test_it_counts_from_the_report_and_says_what_never_happened() -> None:
    case = closed(units=(sent("U2", 12, 19), sent("U1", 12, 13)))
    story = story_of(case, (), ())
    assert story.minutes == {
        "verify": pytest.approx(0, abs=0.01),
        "arrive": 13,
        "contain": 20,
        "resolve": 50,
        "close": 90,
    }
    assert story_of(replace(case, contained_us=0, units=()), (), ()).minutes["contain"] is None
    assert [(one.what, one.unit) for one in story.turns] == [("arrived", "U1")], "the first that was there"


def test_what_was_late_says_by_how_much_the_latest_first() -> None:
    given = {"begins_us": T0, "stage": Stage.VERIFIED, "accepted_us": at(4)}
    tasks = [
        task(id=1, **given, reported_us=at(29)),
        task(id=2, **given, reported_us=at(33)),
        task(id=3, **{**given, "accepted_us": at(25)}, reported_us=at(30)),
        task(id=4, **{**given, "stage": Stage.CANCELLED}, reported_us=at(99)),
    ]
    story = story_of(closed(units=(sent("U1", 12, 13), sent("U2", 12, 19))), tasks, ())
    assert [(one.accepted_late_min, one.done_late_min) for one in story.late_tasks] == [(20, 0), (0, 3)]
    assert (story.tasks, story.units) == (3, 2)
    assert [(one.unit, one.late_min) for one in story.late_units] == [("U2", 7)], "a minute is what traffic does"


def test_lessons_are_written_anew_and_every_version_stays() -> None:
    resolved = done(acts.resolve(opened(), "wang", at(50), 0))
    first = acts.close(resolved, "wang", at(90), WROTE)
    case = done(first)
    again = rewrite_lessons(case, "li", at(95), case.version, " 阀门图每季更新 ")
    assert done(again).lessons == "阀门图每季更新" and done(again).is_closed
    story = story_of(done(again), (), log_of(first, again))
    assert story.lessons == (Lesson("阀门图每季更新", "li", at(95)), Lesson(WROTE, "wang", at(90)))


def test_who_was_passed_is_told_and_what_is_no_case_has_no_lessons() -> None:
    case = closed()
    after = done(rewrite_lessons(case, "li", at(95), case.version, "x"))
    passed = rewrite_lessons(after, "zhao", at(96), case.version, "y")
    assert isinstance(passed, Refusal) and passed.code == "passed"
    assert done(rewrite_lessons(after, "zhao", at(96), after.version, "y")).lessons == "y"
    codes = [
        rewrite_lessons(case, "li", at(95), case.version, "  "),
        rewrite_lessons(case, "li", at(95), case.version, WROTE),
        rewrite_lessons(done(acts.reopen(case, "li", at(95), "again")), "li", at(96), 99, "z"),
        rewrite_lessons(done(acts.dismiss(done(acts.report(new())), "li", at(3), "none")), "li", at(4), 99, "z"),
    ]
    assert [one.code for one in codes if isinstance(one, Refusal)] == ["text", "same", "state", "state"]
