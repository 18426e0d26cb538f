"""Failures slow down whoever fails, and nobody else for ever."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator

import pytest

from ops_center.domain.realms import Realm
from ops_center.domain.time import ManualClock
from ops_center.people.keys import Keys
from ops_center.services.backing_off import BY_ACCOUNT, BY_ADDRESS, BY_PAIR, Devices, network_of
from ops_center.services.sign_in_outcomes import NeedsCode, SignedIn, Wait, Wrong
from ops_center.services.signing_in import Visitor
from ops_center.store.opening import open_store
from tests.services.people_center import GOOD, People, make_people
from tests.store.persons import entry

ATTACKER = Visitor("203.0.113.9")
HOME = Visitor("192.0.2.7")


@pytest.fixture
def lin(people: People) -> Iterator[People]:
    people.add("lin", "operator")
    yield people


def fail(people: People, visitor: Visitor, times: int, name: str = "lin") -> list[float]:
    """Try wrong passwords, each as soon as it is judged; return the waits there were."""
    waits = []
    while times:
        match people.signing_in.sign_in(name, "a wrong one", visitor):
            case Wrong():
                times -= 1
            case Wait(seconds):
                waits.append(seconds)
                people.pass_time(seconds)
    return waits


def test_waits_double_up_to_a_quarter_of_an_hour(lin: People) -> None:
    waits = fail(lin, ATTACKER, 20)
    assert waits[:5] == [2, 4, 8, 16, 32]
    assert max(waits) == 900 == waits[-1]


def test_guessing_one_account_from_one_place_gets_a_handful_of_tries_in_an_hour(lin: People) -> None:
    started_us, tries = lin.clock.us, 0
    while lin.clock.us - started_us < 3600e6:
        fail(lin, ATTACKER, 1)
        tries += 1
    assert tries <= 16


def test_guessing_one_account_from_everywhere_stays_below_a_hundred_an_hour(lin: People) -> None:
    started_us, tries = lin.clock.us, 0
    while lin.clock.us - started_us < 3600e6:
        fail(lin, Visitor(f"203.0.{tries // 250}.{tries % 250}"), 1)
        tries += 1
    assert tries <= 100  # OWASP ASVS 4.0.3, 2.2.1


def test_the_right_password_waits_like_a_wrong_one_so_that_waiting_says_nothing(lin: People) -> None:
    while lin.signing_in.sign_in("lin", "a wrong one", ATTACKER) == Wrong():
        pass
    assert isinstance(lin.signing_in.sign_in("lin", GOOD, ATTACKER), Wait)


def test_names_that_do_not_exist_wait_like_names_that_do(lin: People) -> None:
    assert fail(lin, ATTACKER, 8, "nobody") == fail(lin, HOME, 8, "lin")


def test_trying_one_password_on_all_accounts_is_slow(lin: People) -> None:
    waits = [fail(lin, ATTACKER, 1, f"name{number}") for number in range(60)]
    assert all(not wait for wait in waits[: BY_ADDRESS.free])
    assert waits[-1] == [60.0]


def test_others_behind_the_same_address_are_not_held_up_by_a_few_failures(lin: People) -> None:
    fail(lin, HOME, BY_PAIR.free + 3)
    lin.add("wang", "operator")
    assert isinstance(lin.signing_in.sign_in("wang", GOOD, HOME), SignedIn)


def test_who_mistypes_and_then_gets_it_right_starts_from_nothing(lin: People) -> None:
    fail(lin, HOME, BY_PAIR.free)
    lin.enter("lin", visitor=HOME)
    assert fail(lin, HOME, BY_PAIR.free) == []


def test_a_known_browser_is_let_in_whatever_others_guess(lin: People) -> None:
    device = lin.enter("lin", visitor=HOME).device
    fail(lin, ATTACKER, 30)
    fail(lin, HOME, 10)
    known = Visitor(HOME.address, "", device)
    assert isinstance(lin.signing_in.sign_in("lin", GOOD, HOME), Wait), "a new browser waits"
    assert isinstance(lin.signing_in.sign_in("lin", GOOD, known), SignedIn)
    assert isinstance(lin.signing_in.sign_in("lin", GOOD, Visitor("198.51.100.1", "", device)), SignedIn)


def test_a_stolen_proof_of_a_known_browser_is_slowed_down_too(lin: People) -> None:
    stolen = Visitor(ATTACKER.address, "", lin.enter("lin", visitor=HOME).device)
    assert max(fail(lin, stolen, 20)) == 900
    lin.pass_time(3601)
    assert isinstance(lin.signing_in.sign_in("lin", GOOD, stolen), SignedIn)


def test_a_session_that_goes_on_is_never_touched_by_guesses(lin: People) -> None:
    entered = lin.enter("lin", visitor=HOME)
    for _ in range(5):
        lin.signing_in.sign_in("lin", "a wrong one", ATTACKER)
    assert lin.sessions.resolve(entered.secret) is not None


def test_everything_is_forgotten_after_an_hour_of_peace(lin: People) -> None:
    fail(lin, ATTACKER, 25)
    lin.pass_time(3601)
    assert isinstance(lin.signing_in.sign_in("lin", GOOD, ATTACKER), SignedIn)


def test_codes_are_guessed_slowly_and_only_by_who_has_the_password(lin: People) -> None:
    account = lin.store.accounts.find("lin")
    assert account is not None
    lin.store.accounts.set_credentials(account.key, entry(), totp_secret=b"x" * 60)
    asked = lin.signing_in.sign_in("lin", GOOD, HOME)
    assert isinstance(asked, NeedsCode)
    outcomes = [lin.signing_in.second_factor(asked.ticket, f"{n:06}", HOME) for n in range(8)]
    assert [isinstance(outcome, Wait) for outcome in outcomes] == [False] * 6 + [True] * 2
    assert isinstance(lin.signing_in.sign_in("lin", GOOD, HOME), NeedsCode), "passwords are another matter"


def _guess(url: str) -> tuple[int, int]:
    store = open_store(url, Realm.SIMULATED)
    people = make_people(store, ManualClock())
    outcomes = [people.signing_in.sign_in("lin", "a wrong one", ATTACKER) for _ in range(8)]
    store.close()
    return outcomes.count(Wrong()), sum(isinstance(outcome, Wait) for outcome in outcomes)


def test_several_processes_count_together(lin: People, people_url: str) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        judged = pool.map(_guess, [people_url] * 3, chunksize=1)
    assert sum(wrong for wrong, _ in judged) == BY_PAIR.free + 1
    assert sum(waited for _, waited in judged) == 24 - BY_PAIR.free - 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", "?"),
        ("unix", "?"),
    ],
)
def test_one_subscriber_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_browser_is_known_for_the_accounts_that_signed_in_on_it_and_no_others() -> None:
    clock = ManualClock()
    devices = Devices(Keys(b"k" * 32), clock)
    cookie = devices.with_proof(devices.with_proof("", 1), 2)
    marks = [devices.known(cookie, account) for account in (1, 2, 3)]
    assert marks[0] and marks[1] and marks[0] != marks[1] and marks[2] is None
    assert Devices(Keys(b"o" * 32), clock).known(cookie, 1) is None
    for _ in range(3):
        cookie = devices.with_proof(cookie, 2)
    assert len(cookie.split(".")) == 2
    for account in range(10, 20):
        cookie = devices.with_proof(cookie, account)
    assert len(cookie.split(".")) == 6 and devices.known(cookie, 19) and devices.known(cookie, 2) is None
    clock.advance(181 * 86_400)
    assert devices.known(cookie, 19) is None


@pytest.mark.parametrize("odd", ["", ".", "....", "长", "\ud800", "x" * 100_000, "a.b.c"])
def test_odd_cookies_are_of_no_known_browser(odd: str) -> None:
    devices = Devices(Keys(b"k" * 32), ManualClock())
    assert devices.known(odd, 1) is None
    assert devices.known(devices.with_proof(odd, 1), 1) is not None


def test_the_bound_on_one_account_is_what_the_page_says() -> None:
    assert (BY_ACCOUNT.free, BY_ACCOUNT.most_s) == (20, 300.0)
