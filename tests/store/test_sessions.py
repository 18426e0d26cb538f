"""Sessions in the store: found by digest while they go on, ended for good, heard of by every process."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from ops_center.domain.errors import AccountChanged
from ops_center.domain.people import Token
from ops_center.domain.rights import Grant, Role
from ops_center.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US
from ops_center.people.secrets import digest
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.store.persons import NOW_US, add, entry, last_entry, session_of, start
from tests.store.shapes import REALM, number


def test_a_session_is_found_by_its_digest_as_it_was_started(store: Store) -> None:
    made = start(store, add(store, "lin", "operator/*/D01"), "one")
    assert store.sessions.find(digest("one"), NOW_US) == made
    assert store.sessions.find(digest("another"), NOW_US) is None
    assert last_entry(store).action == "session.started"


@pytest.mark.parametrize(
    ("at_us", "goes_on"),
    [
        (NOW_US, True),
        (NOW_US + HOUR_US - 1, True),
        (NOW_US + HOUR_US, False),
        (NOW_US - 4 * MINUTE_US, True),
        (NOW_US - 6 * MINUTE_US, False),
    ],
)
def test_it_goes_on_until_its_limits_and_one_from_the_future_is_none(store: Store, at_us: int, goes_on: bool) -> None:
    start(store, add(store, "lin"), "one")
    assert (store.sessions.find(digest("one"), at_us) is not None) == goes_on


def test_a_sign_of_the_person_moves_the_idle_end_and_never_back(store: Store) -> None:
    start(store, add(store, "lin"), "one")
    later = NOW_US + 10 * MINUTE_US
    store.sessions.touch({"one": (later, later + HOUR_US), "unknown": (later, later)})
    store.sessions.touch({"one": (NOW_US, NOW_US + 1)})
    found = store.sessions.find(digest("one"), later)
    assert found is not None
    assert (found.seen_us, found.idle_ends_us) == (later, later + HOUR_US)


def test_what_was_ended_is_over_and_is_ended_once(store: Store) -> None:
    start(store, add(store, "lin"), "one")
    assert store.sessions.end("one", NOW_US, "signed out", entry("session.ended"))
    assert last_entry(store).detail == {"account": "lin", "reason": "signed out"}
    assert not store.sessions.end("one", NOW_US, "again", entry())
    assert store.sessions.find(digest("one"), NOW_US) is None
    store.sessions.touch({"one": (NOW_US, NOW_US + DAY_US)})
    assert store.sessions.find(digest("one"), NOW_US) is None


def test_all_of_an_account_end_but_the_one_that_is_spared(store: Store) -> None:
    lin, wang = add(store, "lin"), add(store, "wang")
    for account, identifier in ((lin, "one"), (lin, "two"), (wang, "three")):
        start(store, account, identifier)
    assert store.sessions.end_all(lin.key, NOW_US, "ended by its owner", entry(), spare="two") == 1
    assert {session.id for session in store.sessions.list(NOW_US)} == {"two", "three"}
    assert [session.id for session in store.sessions.list(NOW_US, wang.key)] == ["three"]


def test_nobody_gets_in_as_an_account_that_changed_while_the_password_was_checked(store: Store) -> None:
    checked = add(store, "lin")
    store.accounts.change(checked.key, entry(), grants=(Grant(Role.LEADER),))
    with pytest.raises(AccountChanged):
        start(store, checked, "one")
    now = store.accounts.get(checked.key)
    start(store, now, "two")
    store.accounts.change(now.key, entry(), disabled_us=NOW_US)
    with pytest.raises(AccountChanged):
        start(store, store.accounts.get(now.key), "three")


def test_signing_in_while_being_disabled_leaves_no_session_whoever_is_first(store: Store, url: str) -> None:
    other = open_store(url, REALM)
    for turn in range(10):
        account, together = add(store, f"lin{turn}"), threading.Barrier(2)

        def sign_in(account=account, together=together, turn=turn) -> None:  # type: ignore[no-untyped-def]
            together.wait()
            try:
                start(other, account, f"one{turn}")
            except AccountChanged:
                return

        thread = threading.Thread(target=sign_in)
        thread.start()
        together.wait()
        store.accounts.change(account.key, entry("account.disabled"), disabled_us=NOW_US)
        thread.join(60)
        assert list(store.sessions.list(NOW_US, account.key)) == []
        assert number(url, "SELECT count(*) FROM center.session WHERE ended IS NULL") == 0
    other.close()


def test_a_process_hears_which_of_its_sessions_go_on(store: Store) -> None:
    lin, wang = add(store, "lin"), add(store, "wang")
    for account, identifier in ((lin, "one"), (lin, "two"), (wang, "three")):
        start(store, account, identifier)
    store.sessions.end("one", NOW_US, "signed out", entry())
    store.accounts.change(wang.key, entry(), language="en")
    heard = store.sessions.pulse({"one", "two", "three", "never"})
    assert heard.keys() == {"two", "three"}
    assert heard["two"].version == lin.version
    assert heard["three"].version == wang.version + 1
    assert store.sessions.pulse(()) == {}


def test_what_ran_out_of_time_is_ended_with_an_entry_and_forgotten_after_weeks(store: Store, url: str) -> None:
    account = add(store, "lin")
    start(store, account, "idle")
    start(store, account, "long", start_us=NOW_US - 12 * HOUR_US)
    start(store, account, "fresh", start_us=NOW_US + HOUR_US)
    later = NOW_US + HOUR_US + 3 * MINUTE_US
    assert store.sessions.sweep(later) == 2
    told = {row.subject: (row.actor, row.detail["reason"]) for row in store.audit.page(limit=2)}
    assert told == {"idle": ("system", "idle"), "long": ("system", "limit")}
    assert store.sessions.sweep(later) == 0
    assert store.sessions.sweep(later + 61 * DAY_US) == 1
    assert number(url, "SELECT count(*) FROM center.session") == 1


def test_a_sweep_leaves_time_for_signs_that_are_on_their_way(store: Store) -> None:
    start(store, add(store, "lin"), "one")
    assert store.sessions.sweep(NOW_US + HOUR_US + SECOND_US) == 0


def test_a_display_keeps_its_five_newest_sessions_and_loses_all_with_its_token(store: Store) -> None:
    wall = add(store, "wall", "display")
    token = store.tokens.add(Token(0, "wall", "display", "row 2", NOW_US, "tester"), digest("t"), entry())
    for number_ in range(7):
        start(store, wall, f"s{number_}", start_us=NOW_US + number_, token=token.key)
    assert [session.id for session in store.sessions.list(NOW_US)] == ["s6", "s5", "s4", "s3", "s2"]
    store.tokens.revoke(token.key, NOW_US, entry("token.revoked"))
    assert list(store.sessions.list(NOW_US)) == []
    assert last_entry(store).detail["sessions_ended"] == 5
    with pytest.raises(AccountChanged):
        start(store, wall, "late", token=token.key)


def test_two_secrets_are_never_one(store: Store) -> None:
    account = add(store, "lin")
    start(store, account, "one")
    again = replace(session_of(account, "other"))
    with pytest.raises(Exception, match="refused"):
        store.sessions.start(again, digest("one"), entry())
