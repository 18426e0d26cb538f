"""The ways in, judged on a real database: passwords, codes, one-time passwords, enrolment, demo, displays."""

from __future__ import annotations

from dataclasses import replace

import pyotp
import pytest
from argon2 import PasswordHasher

from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import SECOND_US
from ops_center.people.passwords import Busy, PasswordFault
from ops_center.services.accounts import WithPassword, WithSecret
from ops_center.services.sign_in_outcomes import (
    Expired,
    NeedsCode,
    NeedsEnrolment,
    NeedsNewPassword,
    Refused,
    SignedIn,
    StartAgain,
    Wait,
    Wrong,
)
from ops_center.services.sign_in_tickets import LASTS_US
from ops_center.services.signing_in import Visitor
from ops_center.store.port import Store
from tests.servers.outages import Outage
from tests.services.people_center import BETTER, GOOD, SYSTEM, People, make_people
from tests.store.persons import add, last_entry

HERE = Visitor("127.0.0.1", "a browser")
CODES = frozenset({Role.ADMINISTRATOR})


@pytest.fixture
def strict(people_store: Store, people: People) -> People:
    """A center that demands codes of administrators."""
    return make_people(people_store, people.clock, totp=CODES, seconds=people.seconds)


def code_now(people: People, secret: str) -> str:
    return pyotp.TOTP(secret).at(people.clock.us // SECOND_US)


def enrolled(people: People, name: str = "boss") -> tuple[str, SignedIn]:
    """An administrator with a telephone: its secret, and the session that came of enrolling it."""
    match people.accounts.add(name, name, [Grant(Role.ADMINISTRATOR)], "zh", SYSTEM):
        case WithPassword(_, password):
            asked = people.signing_in.sign_in(name, password, HERE)
            assert isinstance(asked, NeedsNewPassword)
            needs = people.signing_in.new_password(asked.ticket, GOOD, HERE)
            assert isinstance(needs, NeedsEnrolment)
            entered = people.signing_in.enrol(needs.ticket, code_now(people, needs.secret), HERE)
            assert isinstance(entered, SignedIn)
            return needs.secret, entered
    raise AssertionError("no account")


def asked_for_code(people: People, name: str = "boss") -> str:
    asked = people.signing_in.sign_in(name, GOOD, HERE)
    assert isinstance(asked, NeedsCode)
    return asked.ticket


def test_the_right_password_opens_a_session_that_is_found_by_its_secret(people: People) -> None:
    session, secret = people.start("lin")
    assert people.sessions.resolve(secret) == session
    assert session.asker.account == "lin"
    assert people.sessions.is_alive(session.id)


def test_a_session_keeps_where_it_came_from_and_the_audit_says_so(people: People) -> None:
    people.add("lin", "operator")
    entered = people.enter("lin", visitor=Visitor("192.0.2.7", "Browser\x1b[31m 1.0" + "x" * 500))
    assert (entered.session.address, len(entered.session.agent)) == ("192.0.2.7", 199)
    assert "\x1b" not in entered.session.agent
    told = last_entry(people.store)
    assert (told.action, told.actor, told.session, told.address) == (
        "session.started",
        "lin",
        entered.session.id,
        "192.0.2.7",
    )
    assert entered.secret not in str(told) and GOOD not in str(told)


def test_a_wrong_password_a_wrong_name_and_a_disabled_account_say_the_same(people: People) -> None:
    account = people.add("lin", "operator")
    assert people.signing_in.sign_in("lin", "not this one", HERE) == Wrong()
    assert people.signing_in.sign_in("nobody", GOOD, HERE) == Wrong()
    people.accounts.disable(account, SYSTEM)
    assert people.signing_in.sign_in("lin", GOOD, HERE) == Wrong()


def test_a_refused_try_is_told_without_what_was_typed(people: People) -> None:
    people.add("lin", "operator")
    people.signing_in.sign_in("lin", "wrong secret", HERE)
    told = last_entry(people.store)
    assert (told.action, told.outcome, told.actor, told.subject) == ("session.refused", "refused", "", "lin")
    assert told.detail == {"reason": "wrong password"}
    people.signing_in.sign_in("my-passw0rd-in-the-wrong-field", "x", HERE)
    told = last_entry(people.store)
    assert (told.subject, told.detail) == ("", {"reason": "unknown name"})


def test_a_name_is_taken_however_it_is_typed(people: People) -> None:
    people.add("lin", "operator")
    assert isinstance(people.signing_in.sign_in(" LIN ", GOOD, HERE), SignedIn)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("", ""),
        ("lin", ""),
        ("lin", "x" * 100_000),
        ("lin\0", GOOD),
        ("\ud800", "\udfff"),
        ("林", GOOD),
        ("x" * 1000, GOOD),
    ],
)
def test_odd_names_and_passwords_are_wrong_and_nothing_worse(people: People, name: str, password: str) -> None:
    people.add("lin", "operator")
    assert people.signing_in.sign_in(name, password, Visitor("not an address", "\ud800", "\ud800")) == Wrong()


