"""Tokens stand for an account until they are revoked; attempts are counted for all processes together."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.errors import AccountError
from ops_center.domain.people import Token
from ops_center.domain.time import DAY_US, SECOND_US
from ops_center.people.secrets import digest
from ops_center.store.opening import open_store
from ops_center.store.people_port import Patience
from ops_center.store.port import Store
from tests.store.persons import NOW_US, add, entry, last_entry
from tests.store.shapes import REALM, number

STRICT = Patience(free=2, first_s=4.0, most_s=60.0, forget_s=600.0)
MILD = Patience(free=10, first_s=1.0, most_s=10.0, forget_s=600.0)


def token_for(name: str, **more: Any) -> Token:
    return replace(Token(0, name, "api", "nightly export", NOW_US, "tester"), **more)


def test_a_token_is_found_with_its_account_while_both_are_good(store: Store) -> None:
    account = add(store, "lin", "operator/*/D01")
    made = store.tokens.add(token_for("lin", expires_us=NOW_US + DAY_US), digest("t"), entry("token.added"))
    assert last_entry(store).detail == {"token": made.key, "kind": "api", "label": "nightly export"}
    assert store.tokens.find(digest("t"), NOW_US) == (made, account)
    assert store.tokens.find(digest("t"), NOW_US + DAY_US) is None
    assert store.tokens.find(digest("u"), NOW_US) is None
    store.accounts.change(account.key, entry(), disabled_us=NOW_US)
    assert store.tokens.find(digest("t"), NOW_US) is None
    store.accounts.change(account.key, entry(), disabled_us=None)
    assert store.tokens.find(digest("t"), NOW_US) is not None


def test_a_revoked_token_opens_nothing_and_stays_on_the_list(store: Store) -> None:
    account = add(store, "lin")
    made = store.tokens.add(token_for("lin"), digest("t"), entry())
    assert store.tokens.revoke(made.key, NOW_US, entry("token.revoked"))
    assert (last_entry(store).subject, last_entry(store).detail["token"]) == ("lin", made.key)
    assert not store.tokens.revoke(made.key, NOW_US, entry())
    assert store.tokens.find(digest("t"), NOW_US) is None
    assert [token.revoked_us for token in store.tokens.list("api", account.key)] == [NOW_US]
    assert list(store.tokens.list("display")) == []
    with pytest.raises(AccountError):
        store.tokens.revoke(made.key + 1, NOW_US, entry())


def test_nobody_unknown_or_disabled_gets_a_token(store: Store) -> None:
    account = add(store, "lin")
    store.accounts.change(account.key, entry(), disabled_us=NOW_US)
    for name in ("lin", "nobody"):
        with pytest.raises(AccountError, match=name):
            store.tokens.add(token_for(name), digest(name), entry())


def test_use_is_noted_and_never_back(store: Store) -> None:
    add(store, "lin")
    made = store.tokens.add(token_for("lin"), digest("t"), entry())
    store.tokens.used({made.key: NOW_US + 5})
    store.tokens.used({made.key: NOW_US, 999: NOW_US})
    assert [token.used_us for token in store.tokens.list()] == [NOW_US + 5]


def test_a_process_hears_which_of_its_tokens_are_good(store: Store) -> None:
    lin, wang = add(store, "lin"), add(store, "wang")
    keys = [
        store.tokens.add(token_for(name, expires_us=expires_us), digest(secret), entry()).key
        for secret, name, expires_us in (
            ("a", "lin", None),
            ("b", "lin", NOW_US + 1),
            ("c", "wang", None),
            ("d", "wang", None),
        )
    ]
    store.tokens.revoke(keys[2], NOW_US, entry())
    assert store.tokens.pulse(keys, NOW_US + 1) == {keys[0]: lin.version, keys[3]: wang.version}
    store.accounts.change(wang.key, entry(), disabled_us=NOW_US)
    assert store.tokens.pulse(keys, NOW_US) == {keys[0]: lin.version, keys[1]: lin.version}


def test_attempts_beyond_the_free_ones_wait_twice_as_long_each_time(store: Store) -> None:
    now_us, waits = NOW_US, []
    while len(waits) < 6:
        wait_s = store.attempts.take({"a": STRICT}, now_us)
        now_us += round(wait_s * SECOND_US)
        waits += [wait_s] if wait_s else []
    assert waits == [4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_what_has_to_wait_is_not_counted(store: Store, url: str) -> None:
    for _ in range(3):
        store.attempts.take({"a": STRICT}, NOW_US)
    assert [store.attempts.take({"a": STRICT, "b": MILD}, NOW_US + s * SECOND_US) for s in range(4)] == [4, 3, 2, 1]
    assert number(url, "SELECT failures FROM center.sign_in_attempt WHERE subject = 'a'") == 3
    assert number(url, "SELECT failures FROM center.sign_in_attempt WHERE subject = 'b'") == 0


def test_the_longest_wait_of_several_subjects_counts(store: Store) -> None:
    for _ in range(3):
        store.attempts.take({"a": STRICT}, NOW_US)
    assert store.attempts.take({"b": MILD}, NOW_US) == 0
    assert store.attempts.take({"a": STRICT, "b": MILD}, NOW_US) == 4


def test_what_was_right_is_taken_back(store: Store, url: str) -> None:
    for _ in range(3):
        store.attempts.take({"a": STRICT, "b": MILD}, NOW_US)
    store.attempts.forgive(["a", "b"], wholly=["a"])
    assert number(url, "SELECT count(*) FROM center.sign_in_attempt WHERE subject = 'a'") == 0
    assert number(url, "SELECT failures FROM center.sign_in_attempt WHERE subject = 'b'") == 2
    assert store.attempts.take({"a": STRICT}, NOW_US) == 0


def test_failures_are_forgotten_after_a_while(store: Store, url: str) -> None:
    for _ in range(3):
        store.attempts.take({"a": STRICT}, NOW_US)
    later = NOW_US + 601 * SECOND_US
    assert store.attempts.take({"a": STRICT}, later) == 0
    assert number(url, "SELECT failures FROM center.sign_in_attempt") == 1
    store.attempts.sweep(later + 1)
    assert number(url, "SELECT count(*) FROM center.sign_in_attempt") == 0


def test_a_clock_that_was_set_back_makes_nobody_wait_longer_than_the_failures_are_worth(store: Store) -> None:
    for _ in range(3):
        store.attempts.take({"a": STRICT}, NOW_US)
    assert store.attempts.take({"a": STRICT}, NOW_US - 30 * DAY_US) == 4.0


def test_many_at_once_get_no_more_attempts_than_one_after_the_other(store: Store, url: str) -> None:
    stores, granted, together = [open_store(url, REALM) for _ in range(3)], [], threading.Barrier(12)

    def take(mine: Store) -> None:
        together.wait()
        granted.append(mine.attempts.take({"a": STRICT, "b": MILD}, NOW_US) == 0)

    threads = [threading.Thread(target=take, args=(stores[number_ % 3],)) for number_ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for opened in stores:
        opened.close()
    assert sum(granted) == STRICT.free + 1


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_failures_never_wait_less_and_never_more_than_the_most(few: int, more: int) -> None:
    waits = [STRICT.wait_s(min(few, few + more)), STRICT.wait_s(few + more)]
    assert 0 <= waits[0] <= waits[1] <= STRICT.most_s
