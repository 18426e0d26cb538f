"""Sessions of a web process: fast when known, over when ended anywhere, going on while the database is away."""

from __future__ import annotations

import threading

import pytest
from structlog.testing import capture_logs

from ops_center.domain.errors import StoreUnavailable
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Grant
from ops_center.domain.time import DAY_US
from ops_center.services.accounts import WithSecret
from ops_center.services.sign_in_outcomes import SignedIn, Wrong
from ops_center.services.signing_in import Visitor
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.servers.outages import Outage
from tests.services.people_center import LIMITS, SYSTEM, People, make_people
from tests.store.persons import add, entry, last_entry

IDLE_S, WHOLE_S = LIMITS.idle_s, LIMITS.whole_s


def another_process(people: People) -> People:
    return make_people(people.store, people.clock, seconds=people.seconds)


def test_what_is_known_is_found_without_the_database(people: People, outage: Outage) -> None:
    session, secret = people.start("lin")
    with outage:
        assert people.sessions.resolve(secret) == session
        assert people.sessions.known(secret) == session
        assert people.sessions.is_alive(session.id) and people.sessions.is_current(session)


def test_a_process_that_does_not_know_a_session_asks_the_store_once(people: People, outage: Outage) -> None:
    session, secret = people.start("lin")
    other = another_process(people)
    assert other.sessions.known(secret) is None and not other.sessions.is_alive(session.id)
    assert other.sessions.resolve(secret) == session
    with outage:
        assert other.sessions.resolve(secret) == session


def test_while_the_database_is_away_what_is_not_known_cannot_be_judged(people: People, outage: Outage) -> None:
    _, secret = people.start("lin")
    other = another_process(people)
    with outage, pytest.raises(StoreUnavailable):
        other.sessions.resolve(secret)
    assert other.sessions.resolve(secret) is not None


@pytest.mark.parametrize("secret", ["", "x", "ops_s_short", "ops_x_" + "a" * 43, "长" * 49, "ops_s_" + "a" * 42 + "\n"])
def test_what_is_no_secret_is_not_even_asked_for(people: People, outage: Outage, secret: str) -> None:
    with outage:
        assert people.sessions.resolve(secret) is None


def test_a_secret_that_opens_nothing_is_asked_for_once(people: People, outage: Outage) -> None:
    dead = "ops_s_" + "a" * 43
    assert people.sessions.resolve(dead) is None
    with outage:
        assert people.sessions.resolve(dead) is None


def test_a_session_ends_after_its_idle_limit_without_a_sign_of_the_person(people: People) -> None:
    session, secret = people.start("lin")
    people.pass_time(IDLE_S - 1)
    people.sessions.touch(session)
    people.pass_time(IDLE_S - 1)
    assert people.sessions.resolve(secret) is not None
    people.pass_time(1)
    assert people.sessions.resolve(secret) is None
    assert not people.sessions.is_alive(session.id)


def test_a_session_ends_after_its_whole_limit_whatever_the_person_does(people: People) -> None:
    session, secret = people.start("lin")
    for _ in range(int(WHOLE_S / 600)):
        assert people.sessions.resolve(secret) is not None
        people.sessions.touch(session)
        people.pass_time(600)
    assert people.sessions.resolve(secret) is None


@pytest.mark.parametrize("back_s", [60.0, 3600.0, 1e6])
def test_a_clock_that_is_set_back_makes_no_session_longer(people: People, back_s: float) -> None:
    session, secret = people.start("lin")
    people.clock.advance(-back_s)
    people.pass_time(IDLE_S - 1)
    assert people.sessions.resolve(secret) is not None
    people.pass_time(1)
    assert people.sessions.resolve(secret) is None
    people.clock.advance(-back_s)
    assert people.sessions.resolve(secret) is None and not people.sessions.is_alive(session.id)


def test_a_clock_that_jumps_ahead_ends_sessions_for_good(people: People) -> None:
    session, secret = people.start("lin")
    people.clock.advance(WHOLE_S)
    assert not people.sessions.is_alive(session.id)
    people.clock.advance(-WHOLE_S)
    assert people.sessions.resolve(secret) is None


