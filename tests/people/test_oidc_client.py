"""What we are at the single sign-on, and what it says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from ops_center.domain.errors import ConfigurationError, SingleSignOnError
from ops_center.people.oidc_client import Metadata, SignOn

ISSUER = "https://login.city.example/realms/city"
DOCUMENT: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
    "response_types_supported": ["code", "id_token"],
    "id_token_signing_alg_values_supported": ["RS256", "HS256"],
}


def sign_on(issuer: str = ISSUER, secret: str = "s", **other: Any) -> SignOn:
    return SignOn.parse(
        issuer, other.get("client", "ops-center"), secret, "groups", other.get("grants", {"a": ["operator"]})
    )


@pytest.mark.parametrize(
    "issuer", [ISSUER, "https://a", "https://a:8443/x/", "http://127.0.0.1:8080/realms/city", "http://localhost"]
)
def test_an_issuer_over_https_or_on_this_machine_is_taken(issuer: str) -> None:
    assert sign_on(issuer).issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    ["", "login.city.example", "http://login.city.example", "https://a?x=1", "https://a#x", "https://u:p@a", "ftp://a",
     "https://", "https://a b", "https://ä.example", "https://a\n", "https://a:port", "http://127.0.0.1.evil.example"],
)  # fmt: skip
def test_any_other_issuer_is_named_and_refused(issuer: str) -> None:
    with pytest.raises(ConfigurationError, match="OPS_OIDC_ISSUER"):
        sign_on(issuer)


def test_what_else_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match="OPS_OIDC_CLIENT_ID"):
        sign_on(client="")
    with pytest.raises(ConfigurationError, match="OPS_OIDC_GRANTS"):
        sign_on(grants={})


def test_its_secret_is_not_shown() -> None:
    assert "hidden" not in repr(sign_on(secret="hidden"))


def test_the_document_of_a_provider() -> None:
    metadata = Metadata.parse(DOCUMENT | {"end_session_endpoint": f"{ISSUER}/out"}, sign_on())
    assert metadata.token == f"{ISSUER}/token" and metadata.end_session == f"{ISSUER}/out" and metadata.userinfo is None
    assert (metadata.auth_method, metadata.scopes) == ("client_secret_basic", "openid profile")
    assert not metadata.names_itself and not metadata.logs_out


def test_what_a_provider_offers_is_used() -> None:
    offers = {
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "scopes_supported": ["openid", "groups"],
        "authorization_response_iss_parameter_supported": True,
    }
    metadata = Metadata.parse(DOCUMENT | offers, sign_on())
    assert metadata.auth_method == "client_secret_post" and metadata.names_itself
    assert metadata.scopes == "openid profile groups"
    assert Metadata.parse(DOCUMENT | offers, sign_on(secret="")).auth_method == "none"


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": f"{ISSUER}/"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://login.city.example/token"},
        {"token_endpoint": "http://127.0.0.1/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": ["https://a"]},
        {"token_endpoint": "https://user:secret@a/token"},
        {"jwks_uri": "https://" + "a" * 3000},
        {"userinfo_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://a/\nSet-Cookie: x"},
        {"response_types_supported": ["id_token"]},
        {"code_challenge_methods_supported": ["plain"]},
        {"id_token_signing_alg_values_supported": ["HS256", "none"]},
    ],
)
def test_a_provider_that_can_not_be_used_safely_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SingleSignOnError):
        Metadata.parse(DOCUMENT | change, sign_on())


def test_addresses_on_this_machine_are_good_for_a_provider_on_this_machine() -> None:
    here = "http://127.0.0.1:8080"
    document = {name: here if isinstance(value, str) else value for name, value in DOCUMENT.items()}
    assert Metadata.parse(document, sign_on(here)).keys == here
    with pytest.raises(SingleSignOnError):
        Metadata.parse(document | {"token_endpoint": "http://login.city.example"}, sign_on(here))
