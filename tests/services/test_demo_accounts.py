"""The demo's ready accounts: one for each role, scoped as the city has it, open in the demo alone."""

from __future__ import annotations

import pytest

from ops_center.city.make import make_city
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.services.demo_accounts import Scopes, close_demo, demo_grants, open_demo, scopes_of
from ops_center.services.sign_in_outcomes import Refused, SignedIn
from ops_center.services.signing_in import Visitor
from ops_center.store.port import Store
from tests.services.people_center import SYSTEM, People, make_people
from tests.store.persons import add, entry

HERE = Visitor("127.0.0.1")
SCOPES = Scopes("water_company", "fire", "D01", ("water_company", "traffic_police"))


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> CityPack:
    return make_city(3, 500, tmp_path_factory.mktemp("city") / "pack")


def test_scopes_are_taken_from_the_city(pack: CityPack) -> None:
    scopes = scopes_of(pack)
    assert scopes.department == "water_company"
    assert scopes.department in set(pack.table("things")["department"])
    assert scopes.crew in set(pack.table("units")["organisation"])
    assert scopes.district in set(pack.table("districts")["district_id"])
    assert set(scopes.crews) == {"water_company", "traffic_police"}


def test_a_city_without_a_water_company_has_whoever_runs_most_things(pack: CityPack) -> None:
    things = pack.table("things")
    dry = CityPack(pack.manifest, {"things": things[things["department"] != "water_company"]})
    scopes = scopes_of(dry)
    assert scopes.department == things[things["department"] != "water_company"]["department"].mode()[0]
    assert (scopes.crew, scopes.district) == (None, None)


def test_there_is_one_for_each_role_and_two_more_crews(people: People) -> None:
    open_demo(people.store.accounts, SCOPES, people.clock)
    ready = people.signing_in.demo_accounts()
    assert {account.grants[0].role for account in ready} == set(Role)
    held = {account.name: str(account.grants[0]) for account in ready}
    assert held["demo-department"] == "department/water_company"
    assert held["demo-operator"] == "operator", "the first to be clicked on sees the whole city"
    assert held["demo-field-unit"] == "field_unit/fire/D01"
    assert held["demo-water-crew"] == "field_unit/water_company"
    assert held["demo-traffic-crew"] == "field_unit/traffic_police"
    for account in ready:
        assert isinstance(people.signing_in.enter_demo(account.name, HERE), SignedIn)


def test_opening_again_changes_nothing_and_mends_what_differs(people: People) -> None:
    accounts = people.store.accounts
    open_demo(accounts, SCOPES, people.clock)
    before = list(accounts.list())
    open_demo(accounts, SCOPES, people.clock)
    assert list(accounts.list()) == before
    accounts.change(before[0].key, entry(), grants=(Grant(Role.LEADER),), disabled_us=people.clock.us)
    open_demo(accounts, SCOPES, people.clock)
    mended = accounts.get(before[0].key)
    assert (mended.grants, mended.disabled_us) == (before[0].grants, None)


def test_an_account_of_somebody_with_such_a_name_stays_as_it_is(people: People) -> None:
    mine = add(people.store, "demo-operator", "leader")
    open_demo(people.store.accounts, SCOPES, people.clock)
    assert people.store.accounts.get(mine.key) == mine


def test_outside_the_demo_they_are_disabled_and_signed_out(people: People, people_store: Store) -> None:
    open_demo(people_store.accounts, SCOPES, people.clock)
    entered = people.signing_in.enter_demo("demo-operator", HERE)
    assert isinstance(entered, SignedIn)
    assert close_demo(people_store.accounts, people.clock) == len(Role) + 2
    assert close_demo(people_store.accounts, people.clock) == 0
    people.sessions.look()
    assert people.sessions.resolve(entered.secret) is None
    production = make_people(people_store, people.clock, demo=False)
    assert isinstance(production.signing_in.enter_demo("demo-operator", HERE), Refused)


def test_the_demos_administrator_does_not_count_as_one(people: People) -> None:
    open_demo(people.store.accounts, SCOPES, people.clock)
    assert people.accounts.first_administrator(SYSTEM) is not None


def test_every_role_has_a_grant_also_where_the_city_has_no_scopes() -> None:
    assert {str(grant) for grant in demo_grants(Scopes()).values()} == {role.value for role in Role}
