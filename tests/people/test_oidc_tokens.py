"""What is believed of the single sign-on's tokens, and all that is not. The real provider's are in tests/api."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

from ops_center.people.oidc_tokens import Audience, SignedOut, TokenRefused, id_claims, signed_out, usable_keys

NOW_S = 1_700_000_000
WE = Audience("https://login.city.example", "ops-center", NOW_S)
NONCE = "a nonce of this sign-in"
OURS = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"}, private=True)
THEIRS = RSAKey.generate_key(2048, {"kid": "ours"}, private=True)
KEYS = usable_keys({"keys": [OURS.as_dict(private=False)]})
ID = {"iss": WE.issuer, "aud": "ops-center", "sub": "8f0c", "iat": NOW_S, "exp": NOW_S + 300, "nonce": NONCE}
OUT = {
    "iss": WE.issuer,
    "aud": "ops-center",
    "iat": NOW_S,
    "exp": NOW_S + 120,
    "jti": "1",
    "sub": "8f0c",
    "sid": "s1",
    "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
}
WITHOUT = object()
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def signed(claims: dict[str, Any], key: Key = OURS, alg: str = "RS256", **header: Any) -> str:
    kept = {name: value for name, value in claims.items() if value is not WITHOUT}
    return jwt.encode({"alg": alg, "kid": "ours", **header}, kept, key, algorithms=[alg], default_type="JWT")


def packed(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def believed(token: object, now_s: float = NOW_S, access_token: object = None) -> Any:
    return id_claims(token, KEYS, Audience(WE.issuer, WE.client_id, now_s), NONCE, access_token)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(TokenRefused) as caught:
        call()
    return caught.value.reason


def test_a_token_for_this_sign_in_is_believed() -> None:
    assert believed(signed(ID | {"name": "张伟"}))["name"] == "张伟"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"iss": "https://login.city.example/"}, "audience"),
        ({"iss": WITHOUT}, "audience"),
        ({"aud": "another"}, "audience"),
        ({"aud": ["another"]}, "audience"),
        ({"aud": WITHOUT}, "audience"),
        ({"aud": ["ops-center", "another"]}, "audience"),
        ({"azp": "another"}, "audience"),
        ({"aud": ["ops-center", "another"], "azp": "another"}, "audience"),
        ({"nonce": "of another sign-in"}, "claims"),
        ({"nonce": WITHOUT}, "claims"),
        ({"nonce": [NONCE]}, "claims"),
        ({"sub": WITHOUT}, "claims"),
        ({"sub": 7}, "claims"),
        ({"sub": "x" * 256}, "claims"),
        ({"exp": WITHOUT}, "claims"),
        ({"exp": "tomorrow"}, "claims"),
        ({"exp": float("inf")}, "claims"),
        ({"exp": 10**400}, "claims"),
        ({"exp": True}, "claims"),
        ({"iat": WITHOUT}, "claims"),
        ({"iat": float("nan")}, "claims"),
        ({"exp": NOW_S - 61}, "clock"),
        ({"iat": NOW_S + 61}, "clock"),
        ({"nbf": NOW_S + 61}, "clock"),
        ({"iat": NOW_S - 661, "exp": NOW_S + 300}, "clock"),
        ({"at_hash": "bm90IHRoZSBoYXNo"}, "claims"),
        ({"at_hash": [1]}, "claims"),
    ],
)
def test_a_token_for_anybody_else_or_any_other_time_is_not(change: dict[str, Any], reason: str) -> None:
    assert refused(lambda: believed(signed(ID | change), access_token="an access token")) == reason


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW_S - 59},
        {"iat": NOW_S + 59},
        {"aud": ["ops-center"]},
        {"aud": ["ops-center", "b"], "azp": "ops-center"},
    ],
)
def test_clocks_may_differ_by_a_minute_and_an_audience_may_be_a_list(change: dict[str, Any]) -> None:
    assert believed(signed(ID | change))["sub"] == "8f0c"


def test_a_key_of_somebody_else_is_not_believed() -> None:
    assert refused(lambda: believed(signed(ID, THEIRS))) == "signature"


def test_an_unknown_key_says_so_since_it_may_be_new() -> None:
    assert refused(lambda: believed(signed(ID, kid="of tomorrow"))) == "key"


def test_no_signature_and_no_shared_secret_is_believed() -> None:
    unsigned = f"{packed({'alg': 'none', 'kid': 'ours'})}.{packed(ID)}"
    assert refused(lambda: believed(f"{unsigned}.")) == "signature"
    # the classic: our provider's public key taken for a shared secret
    text = f"{packed({'alg': 'HS256', 'kid': 'ours'})}.{packed(ID)}"
    forged = hmac.new(OURS.as_pem(private=False), text.encode(), "sha256").digest()
    assert refused(lambda: believed(f"{text}.{base64.urlsafe_b64encode(forged).rstrip(b'=').decode()}")) == "signature"


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (ECKey.generate_key("P-256", {"kid": "ours"}, private=True), "ES256"),
        (RSAKey.generate_key(2048, {"kid": "ours"}, private=True), "PS384"),
    ],
)
def test_other_signatures_by_key_pairs_are_believed(key: Key, alg: str) -> None:
    keys = usable_keys({"keys": [key.as_dict(private=False)]})
    assert id_claims(signed(ID, key, alg), keys, WE, NONCE, None)["sub"] == "8f0c"
    assert refused(lambda: id_claims(signed(ID), keys, WE, NONCE, None)) == "signature"


def test_of_a_key_set_only_what_can_have_signed_is_taken() -> None:
    public = OURS.as_dict(private=False)
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"}
    small = public | {"n": str(public["n"])[:171], "kid": "small"}
    others = [public | {"use": "enc", "kid": "a"}, public | {"alg": "RSA-OAEP", "kid": "b"}, OURS.as_dict(private=True)]
    odd = [None, 7, {}, {"kty": "RSA"}, {"kty": "RSA", "n": "x", "e": 5}, {"kty": "ML-DSA", "kid": "c"}]
    assert list(usable_keys({"keys": [public, secret, small, *others, *odd]})) == ["ours"]


@given(JSON)
def test_no_key_set_breaks_it(document: object) -> None:
    usable_keys({"keys": document})


@given(st.none() | st.integers() | st.text() | st.binary() | st.just("a.b.c") | st.just("." * 70_000))
def test_no_text_breaks_it(token: object) -> None:
    refused(lambda: believed(token))


@given(st.dictionaries(st.sampled_from([*ID, "azp", "at_hash", "amr", "auth_time", "nbf", "sid"]), JSON))
def test_no_claims_break_it(claims: dict[str, Any]) -> None:
    for judge in (believed, lambda token: signed_out(token, KEYS, WE)):
        with suppress(TokenRefused):
            judge(signed(ID | claims))


def test_a_deep_token_is_refused_and_no_fault() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 3000 + b"]" * 3000).rstrip(b"=").decode()
    assert refused(lambda: believed(f"{deep}.{deep}.{deep}")) == "damaged"


def test_the_access_token_must_be_the_one_the_token_was_made_with() -> None:
    from authlib.oidc.core.util import create_half_hash

    token = signed(ID | {"at_hash": create_half_hash("the access token", "RS256").decode()})
    assert believed(token, access_token="the access token")
    assert refused(lambda: believed(token, access_token="another")) == "claims"


def test_a_logout_token_names_whom_it_means() -> None:
    assert signed_out(signed(OUT, typ="logout+jwt"), KEYS, WE) == SignedOut("8f0c", "s1", NOW_S * 1_000_000)
    assert signed_out(signed(OUT | {"sid": WITHOUT}), KEYS, WE).sid is None
    assert signed_out(signed(OUT | {"sub": WITHOUT}), KEYS, WE).subject is None


@pytest.mark.parametrize(
    "change",
    [
        {"sub": WITHOUT, "sid": WITHOUT},
        {"events": WITHOUT},
        {"events": {}},
        {"events": ["http://schemas.openid.net/event/backchannel-logout"]},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": "yes"}},
        {"nonce": NONCE},
        {"jti": WITHOUT},
        {"iat": WITHOUT},
        {"iat": NOW_S - 700},
        {"iat": NOW_S + 100},
        {"exp": NOW_S - 100},
        {"aud": "another"},
        {"aud": WITHOUT},
        {"iss": "https://elsewhere.example"},
        {"iss": WITHOUT},
        {"sid": 5},
        {"sub": ""},
    ],
)
def test_what_is_no_logout_token_of_our_provider_for_us_ends_nothing(change: dict[str, Any]) -> None:
    refused(lambda: signed_out(signed(OUT | change), KEYS, WE))


def test_an_identity_token_ends_nothing_and_a_logout_token_lets_nobody_in() -> None:
    refused(lambda: signed_out(signed(ID), KEYS, WE))
    refused(lambda: believed(signed(OUT)))
    refused(lambda: signed_out(signed(OUT, typ="at+jwt"), KEYS, WE))
    refused(lambda: signed_out(signed(OUT, THEIRS), KEYS, WE))
