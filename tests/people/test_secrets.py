"""Secrets of sessions and tokens, and what is sealed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.people.sealing import Sealer
from ops_center.people.secrets import SecretKind, digest, kind_of, new_id, new_secret, same

KINDS: tuple[SecretKind, ...] = ("session", "display", "api")


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_says_what_it_is_and_nothing_else(kind: SecretKind) -> None:
    made = {new_secret(kind) for _ in range(50)}
    assert len(made) == 50
    assert {kind_of(secret) for secret in made} == {kind}
    assert len({digest(secret) for secret in made}) == 50


@given(st.text(max_size=60))
def test_what_has_not_the_shape_of_one_is_none(text: str) -> None:
    assert kind_of(text) is None


@pytest.mark.parametrize(
    "change", [lambda s: s + "x", lambda s: s[:-1], lambda s: s + "\n", str.upper, lambda s: " " + s]
)
def test_what_nearly_has_it_is_none_either(change) -> None:  # type: ignore[no-untyped-def]
    assert kind_of(change(new_secret("api"))) is None


def test_digests_are_compared_whole() -> None:
    assert same(digest("a"), digest("a"))
    assert not same(digest("a"), digest("b"))


def test_ids_are_unique_and_no_secrets() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
    assert kind_of(new_id()) is None


@given(st.binary(max_size=200), st.text(max_size=30).filter(lambda text: text.isascii()))
def test_what_was_sealed_comes_back_as_it_was(plain: bytes, about: str) -> None:
    sealer = Sealer(b"k" * 32)
    assert sealer.open(sealer.seal(plain, about), about) == plain


@given(st.integers(0, 60), st.integers(1, 255))
def test_one_changed_byte_opens_nothing(at: int, change: int) -> None:
    sealer = Sealer(b"k" * 32)
    sealed = bytearray(sealer.seal(b"x" * 33, "about"))
    sealed[at] ^= change
    assert sealer.open(bytes(sealed), "about") is None


def test_the_same_sealed_twice_looks_different() -> None:
    sealer = Sealer(b"k" * 32)
    assert sealer.seal(b"x", "a") != sealer.seal(b"x", "a")