def test_accounts_without_a_password_have_none_that_fits(people: People) -> None:
    add(people.store, "sso-person", origin="oidc", external={"issuer": "i", "subject": "s"})
    add(people.store, "demo-operator", origin="demo")
    for name in ("sso-person", "demo-operator"):
        assert people.signing_in.sign_in(name, "", HERE) == Wrong()


def test_a_one_time_password_must_be_replaced_and_is_worth_nothing_then(people: People) -> None:
    made = people.accounts.add("lin", "Lin", [Grant(Role.OPERATOR)], "zh", SYSTEM)
    assert isinstance(made, WithPassword)
    asked = people.signing_in.sign_in("lin", made.password, HERE)
    assert isinstance(asked, NeedsNewPassword) and asked.fault is None
    for bad, fault in (("short", PasswordFault.TOO_SHORT), (made.password, PasswordFault.SAME)):
        again = people.signing_in.new_password(asked.ticket, bad, HERE)
        assert again == replace(asked, fault=fault)
    assert isinstance(people.signing_in.new_password(asked.ticket, GOOD, HERE), SignedIn)
    assert people.signing_in.new_password(asked.ticket, BETTER, HERE) == StartAgain(), "a ticket is good once"
    assert people.signing_in.sign_in("lin", made.password, HERE) == Wrong()
    assert isinstance(people.signing_in.sign_in("lin", GOOD, HERE), SignedIn)


def test_a_one_time_password_expires_after_a_day(people: People) -> None:
    made = people.accounts.add("lin", "Lin", [Grant(Role.OPERATOR)], "zh", SYSTEM)
    assert isinstance(made, WithPassword)
    people.pass_time(86_399)
    assert isinstance(people.signing_in.sign_in("lin", made.password, HERE), NeedsNewPassword)
    people.pass_time(1)
    assert people.signing_in.sign_in("lin", made.password, HERE) == Expired()
    assert people.signing_in.sign_in("lin", "wrong one", HERE) == Wrong()
    reset = people.accounts.reset_password(made.account, SYSTEM)
    assert isinstance(reset, WithPassword)
    assert isinstance(people.signing_in.sign_in("lin", reset.password, HERE), NeedsNewPassword)


@pytest.mark.parametrize("meanwhile", ["disable", "reset_password", "time"])
def test_a_ticket_is_worth_nothing_once_its_account_changed_or_it_is_old(people: People, meanwhile: str) -> None:
    made = people.accounts.add("lin", "Lin", [Grant(Role.OPERATOR)], "zh", SYSTEM)
    assert isinstance(made, WithPassword)
    asked = people.signing_in.sign_in("lin", made.password, HERE)
    assert isinstance(asked, NeedsNewPassword)
    if meanwhile == "time":
        people.pass_time(LASTS_US / SECOND_US)
    else:
        getattr(people.accounts, meanwhile)(made.account, SYSTEM)
    assert people.signing_in.new_password(asked.ticket, GOOD, HERE) == StartAgain()


def test_a_ticket_is_for_one_step_of_one_center(people: People, strict: People) -> None:
    enrolled(strict)
    ticket = asked_for_code(strict)
    for step in (strict.signing_in.new_password, strict.signing_in.enrol):
        assert step(ticket, GOOD, HERE) == StartAgain()
    for damaged in ("", "x", ticket[:-2], ticket + "A" * 2000, "长", ticket.swapcase()):
        assert strict.signing_in.second_factor(damaged, "123456", HERE) == StartAgain()


