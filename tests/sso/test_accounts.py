"""Accounts of those whom the single sign-on vouches for, without a provider: races, names, and what check says."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fastapi import Response

from ops_center.bootstrap import describe_single_sign_on
from ops_center.domain.audit import AuditEntry
from ops_center.domain.errors import NameTaken, SingleSignOnUnavailable
from ops_center.domain.people import Account, Credentials
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import ManualClock
from ops_center.people.oidc import ExternalPerson, account_names
from ops_center.services.external_accounts import ExternalAccounts
from ops_center.settings import Settings
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.servers.webs import served
from tests.sso.odd_provider import OddProvider

ISSUER = "https://login.city.example"


@pytest.fixture
def store(people_url: str, empty: None) -> Iterator[Store]:
    opened = open_store(people_url, Realm.SIMULATED)
    yield opened
    opened.close()


def person(subject: str, wished: str = "li", *grants: Role) -> ExternalPerson:
    held = tuple(map(Grant, grants or (Role.OPERATOR,)))
    return ExternalPerson(ISSUER, subject, account_names(ISSUER, subject, wished), "Li", held, "en")


def test_somebody_who_comes_in_several_browsers_at_once_gets_one_account(store: Store) -> None:
    accounts = ExternalAccounts(store.accounts, ManualClock())
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: accounts.account_of(person("1"), ""), range(8)))
    assert len({account.key for account in made if account}) == 1
    assert [account.name for account in store.accounts.list()] == ["li"]


def test_many_who_wish_the_same_name_get_one_each(store: Store) -> None:
    accounts = ExternalAccounts(store.accounts, ManualClock())
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda n: accounts.account_of(person(str(n)), ""), range(8)))
    names = {account.name for account in made if account}
    assert len(names) == 8 and "li" in names


def test_where_all_names_are_taken_nobody_is_taken_over(store: Store) -> None:
    accounts, wanted = ExternalAccounts(store.accounts, ManualClock()), person("1")
    for name in wanted.names:
        local = Account(0, name, name, (Grant(Role.ADMINISTRATOR),), "local", "en", 0)
        store.accounts.add(local, Credentials(), AuditEntry(0, "system", "account.added", name))
    with pytest.raises(NameTaken):
        accounts.account_of(wanted, "")
    assert {account.origin for account in store.accounts.list()} == {"local"}


def test_the_language_is_the_persons_own_choice_once_the_account_is_made(store: Store) -> None:
    accounts = ExternalAccounts(store.accounts, ManualClock())
    accounts.account_of(person("1"), "")
    again = accounts.account_of(replace(person("1"), language="zh", display_name="Li Na"), "")
    assert again is not None and (again.language, again.display_name) == ("en", "Li Na")


def test_check_says_what_the_provider_is_and_that_it_is_away() -> None:
    odd = OddProvider()
    with served(odd.application()) as address:
        odd.url = f"http://{address}"
        odd.document = {"end_session_endpoint": f"{odd.url}/out", "backchannel_logout_supported": True}
        settings = Settings(oidc_issuer=odd.url, oidc_grants={"ops": ["operator"]})
        said = describe_single_sign_on(settings)
        assert said == f"{odd.url}, 1 keys, signs out there too, tells us who left"
        odd.answers[".well-known/openid-configuration"] = lambda: Response(status_code=404)
        with pytest.raises(SingleSignOnUnavailable, match="has no document"):
            describe_single_sign_on(settings)
    with pytest.raises(SingleSignOnUnavailable, match="does not answer"):
        describe_single_sign_on(settings)