def test_signs_reach_the_store_at_once_and_then_every_half_minute(people: People) -> None:
    session, _ = people.start("lin")

    def stored() -> int:
        return people.store.sessions.list(people.clock.us)[0].seen_us

    people.pass_time(40)
    people.sessions.touch(session)
    people.sessions.look()
    first = people.clock.us
    assert stored() == first
    people.pass_time(10)
    people.sessions.touch(session)
    people.sessions.look()
    assert stored() == first
    people.pass_time(20)
    people.sessions.look()
    assert stored() == first + 10_000_000


def test_a_sign_in_one_process_keeps_the_session_alive_in_another(people: People) -> None:
    session, secret = people.start("lin")
    other = another_process(people)
    other.sessions.resolve(secret)
    for _ in range(5):
        people.pass_time(IDLE_S - 60)
        people.sessions.touch(session)
        people.sessions.look()
        other.sessions.look()
    assert other.sessions.is_alive(session.id)


def test_what_another_process_ended_is_over_at_the_next_look(people: People) -> None:
    session, secret = people.start("lin")
    other = another_process(people)
    other.sessions.resolve(secret)
    other.sessions.end(session.id, "signed out", session.asker)
    assert not other.sessions.is_alive(session.id)
    assert people.sessions.is_alive(session.id)
    people.sessions.look()
    assert not people.sessions.is_alive(session.id)
    assert people.sessions.resolve(secret) is None


@pytest.mark.parametrize("change", ["grant", "disable", "reset_password", "reset_totp", "sign_out"])
def test_whatever_changes_what_an_account_may_or_is_ends_its_sessions(people: People, change: str) -> None:
    people.add("boss", "administrator")
    account = people.add("lin", "operator")
    if change == "reset_totp":
        account = people.store.accounts.set_credentials(account.key, entry(), totp_secret=b"x" * 40)
    session = people.enter_anyhow("lin").session
    arguments = ([Grant.parse("leader")], SYSTEM) if change == "grant" else (SYSTEM,)
    getattr(people.accounts, change)(account, *arguments)
    people.sessions.look()
    assert not people.sessions.is_alive(session.id)


def test_who_changes_their_own_grants_keeps_the_session_but_not_the_stream(people: People) -> None:
    people.add("boss", "administrator")
    account = people.add("lin", "administrator", "operator")
    entered = people.enter_anyhow("lin")
    session, secret = entered.session, entered.secret
    people.accounts.grant(account, [Grant.parse("leader")], session.asker)
    people.sessions.look()
    assert people.sessions.is_alive(session.id) and not people.sessions.is_current(session)
    found = people.sessions.resolve(secret)
    assert found is not None and [str(grant) for grant in found.asker.grants] == ["leader"]
    assert people.sessions.is_current(found)


def test_signing_out_works_while_the_database_is_away_and_reaches_it_later(people: People, outage: Outage) -> None:
    session, secret = people.start("lin")
    with outage:
        people.signing_in.sign_out(session)
        assert people.sessions.resolve(secret) is None
        assert not people.sessions.look()
    assert people.sessions.look()
    assert list(people.store.sessions.list(people.clock.us)) == []
    told = last_entry(people.store)
    assert (told.action, told.actor, told.detail["reason"]) == ("session.ended", "lin", "signed out")


def test_an_outage_is_said_once_and_so_is_its_end(people: People, outage: Outage) -> None:
    people.start("lin")
    with capture_logs() as logs:
        with outage:
            people.sessions.look()
            people.sessions.look()
        people.sessions.look()
        people.sessions.look()
    assert [line["event"] for line in logs] == ["sessions.cannot_look", "sessions.looks_again"]


def test_who_was_active_through_an_outage_stays_in_when_it_is_over(people: People, outage: Outage) -> None:
    session, secret = people.start("lin")
    other = another_process(people)
    with outage:
        for _ in range(4):
            people.pass_time(IDLE_S - 60)
            people.sessions.touch(session)
            people.sessions.look()
            other.sessions.look()
    other.sessions.look()
    people.sessions.look()
    assert people.sessions.is_alive(session.id)
    assert other.sessions.resolve(secret) is not None