def test_roles_that_demand_codes_enrol_a_telephone_at_sign_in(strict: People) -> None:
    secret, entered = enrolled(strict)
    assert len(entered.recovery_codes) == 10
    assert last_entry(strict.store).detail["by"] == "password and enrolment"
    account = strict.store.accounts.find("boss")
    assert account is not None and account.has_totp
    kept = strict.store.accounts.credentials(account.key)
    assert secret.encode() not in (kept.totp_secret or b"")
    assert not any(code.encode() in b"".join(kept.recovery_digests) for code in entered.recovery_codes)


def test_an_enrolment_wants_a_code_that_shows_the_telephone_knows_and_can_be_shown_again(strict: People) -> None:
    made = strict.accounts.add("boss", "Boss", [Grant(Role.ADMINISTRATOR)], "zh", SYSTEM)
    assert isinstance(made, WithPassword)
    asked = strict.signing_in.sign_in("boss", made.password, HERE)
    assert isinstance(asked, NeedsNewPassword)
    needs = strict.signing_in.new_password(asked.ticket, GOOD, HERE)
    assert isinstance(needs, NeedsEnrolment)
    assert pyotp.parse_uri(needs.uri).secret == needs.secret
    assert strict.signing_in.enrol(needs.ticket, "000000", HERE) == Wrong()
    assert strict.signing_in.enrolment(needs.ticket) == needs
    assert isinstance(strict.signing_in.sign_in("boss", GOOD, HERE), NeedsEnrolment), "no way around it"
    assert isinstance(strict.signing_in.enrol(needs.ticket, code_now(strict, needs.secret), HERE), SignedIn)
    assert strict.signing_in.enrolment(needs.ticket) == StartAgain()


def test_a_code_counts_once_in_whatever_process(strict: People, people: People) -> None:
    secret, _ = enrolled(strict)
    strict.pass_time(60)
    code = code_now(strict, secret)
    assert isinstance(strict.signing_in.second_factor(asked_for_code(strict), code, HERE), SignedIn)
    for process in (strict, people):
        assert process.signing_in.second_factor(asked_for_code(process), code, HERE) == Wrong()
    assert last_entry(strict.store).detail == {"reason": "wrong code"}


def test_the_code_of_the_enrolment_counts_once_as_well(strict: People) -> None:
    secret, _ = enrolled(strict)
    assert strict.signing_in.second_factor(asked_for_code(strict), code_now(strict, secret), HERE) == Wrong()


def test_a_recovery_code_counts_once_and_is_written_down(strict: People) -> None:
    _, entered = enrolled(strict)
    code = entered.recovery_codes[3].upper().replace("-", " ")
    assert isinstance(strict.signing_in.second_factor(asked_for_code(strict), code, HERE), SignedIn)
    told = [row for row in strict.store.audit.page(limit=5) if row.action == "account.recovery_code_used"]
    assert told[0].detail == {"codes_left": 9}
    assert strict.signing_in.second_factor(asked_for_code(strict), code, HERE) == Wrong()


def test_whoever_has_a_telephone_is_asked_for_a_code_also_where_no_role_demands_it(
    people: People, strict: People
) -> None:
    enrolled(strict)
    assert isinstance(people.signing_in.sign_in("boss", GOOD, HERE), NeedsCode)


def test_a_reset_telephone_is_enrolled_anew(strict: People) -> None:
    secret, _ = enrolled(strict)
    account = strict.store.accounts.find("boss")
    assert account is not None
    strict.accounts.reset_totp(account, SYSTEM)
    needs = strict.signing_in.sign_in("boss", GOOD, HERE)
    assert isinstance(needs, NeedsEnrolment) and needs.secret != secret


def test_hashes_of_old_parameters_are_made_anew_at_sign_in(people: People) -> None:
    account = people.add("lin", "operator")
    before = people.store.accounts.credentials(account.key).password_hash
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    people.signing_in._passwords._hasher = stronger
    people.enter("lin")
    after = people.store.accounts.credentials(account.key).password_hash
    assert after is not None and after != before
    assert not stronger.check_needs_rehash(after)
    people.enter("lin")
    assert people.store.accounts.credentials(account.key).password_hash == after


