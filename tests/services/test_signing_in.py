"""The ways in, judged on a real database."""

from __future__ import annotations

from ops_center.services.sign_in_outcomes import SignedIn, Wrong
from ops_center.services.signing_in import Visitor
from tests.services.people_center import GOOD, SYSTEM, People


def test_the_right_password_opens_a_session_that_is_found_by_its_secret(people: People) -> None:
    session, secret = people.start("lin")
    assert people.sessions.resolve(secret) == session
    assert session.asker.account == "lin"
    assert people.sessions.is_alive(session.id)


def test_a_wrong_password_a_wrong_name_and_a_disabled_account_say_the_same(people: People) -> None:
    account = people.add("lin", "operator")
    assert people.signing_in.sign_in("lin", "not this one", Visitor()) == Wrong()
    assert people.signing_in.sign_in("nobody", GOOD, Visitor()) == Wrong()
    people.accounts.disable(account, SYSTEM)
    assert people.signing_in.sign_in("lin", GOOD, Visitor()) == Wrong()


def test_a_name_is_taken_however_it_is_typed(people: People) -> None:
    people.add("lin", "operator")
    assert isinstance(people.signing_in.sign_in("LIN ", GOOD, Visitor()), SignedIn)
