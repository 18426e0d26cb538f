"""Accounts: added, changed, given credentials; every change with its entry; somebody always manages them."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from ops_center.domain.errors import AccountChanged, AccountError, LastAdministrator, NameTaken, StoreError
from ops_center.domain.people import Account, Credentials
from ops_center.domain.rights import Grant, Role
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.store.persons import NOW_US, add, entry, last_entry, person, start
from tests.store.shapes import REALM, number


def test_what_was_added_is_found_as_it_was(store: Store) -> None:
    wished = person(
        "lin",
        "operator/*/D01",
        "department/water_company",
        display_name="林",
        must_change_password=True,
        password_expires_us=NOW_US + 1,
    )
    made = store.accounts.add(wished, Credentials("$hash", b"sealed", 7, (b"1" * 32,)), entry("account.added"))
    assert replace(made, key=0, version=0) == replace(wished, grants=made.grants, has_password=True, has_totp=True)
    assert set(made.grants) == set(wished.grants)
    assert store.accounts.find("lin") == made == store.accounts.get(made.key)
    assert list(store.accounts.list()) == [made]
    assert store.accounts.credentials(made.key) == Credentials("$hash", b"sealed", 7, (b"1" * 32,))
    told = last_entry(store)
    assert (told.actor, told.action) == ("tester", "account.added")
    assert told.detail["after"]["grants"] == ["department/water_company", "operator/*/D01"]
    assert "hash" not in str(told.detail)


def test_accounts_are_listed_by_name_and_unknown_ones_are_none(store: Store) -> None:
    for name in ("wang", "lin", "zhao"):
        add(store, name)
    assert [account.name for account in store.accounts.list()] == ["lin", "wang", "zhao"]
    assert store.accounts.find("nobody") is None
    for unknown in (lambda: store.accounts.get(-1), lambda: store.accounts.credentials(-1)):
        with pytest.raises(AccountError):
            unknown()


def test_a_name_is_given_once_and_nothing_is_left_of_the_second(store: Store, url: str) -> None:
    add(store, "lin")
    before = last_entry(store).seq
    with pytest.raises(NameTaken, match="lin"):
        add(store, "lin", "commander")
    assert number(url, "SELECT count(*) FROM center.account_grant") == 1
    assert last_entry(store).seq == before


@pytest.mark.parametrize("name", ["", "Lin", "-lin", "l n", "林", "x" * 65])
def test_the_database_takes_no_name_that_is_none(store: Store, name: str) -> None:
    with pytest.raises(StoreError):
        add(store, name)


def test_an_external_account_is_found_by_issuer_and_subject_alone(store: Store) -> None:
    made = add(store, "lin", origin="oidc", external={"issuer": "https://sso", "subject": "17"})
    assert made.external == {"issuer": "https://sso", "subject": "17"}
    assert store.accounts.find_external("https://sso", "17") == made
    assert store.accounts.find_external("https://other", "17") is None
    with pytest.raises(NameTaken):
        add(store, "lin2", origin="oidc", external={"issuer": "https://sso", "subject": "17"})


def test_a_change_says_what_was_before_and_ends_sessions_where_rights_change(store: Store) -> None:
    account = add(store, "lin", "operator")
    for identifier in ("one", "two"):
        start(store, account, identifier)
    changed = store.accounts.change(account.key, entry("account.granted"), grants=(Grant(Role.LEADER),), spare="two")
    assert [str(grant) for grant in changed.grants] == ["leader"]
    assert changed.version == account.version + 1
    assert [session.id for session in store.sessions.list(NOW_US)] == ["two"]
    assert last_entry(store).detail == {
        "before": {"grants": ["operator"]},
        "after": {"grants": ["leader"]},
        "sessions_ended": 1,
    }


def test_what_changes_no_rights_ends_no_session(store: Store) -> None:
    account = add(store, "lin")
    start(store, account, "one")
    changed = store.accounts.change(account.key, entry(), language="en", display_name="Lin Li")
    assert (changed.language, changed.display_name) == ("en", "Lin Li")
    assert len(store.sessions.list(NOW_US)) == 1


def test_what_is_so_already_is_no_change_and_has_no_entry(store: Store) -> None:
    account = add(store, "lin", "operator", "leader")
    before = last_entry(store).seq
    again = store.accounts.change(account.key, entry(), grants=tuple(reversed(account.grants)), language="zh")
    assert again == account
    assert last_entry(store).seq == before


def test_a_disabled_account_loses_all_sessions_even_the_one_it_was_done_in(store: Store) -> None:
    add(store, "admin", "administrator")
    account = add(store, "other", "administrator")
    start(store, account, "own")
    store.accounts.change(account.key, entry("account.disabled"), disabled_us=NOW_US, spare="own")
    assert list(store.sessions.list(NOW_US)) == []
    enabled = store.accounts.change(account.key, entry("account.enabled"), disabled_us=None)
    assert enabled.disabled_us is None


@pytest.mark.parametrize(
    "fields", [{"disabled_us": NOW_US}, {"grants": (Grant(Role.LEADER),)}, {"grants": ()}], ids=str
)
def test_the_last_administrator_stays_one(store: Store, fields: Any) -> None:
    admin = add(store, "admin", "administrator", "leader")
    add(store, "demo-administrator", "administrator", origin="demo")
    before = last_entry(store).seq
    with pytest.raises(LastAdministrator, match="admin"):
        store.accounts.change(admin.key, entry(), **fields)
    assert store.accounts.get(admin.key) == admin
    assert last_entry(store).seq == before
    add(store, "second", "administrator")
    assert store.accounts.change(admin.key, entry(), **fields) != admin


def test_a_disabled_administrator_is_not_one_who_is_left(store: Store) -> None:
    admin, second = add(store, "admin", "administrator"), add(store, "second", "administrator")
    store.accounts.change(second.key, entry(), disabled_us=NOW_US)
    with pytest.raises(LastAdministrator):
        store.accounts.change(admin.key, entry(), disabled_us=NOW_US)


def test_of_two_administrators_who_disable_each_other_at_once_one_is_left(store: Store, url: str) -> None:
    pair = [add(store, "one", "administrator"), add(store, "two", "administrator")]
    stores, outcomes, together = [open_store(url, REALM) for _ in pair], [], threading.Barrier(2)

    def disable(mine: Store, other: Account) -> None:
        together.wait()
        try:
            mine.accounts.change(other.key, entry("account.disabled"), disabled_us=NOW_US)
            outcomes.append("done")
        except LastAdministrator:
            outcomes.append("refused")

    threads = [threading.Thread(target=disable, args=work) for work in zip(stores, reversed(pair), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for opened in stores:
        opened.close()
    assert sorted(outcomes) == ["done", "refused"]
    assert sum(account.disabled_us is None for account in store.accounts.list()) == 1


def test_the_first_administrator_is_made_once_however_many_try(store: Store, url: str) -> None:
    add(store, "demo-administrator", "administrator", origin="demo")
    stores, made = [open_store(url, REALM) for _ in range(4)], []
    wished = person("admin", "administrator")

    def make(mine: Store) -> None:
        made.append(mine.accounts.add_first_administrator(wished, Credentials("$hash"), entry("account.added")))

    threads = [threading.Thread(target=make, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for opened in stores:
        opened.close()
    assert sum(account is not None for account in made) == 1
    assert store.accounts.find("admin") is not None


def test_new_credentials_end_sessions_and_say_what_was_set_but_not_to_what(store: Store) -> None:
    account = add(store, "lin", credentials=Credentials("$old"))
    for identifier in ("one", "own"):
        start(store, account, identifier)
    changed = store.accounts.set_credentials(
        account.key,
        entry("account.password_changed"),
        spare="own",
        password_hash="$new",
        must_change_password=False,
        password_expires_us=None,
    )
    assert changed.version == account.version + 1
    assert store.accounts.credentials(account.key).password_hash == "$new"
    assert [session.id for session in store.sessions.list(NOW_US)] == ["own"]
    told = last_entry(store).detail
    assert told == {"set": ["must_change_password", "password_expires_us", "password_hash"], "sessions_ended": 1}


def test_what_is_not_set_stays(store: Store) -> None:
    account = add(store, "lin", credentials=Credentials("$hash", b"sealed", 5, (b"1" * 32,)))
    store.accounts.set_credentials(account.key, entry(), recovery_digests=(b"2" * 32,))
    assert store.accounts.credentials(account.key) == Credentials("$hash", b"sealed", 5, (b"2" * 32,))
    reset = store.accounts.set_credentials(account.key, entry(), totp_secret=None, totp_last_step=0)
    assert not reset.has_totp and reset.has_password


def test_credentials_for_an_account_that_was_changed_meanwhile_are_refused(store: Store) -> None:
    account = add(store, "lin", credentials=Credentials("$one-time"))
    store.accounts.set_credentials(account.key, entry(), version=account.version, password_hash="$first")
    with pytest.raises(AccountChanged):
        store.accounts.set_credentials(account.key, entry(), version=account.version, password_hash="$second")
    assert store.accounts.credentials(account.key).password_hash == "$first"


def test_a_rehash_is_nobodys_act_and_never_brings_an_old_password_back(store: Store) -> None:
    account = add(store, "lin", credentials=Credentials("$old"))
    before = last_entry(store).seq
    store.accounts.rehash(account.key, "$old", "$stronger")
    store.accounts.rehash(account.key, "$old", "$late")
    assert store.accounts.credentials(account.key).password_hash == "$stronger"
    assert store.accounts.get(account.key) == account
    assert last_entry(store).seq == before


def test_a_step_counts_once_and_none_before_it_however_many_ask(store: Store, url: str) -> None:
    account = add(store, "lin", credentials=Credentials("$", b"sealed"))
    stores, counted, together = [open_store(url, REALM) for _ in range(4)], [], threading.Barrier(4)

    def use(mine: Store) -> None:
        together.wait()
        counted.append(mine.accounts.use_step(account.key, 100))

    threads = [threading.Thread(target=use, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for opened in stores:
        opened.close()
    assert sorted(counted) == [False, False, False, True]
    assert not store.accounts.use_step(account.key, 99)
    assert store.accounts.use_step(account.key, 101)


def test_a_recovery_code_counts_once_and_the_entry_says_how_many_are_left(store: Store) -> None:
    account = add(store, "lin", credentials=Credentials("$", b"sealed", 0, (b"1" * 32, b"2" * 32)))
    assert store.accounts.use_recovery(account.key, b"1" * 32, entry("account.recovery_code_used"))
    assert last_entry(store).detail == {"codes_left": 1}
    assert not store.accounts.use_recovery(account.key, b"1" * 32, entry())
    assert not store.accounts.use_recovery(account.key, b"9" * 32, entry())
    assert store.accounts.credentials(account.key).recovery_digests == (b"2" * 32,)


def test_accounts_are_the_same_in_every_realm(store: Store, other_realm: Store) -> None:
    made = add(store, "lin")
    assert other_realm.accounts.find("lin") == made
