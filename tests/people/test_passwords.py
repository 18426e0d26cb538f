"""Passwords: hashed slowly, judged before they are taken, never more at once than the machine bears."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from ops_center.people import passwords
from ops_center.people.passwords import Busy, PasswordFault, Passwords, fault_of, one_time_password

FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GOOD = "copper lantern drifts north"


class CountingHasher(PasswordHasher):
    """A hasher of the same algorithm that counts what it was asked to do, and can be held up."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified: list[bool] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.at_once = self.most_at_once = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.go_on.wait(20)
        self.at_once -= 1
        self.verified.append(True)
        return super().verify(hash, password)


def test_hashes_are_argon2id_as_rfc_9106_recommends_for_scarce_memory() -> None:
    made = extract_parameters(Passwords().hash(GOOD))
    assert (made.type, made.time_cost, made.memory_cost, made.parallelism) == (Type.ID, 3, 65536, 4)
    assert (made.salt_len, made.hash_len) == (16, 32)


def test_only_the_same_password_is_right() -> None:
    checked = Passwords(FAST)
    known = checked.hash(GOOD)
    assert checked.verify(known, GOOD)
    assert not checked.verify(known, GOOD + " ")
    assert checked.hash(GOOD) != known, "each hash has a salt of its own"


def test_one_password_written_on_two_keyboards_is_one() -> None:
    checked = Passwords(FAST)
    assert checked.verify(checked.hash("Ａffichage café déjà vu"), "Affichage cafe\u0301 déja\u0300 vu")


@pytest.mark.parametrize("odd", ["", "\0\0", "\ud800 half a character", "长" * 600, "a" * 10_000])
def test_odd_passwords_are_wrong_and_nothing_worse(odd: str) -> None:
    checked = Passwords(FAST)
    assert not checked.verify(checked.hash(GOOD), odd)


def test_a_damaged_hash_opens_nothing() -> None:
    assert not Passwords(FAST).verify("$argon2id$nonsense", GOOD)


def test_nobodys_password_costs_as_much_as_somebodys() -> None:
    hasher = CountingHasher()
    checked = Passwords(hasher)
    assert not checked.verify(None, GOOD)
    assert not checked.verify(checked.hash(GOOD), "another one")
    assert len(hasher.verified) == 2


def test_never_more_are_checked_at_once_than_allowed_and_who_waits_too_long_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "_PATIENCE_S", 0.05)
    hasher = CountingHasher()
    checked, known, outcomes = Passwords(hasher, at_once=2), FAST.hash(GOOD), []
    checked.verify(known, GOOD)
    hasher.go_on.clear()

    def check() -> None:
        try:
            outcomes.append(checked.verify(known, GOOD))
        except Busy:
            outcomes.append("busy")
            hasher.go_on.set()

    threads = [threading.Thread(target=check) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(str, outcomes)) == ["True", "True", "busy"]
    assert hasher.most_at_once == 2


def test_hashes_of_other_parameters_are_outdated() -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    old = Passwords(FAST).hash(GOOD)
    assert stronger.is_outdated(old)
    assert not stronger.is_outdated(stronger.hash(GOOD))


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("Tr0ub4dor&3", PasswordFault.TOO_SHORT),
        ("x7#" * 50, PasswordFault.TOO_LONG),
        ("password1234", PasswordFault.GUESSABLE),
        ("qwertyuiopasdf", PasswordFault.GUESSABLE),
        ("aaaaaaaaaaaaaaaa", PasswordFault.GUESSABLE),
        ("Operations2026", PasswordFault.GUESSABLE),
        ("LinLi-drifts-at-noon", PasswordFault.NAMES_ACCOUNT),
        (GOOD, None),
        ("correct horse battery staple", None),
        ("松风漱石枕流听雨看云归去", None),
        ("kf8-Qm2_zR7pW4", None),
        ("nothing but small letters in here", None),
    ],
)
def test_what_is_easily_guessed_is_refused_and_no_kind_of_character_is_demanded(
    password: str, fault: PasswordFault | None
) -> None:
    assert fault_of(password, "linli") is fault


def test_a_long_password_is_judged_by_its_beginning_and_fast() -> None:
    assert fault_of("p4ssw0rd" * 16, "lin") is PasswordFault.GUESSABLE
    assert fault_of((GOOD + " ") * 4, "lin") is None


def test_the_present_password_is_no_new_one() -> None:
    checked = Passwords(FAST)
    assert fault_of(GOOD, "lin", (), checked.hash(GOOD), checked) is PasswordFault.SAME


def test_one_time_passwords_are_random_and_good_enough_to_be_taken() -> None:
    made = {one_time_password() for _ in range(100)}
    assert len(made) == 100
    assert all(fault_of(password, "lin") is None for password in made)


def test_every_fault_is_told_in_both_languages() -> None:
    assert all(fault.value.zh and fault.value.en for fault in PasswordFault)
