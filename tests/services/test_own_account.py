"""What people do to their own account: nothing that gives it away to whoever sits down at an open workstation."""

from __future__ import annotations

import pyotp
import pytest

from ops_center.domain.people import Session
from ops_center.domain.rights import Role
from ops_center.domain.time import SECOND_US
from ops_center.people.passwords import PasswordFault
from ops_center.services.account_rules import NOT_LOCAL
from ops_center.services.own_account import DEMANDED, Done, NotTaken
from ops_center.services.sign_in_outcomes import NeedsCode, NeedsEnrolment, Refused, SignedIn, StartAgain, Wait, Wrong
from ops_center.services.signing_in import Visitor
from ops_center.store.port import Store
from tests.services.people_center import BETTER, GOOD, People, make_people
from tests.store.persons import add, last_entry


def enrol(people: People, session: Session) -> tuple[str, tuple[str, ...]]:
    needs = people.own.begin_enrolment(session, GOOD)
    assert isinstance(needs, NeedsEnrolment)
    code = pyotp.TOTP(needs.secret).at(people.clock.us // SECOND_US)
    done = people.own.finish_enrolment(session, needs.ticket, code)
    assert isinstance(done, Done)
    return needs.secret, done.recovery_codes


def next_code(people: People, secret: str) -> str:
    people.pass_time(30)
    return pyotp.TOTP(secret).at(people.clock.us // SECOND_US)


def test_a_new_password_ends_all_other_sessions_and_keeps_this_one(people: People) -> None:
    session, secret = people.start("lin")
    other = people.enter("lin")
    assert people.own.change_password(session, GOOD, BETTER) == Done()
    people.sessions.look()
    assert people.sessions.resolve(secret) is not None and people.sessions.is_current(session)
    assert people.sessions.resolve(other.secret) is None
    assert people.signing_in.sign_in("lin", GOOD, Visitor()) == Wrong()
    people.enter("lin", BETTER)


def test_the_present_password_is_asked_for_and_guesses_slow_down(people: People) -> None:
    session, _ = people.start("lin")
    outcomes = [people.own.change_password(session, "a wrong one", BETTER) for _ in range(7)]
    assert outcomes[:6] == [Wrong()] * 6 and isinstance(outcomes[6], Wait)
    assert last_entry(people.store).action == "account.confirmation_refused"
    people.enter("lin")  # signing in is another matter


@pytest.mark.parametrize(
    ("new", "fault"),
    [("short", PasswordFault.TOO_SHORT), (GOOD, PasswordFault.SAME), ("password1234", PasswordFault.GUESSABLE)],
)
def test_a_new_password_has_to_be_good_and_new(people: People, new: str, fault: PasswordFault) -> None:
    session, _ = people.start("lin")
    assert people.own.change_password(session, GOOD, new) == NotTaken(fault)


def test_accounts_without_a_password_here_have_none_to_change(people: People) -> None:
    add(people.store, "demo-operator", origin="demo")
    session = people.enter_anyhow("demo-operator").session
    assert people.own.change_password(session, "", BETTER) == Refused(NOT_LOCAL)
    assert people.own.begin_enrolment(session, "") == Refused(NOT_LOCAL)


def test_a_telephone_is_enrolled_and_codes_are_asked_for_from_then_on(people: People) -> None:
    session, secret = people.start("lin")
    assert people.own.begin_enrolment(session, "a wrong one") == Wrong()
    totp_secret, codes = enrol(people, session)
    assert len(codes) == 10
    people.sessions.look()
    assert people.sessions.resolve(secret) is not None, "the session that did it goes on"
    asked = people.signing_in.sign_in("lin", GOOD, Visitor())
    assert isinstance(asked, NeedsCode)
    entered = people.signing_in.second_factor(asked.ticket, next_code(people, totp_secret), Visitor())
    assert isinstance(entered, SignedIn)


def test_an_enrolment_is_finished_by_whom_it_was_begun_for_once_and_with_a_right_code(people: People) -> None:
    session, _ = people.start("lin")
    stranger, _ = people.start("wang")
    needs = people.own.begin_enrolment(session, GOOD)
    assert isinstance(needs, NeedsEnrolment)
    code = pyotp.TOTP(needs.secret).at(people.clock.us // SECOND_US)
    assert people.own.finish_enrolment(stranger, needs.ticket, code) == StartAgain()
    assert people.own.finish_enrolment(session, needs.ticket, "000000") == Wrong()
    assert isinstance(people.own.finish_enrolment(session, needs.ticket, code), Done)
    assert people.own.finish_enrolment(session, needs.ticket, code) == StartAgain()


def test_new_recovery_codes_replace_the_old_ones_and_ask_for_a_code(people: People) -> None:
    session, _ = people.start("lin")
    secret, old = enrol(people, session)
    assert people.own.new_recovery_codes(session, "000000") == Wrong()
    done = people.own.new_recovery_codes(session, next_code(people, secret))
    assert isinstance(done, Done) and not set(done.recovery_codes) & set(old)
    asked = people.signing_in.sign_in("lin", GOOD, Visitor())
    assert isinstance(asked, NeedsCode)
    assert people.signing_in.second_factor(asked.ticket, old[0], Visitor()) == Wrong()


def test_codes_are_given_up_with_a_code_and_only_where_no_role_demands_them(
    people: People, people_store: Store
) -> None:
    session, _ = people.start("lin", "operator")
    secret, _ = enrol(people, session)
    strict = make_people(people_store, people.clock, totp=frozenset({Role.OPERATOR}), seconds=people.seconds)
    assert strict.own.remove_totp(session, next_code(people, secret)) == Refused(DEMANDED)
    assert people.own.remove_totp(session, "000000") == Wrong()
    assert people.own.remove_totp(session, next_code(people, secret)) == Done()
    assert isinstance(people.signing_in.sign_in("lin", GOOD, Visitor()), SignedIn)


def test_another_language_is_known_at_once_and_ends_nothing(people: People) -> None:
    session, secret = people.start("lin")
    assert people.own.set_language(session, "zh").language == "zh"
    people.sessions.look()
    found = people.sessions.resolve(secret)
    assert found is not None and found.account.language == "zh"
    assert people.sessions.is_current(session)


def test_own_sessions_are_ended_and_nobody_elses(people: People) -> None:
    session, _ = people.start("lin")
    other, third = people.enter("lin").session, people.enter("lin").session
    stranger, _ = people.start("wang")
    assert {one.id for one in people.own.sessions(session)} == {session.id, other.id, third.id}
    assert not people.own.end_session(session, stranger.id)
    assert people.own.end_session(session, other.id)
    assert people.own.end_others(session) == 1
    assert {one.id for one in people.accounts.sessions()} == {session.id, stranger.id}
