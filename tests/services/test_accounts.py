"""What administrators do: every act once, written down with what was before, and never leaving nobody in charge."""

from __future__ import annotations

import multiprocessing
from typing import Any

import pytest

from ops_center.domain.errors import AccountError
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.domain.time import DAY_US, ManualClock
from ops_center.people.passwords import Busy
from ops_center.services import account_rules as rules
from ops_center.services.accounts import Changed, Refused, WithPassword, WithSecret
from ops_center.services.sign_in_outcomes import SignedIn, Wrong
from ops_center.services.signing_in import Visitor
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.services.people_center import GOOD, SYSTEM, People, make_people
from tests.store.persons import add, last_entry

BOSS = Asker("boss", (Grant(Role.ADMINISTRATOR),), "the-boss-session")


def grants(*texts: str) -> list[Grant]:
    return [Grant.parse(text) for text in texts]


def test_an_account_is_made_with_a_one_time_password_that_only_the_answer_has(people: People) -> None:
    made = people.accounts.add("lin", " 林 ", grants("operator/*/D01"), "en", BOSS)
    assert isinstance(made, WithPassword)
    account = made.account
    assert (account.name, account.display_name, account.language, account.origin) == ("lin", "林", "en", "local")
    assert account.must_change_password and account.password_expires_us == people.clock.us + DAY_US
    told = last_entry(people.store)
    assert (told.actor, told.action, told.subject, told.session) == ("boss", "account.added", "lin", "the-boss-session")
    assert made.password not in str(told)
    assert made.password not in str(people.store.accounts.credentials(account.key))


def test_a_displays_account_has_no_password(people: People) -> None:
    made = people.accounts.add("wall", "Wall", grants("display"), "zh", BOSS)
    assert isinstance(made, Changed)
    assert not made.account.has_password and not made.account.must_change_password
    assert people.accounts.reset_password(made.account, BOSS) == Refused(rules.NOT_LOCAL)


@pytest.mark.parametrize("name", ["", "Lin", "l n", "-x", "system", "林", "x" * 65, "lin\n", "lin/../x"])
def test_names_that_are_none_are_refused(people: People, name: str) -> None:
    assert people.accounts.add(name, "x", grants("operator"), "zh", BOSS) == Refused(rules.BAD_NAME)


@pytest.mark.parametrize("shown", ["", "   ", "x" * 101, "a\nb", "a\x1bb", "\ud800", "a\u202eb"])
def test_names_that_can_not_be_shown_are_refused(people: People, shown: str) -> None:
    assert people.accounts.add("lin", shown, grants("operator"), "zh", BOSS) == Refused(rules.BAD_TEXT)
    assert people.accounts.rename(people.add("wang", "operator"), shown, BOSS) == Refused(rules.BAD_TEXT)


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ((), rules.NO_GRANTS),
        (("administrator/water_company",), rules.WHOLE_CITY),
        (("auditor/*/D01",), rules.WHOLE_CITY),
        (("display", "operator"), rules.DISPLAY_ALONE),
        (tuple(f"department/d{number}" for number in range(101)), rules.TOO_MANY_GRANTS),
    ],
)
def test_grants_that_do_not_go_together_are_refused(people: People, held: tuple[str, ...], reason: Any) -> None:
    assert people.accounts.add("lin", "x", grants(*held), "zh", BOSS) == Refused(reason)
    assert people.accounts.grant(people.add("wang", "operator"), grants(*held), BOSS) == Refused(reason)


def test_a_name_is_given_once(people: People) -> None:
    people.add("lin", "operator")
    assert people.accounts.add("lin", "x", grants("leader"), "zh", BOSS) == Refused(rules.TAKEN)


def test_other_grants_end_the_sessions_and_the_audit_says_what_was_before(people: People) -> None:
    session, _ = people.start("lin", "operator")
    changed = people.accounts.grant(session.account, grants("leader", "operator/*/D01"), BOSS)
    assert isinstance(changed, Changed)
    assert list(people.accounts.sessions()) == []
    assert last_entry(people.store).detail["before"] == {"grants": ["operator"]}


def test_the_grants_of_single_sign_on_are_not_changed_here(people: People) -> None:
    account = add(people.store, "wang", origin="oidc", external={"issuer": "i", "subject": "s"})
    assert people.accounts.grant(account, grants("leader"), BOSS) == Refused(rules.FROM_SINGLE_SIGN_ON)
    assert people.accounts.reset_password(account, BOSS) == Refused(rules.NOT_LOCAL)


def test_a_disabled_account_comes_back_when_it_is_enabled(people: People) -> None:
    account = people.add("lin", "operator")
    assert isinstance(people.accounts.disable(account, BOSS), Changed)
    assert people.signing_in.sign_in("lin", GOOD, Visitor()) == Wrong()
    assert isinstance(people.accounts.enable(account, BOSS), Changed)
    people.enter("lin")


def test_the_last_administrator_can_neither_be_disabled_nor_stripped(people: People) -> None:
    boss = people.add("boss", "administrator")
    add(people.store, "demo-administrator", "administrator", origin="demo")
    for refused in (people.accounts.disable(boss, BOSS), people.accounts.grant(boss, grants("leader"), BOSS)):
        assert refused == Refused(rules.LAST)
    people.add("second", "administrator")
    assert isinstance(people.accounts.disable(boss, BOSS), Changed)


def test_a_session_that_an_administrator_ends_is_over(people: People) -> None:
    session, secret = people.start("lin")
    assert people.accounts.end_session(session.id, BOSS)
    assert not people.accounts.end_session(session.id, BOSS)
    people.sessions.look()
    assert people.sessions.resolve(secret) is None