def test_limits_count_while_the_database_is_away(people: People, outage: Outage) -> None:
    session, _ = people.start("lin")
    with outage:
        people.pass_time(IDLE_S)
        people.sessions.look()
        assert not people.sessions.is_alive(session.id)


def test_a_programs_token_is_found_like_a_session_and_never_idle(people: People) -> None:
    account = people.add("exporter", "operator")
    made = people.accounts.add_token(account, "api", "nightly export", None, SYSTEM)
    assert isinstance(made, WithSecret)
    found = people.sessions.resolve(made.secret)
    assert found is not None
    assert (found.kind, found.asker.account, found.id) == ("program", "exporter", f"token-{made.token.key}")
    people.pass_time(30 * 86_400)
    assert people.sessions.resolve(made.secret) is not None
    people.sessions.look()
    assert [token.used_us for token in people.accounts.tokens("api")] == [people.clock.us]


def test_a_revoked_token_is_over_at_the_next_look_in_every_process(people: People) -> None:
    account = people.add("exporter", "operator")
    made = people.accounts.add_token(account, "api", "export", None, SYSTEM)
    assert isinstance(made, WithSecret)
    found = people.sessions.resolve(made.secret)
    assert found is not None
    people.accounts.revoke_token(made.token.key, SYSTEM)
    people.sessions.look()
    assert people.sessions.resolve(made.secret) is None and not people.sessions.is_alive(found.id)


def test_a_token_has_its_limits_and_comes_back_when_its_account_is_enabled_again(people: People) -> None:
    account = people.add("exporter", "operator")
    made = people.accounts.add_token(account, "api", "export", people.clock.us + DAY_US, SYSTEM)
    assert isinstance(made, WithSecret)
    assert people.sessions.resolve(made.secret) is not None
    people.accounts.disable(account, SYSTEM)
    people.sessions.look()
    assert people.sessions.resolve(made.secret) is None
    people.accounts.enable(account, SYSTEM)
    people.pass_time(10)
    assert people.sessions.resolve(made.secret) is not None
    people.pass_time(86_400)
    assert people.sessions.resolve(made.secret) is None


def test_a_displays_token_opens_a_session_and_nothing_else(people: People) -> None:
    wall = people.add("wall", "display")
    made = people.accounts.add_token(wall, "display", "row 2", None, SYSTEM)
    assert isinstance(made, WithSecret)
    assert people.sessions.resolve(made.secret) is None
    entered = people.signing_in.enter_display(made.secret, Visitor())
    assert isinstance(entered, SignedIn)
    people.pass_time(100 * 86_400)
    people.sessions.look()
    assert people.sessions.is_alive(entered.session.id), "no idle limit for a wall"
    people.accounts.revoke_token(made.token.key, SYSTEM)
    people.sessions.look()
    assert not people.sessions.is_alive(entered.session.id)
    assert people.signing_in.enter_display(made.secret, Visitor()) == Wrong()


def test_sessions_of_the_demo_open_nothing_outside_it(people: People, people_store: Store) -> None:
    add(people_store, "demo-operator", origin="demo")
    secret = people.enter_anyhow("demo-operator").secret
    assert people.sessions.resolve(secret) is not None
    assert make_people(people_store, people.clock, demo=False).sessions.resolve(secret) is None


def test_it_looks_by_itself_until_it_is_stopped_and_then_tells_all_it_saw(people: People, people_url: str) -> None:
    stop, process = threading.Event(), make_people(open_store(people_url, Realm.SIMULATED), people.clock)
    session, _ = process.start("lin")
    thread = process.sessions.follow(stop)
    people.clock.advance(5)
    process.sessions.touch(session)
    stop.set()
    thread.join(20)
    process.store.close()
    assert not thread.is_alive()
    assert people.store.sessions.list(people.clock.us)[0].seen_us == people.clock.us


def test_ending_what_has_ended_or_never_was_is_no_fault(people: People) -> None:
    session, _ = people.start("lin")
    for session_id in (session.id, session.id, "never"):
        people.sessions.end(session_id, "signed out", Asker("lin"))
    assert not people.sessions.is_alive(session.id)