def test_who_finds_all_places_for_hashing_taken_waits_and_is_not_counted(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.add("lin", "operator")

    def busy(_password_hash: str | None, _password: str) -> bool:
        raise Busy

    with monkeypatch.context() as full:
        full.setattr(people.signing_in._passwords, "verify", busy)
        for _ in range(10):
            assert isinstance(people.signing_in.sign_in("lin", GOOD, HERE), Wait)
    assert isinstance(people.signing_in.sign_in("lin", GOOD, HERE), SignedIn)


def test_unknown_names_cost_as_much_work_as_known_ones(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.add("lin", "operator")
    asked: list[str] = []

    def noting(name: str):  # type: ignore[no-untyped-def]
        original = getattr(PasswordHasher, name)

        def note(self: PasswordHasher, *arguments: object) -> object:
            asked.append(name)
            return original(self, *arguments)

        return note

    monkeypatch.setattr(PasswordHasher, "verify", noting("verify"))
    counts = []
    for name in ("lin", "nobody", "no name at all"):
        before = len(asked)
        people.signing_in.sign_in(name, "wrong", HERE)
        counts.append(len(asked) - before)
    assert counts == [1, 1, 1]


def test_nobody_new_signs_in_while_the_database_is_away(people: People, outage: Outage) -> None:
    people.add("lin", "operator")
    with outage, pytest.raises(StoreUnavailable):
        people.signing_in.sign_in("lin", GOOD, HERE)
    assert isinstance(people.signing_in.sign_in("lin", GOOD, HERE), SignedIn)


def test_the_demo_is_entered_by_a_click_on_this_machine_in_demo_mode_alone(people: People, people_store: Store) -> None:
    add(people_store, "demo-operator", origin="demo")
    people.add("lin", "operator")
    assert [account.name for account in people.signing_in.demo_accounts()] == ["demo-operator"]
    assert isinstance(people.signing_in.enter_demo("demo-operator", HERE), SignedIn)
    for name, visitor in (("lin", HERE), ("nobody", HERE), ("", HERE), ("demo-operator", Visitor("192.0.2.7"))):
        assert isinstance(people.signing_in.enter_demo(name, visitor), Refused)
    production = make_people(people_store, people.clock, demo=False)
    assert production.signing_in.demo_accounts() == ()
    assert isinstance(production.signing_in.enter_demo("demo-operator", HERE), Refused)


def test_the_demos_administrator_needs_no_telephone(strict: People, people_store: Store) -> None:
    add(people_store, "demo-administrator", "administrator", origin="demo")
    assert isinstance(strict.signing_in.enter_demo("demo-administrator", HERE), SignedIn)


def test_whom_the_single_sign_on_vouches_for_is_in_unless_disabled(people: People) -> None:
    account = add(people.store, "wang", origin="oidc", external={"issuer": "i", "subject": "s"})
    assert isinstance(people.signing_in.enter_external(account, HERE), SignedIn)
    assert isinstance(people.signing_in.enter_external(people.add("lin", "operator"), HERE), Refused)
    people.accounts.disable(account, SYSTEM)
    disabled = people.store.accounts.get(account.key)
    assert isinstance(people.signing_in.enter_external(disabled, HERE), Refused)
    assert people.signing_in.enter_external(account, HERE) == StartAgain(), "it was not known to be disabled"


def test_a_display_is_let_in_by_its_token_and_by_no_other_secret(people: People) -> None:
    wall, exporter = people.add("wall", "display/*/D01"), people.add("exporter", "operator")
    display = people.accounts.add_token(wall, "display", "row 2", None, SYSTEM)
    program = people.accounts.add_token(exporter, "api", "export", None, SYSTEM)
    assert isinstance(display, WithSecret) and isinstance(program, WithSecret)
    entered = people.signing_in.enter_display(display.secret, HERE)
    assert isinstance(entered, SignedIn)
    assert (entered.session.kind, entered.session.token, entered.device) == ("display", display.token.key, "")
    for other in (program.secret, entered.secret, "", "ops_d_" + "a" * 43):
        assert people.signing_in.enter_display(other, HERE) == Wrong()


def test_signing_out_ends_the_session(people: People) -> None:
    session, secret = people.start("lin")
    people.signing_in.sign_out(session)
    assert people.sessions.resolve(secret) is None
    told = last_entry(people.store)
    assert (told.action, told.actor, told.subject) == ("session.ended", "lin", session.id)


def test_every_sign_in_has_a_secret_of_its_own(people: People) -> None:
    people.add("lin", "operator")
    assert len({people.enter("lin").secret for _ in range(5)}) == 5