def test_signing_somebody_out_ends_all_their_sessions(people: People) -> None:
    session, _ = people.start("lin")
    people.enter("lin")
    people.start("wang")
    assert people.accounts.sign_out(session.account, BOSS) == 2
    assert [one.account.name for one in people.accounts.sessions()] == ["wang"]
    assert last_entry(people.store).detail["sessions_ended"] == 2


def test_a_tokens_secret_is_in_the_answer_and_nowhere_else(people: People) -> None:
    account = people.add("exporter", "operator")
    made = people.accounts.add_token(account, "api", " nightly export ", people.clock.us + DAY_US, BOSS)
    assert isinstance(made, WithSecret)
    assert (made.token.label, made.token.created_by) == ("nightly export", "boss")
    assert list(people.accounts.tokens("api", account)) == [made.token]
    assert made.secret not in str(people.accounts.tokens()) + str(last_entry(people.store))


@pytest.mark.parametrize(
    ("held", "kind", "reason"),
    [
        ("operator", "display", rules.ONLY_DISPLAY),
        ("display", "api", rules.NO_DISPLAY),
        ("administrator", "api", rules.NEEDS_CODES),
    ],
)
def test_tokens_that_would_give_more_than_they_should_are_refused(
    people_store: Store, held: str, kind: Any, reason: Any
) -> None:
    people = make_people(people_store, ManualClock(), totp=frozenset({Role.ADMINISTRATOR}))
    account = add(people_store, "x", held)
    assert people.accounts.add_token(account, kind, "label", None, BOSS) == Refused(reason)


def test_a_token_that_has_expired_before_it_began_or_has_no_label_is_refused(people: People) -> None:
    account = people.add("exporter", "operator")
    assert people.accounts.add_token(account, "api", "x", people.clock.us, BOSS) == Refused(rules.PAST)
    assert people.accounts.add_token(account, "api", " ", None, BOSS) == Refused(rules.BAD_TEXT)


def test_a_token_of_an_account_that_gains_a_role_with_codes_opens_nothing(people_store: Store) -> None:
    people = make_people(people_store, ManualClock(), totp=frozenset({Role.ADMINISTRATOR}))
    account = add(people_store, "exporter", "operator")
    made = people.accounts.add_token(account, "api", "export", None, BOSS)
    assert isinstance(made, WithSecret)
    assert people.sessions.resolve(made.secret) is not None
    people.accounts.grant(account, grants("administrator"), BOSS)
    people.sessions.look()
    assert people.sessions.resolve(made.secret) is None


def test_a_display_that_is_given_other_roles_is_entered_by_no_token(people: People) -> None:
    wall = people.add("wall", "display")
    made = people.accounts.add_token(wall, "display", "row 2", None, BOSS)
    assert isinstance(made, WithSecret)
    people.accounts.grant(wall, grants("operator"), BOSS)
    assert people.signing_in.enter_display(made.secret, Visitor()) == Wrong()


def test_what_is_not_there_is_said(people: People) -> None:
    with pytest.raises(AccountError):
        people.accounts.revoke_token(999_999, BOSS)


def test_where_all_places_for_hashing_are_taken_it_is_refused_for_now(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = people.add("lin", "operator")

    def busy(_password: str) -> str:
        raise Busy

    monkeypatch.setattr(people.accounts._passwords, "hash", busy)
    assert people.accounts.add("wang", "Wang", grants("operator"), "zh", BOSS) == Refused(rules.BUSY)
    assert people.accounts.reset_password(account, BOSS) == Refused(rules.BUSY)
    assert people.store.accounts.find("wang") is None


def test_the_first_administrator_is_made_where_there_is_none_and_once(people: People) -> None:
    add(people.store, "demo-administrator", "administrator", origin="demo")
    made = people.accounts.first_administrator(SYSTEM)
    assert isinstance(made, WithPassword)
    assert (made.account.name, [str(grant) for grant in made.account.grants]) == ("admin", ["administrator"])
    assert people.accounts.first_administrator(SYSTEM) is None
    assert last_entry(people.store).actor == "system"


def _disable(url: str, name: str, by: str) -> str:
    store = open_store(url, Realm.SIMULATED)
    people = make_people(store, ManualClock())
    account = store.accounts.find(name)
    assert account is not None
    outcome = people.accounts.disable(account, Asker(by))
    store.close()
    return type(outcome).__name__


def test_of_two_processes_in_which_administrators_disable_each_other_one_is_refused(
    people: People, people_url: str
) -> None:
    for name in ("one", "two"):
        people.add(name, "administrator")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        work = [(people_url, "one", "two"), (people_url, "two", "one")]
        assert sorted(pool.starmap(_disable, work, chunksize=1)) == ["Changed", "Refused"]


def _enter_many(url: str, times: int) -> list[str]:
    store = open_store(url, Realm.SIMULATED)
    people = make_people(store, ManualClock())
    outcomes = [people.signing_in.sign_in("lin", GOOD, Visitor()) for _ in range(times)]
    store.close()
    return [outcome.session.id if isinstance(outcome, SignedIn) else "" for outcome in outcomes]


def test_while_an_account_is_disabled_in_one_process_others_leave_no_session_behind(
    people: People, people_url: str
) -> None:
    account = people.add("lin", "operator")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        entering = pool.starmap_async(_enter_many, [(people_url, 20)] * 2, chunksize=1)
        while not people.accounts.sessions(account) and not entering.ready():
            pass
        people.accounts.disable(account, BOSS)
        entered = entering.get(60)
    assert any(entered[0] + entered[1])
    assert list(people.accounts.sessions(account)) == []
