"""What our center is at the city's single sign-on, and what the provider says of itself. Pure.

Made of the settings at start, where wrong ones are named; the provider's document (OpenID Connect Discovery 1.0) is
judged when it is read. Called by ``services/sso_provider.py`` and by the settings' own checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from ops_center.domain.addresses import is_loopback
from ops_center.domain.errors import ConfigurationError, SingleSignOnError
from ops_center.people.oidc import GroupGrants

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""signatures that are believed: by a key pair, never by a shared secret, never ``none``"""
_LONGEST_ADDRESS = 2000

AuthMethod = Literal["client_secret_basic", "client_secret_post", "none"]


@dataclass(frozen=True, slots=True)
class SignOn:
    """The provider that we trust, who we are there, and what its groups may do here."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    """"" for a public client: PKCE alone then proves that the code is ours"""
    groups: GroupGrants

    @classmethod
    def parse(
        cls, issuer: str, client_id: str, client_secret: str, claim: str, grants: Mapping[str, Sequence[str]]
    ) -> SignOn:
        """Return what the settings write. Raises ConfigurationError that names the setting."""
        if fault := _issuer_fault(issuer):
            raise ConfigurationError(f"OPS_OIDC_ISSUER: {fault}")
        if not client_id:
            raise ConfigurationError("OPS_OIDC_CLIENT_ID: our name at the single sign-on is missing")
        if not grants:
            raise ConfigurationError("OPS_OIDC_GRANTS: no group gives anything, so nobody could enter")
        return cls(issuer, client_id, client_secret, GroupGrants.parse(claim, grants))

    def may_ask(self, address: object) -> bool:
        """Return whether an address of the provider may be asked: over https; plain http where it is on this machine.

        Its document could else send our secret over the network in the clear.
        """
        if not isinstance(address, str) or len(address) > _LONGEST_ADDRESS or not address.isascii():
            return False
        parts = _split(address)
        if parts is None or not address.isprintable() or parts[2]:
            return False
        is_here = is_loopback(parts[1]) and self.issuer.startswith("http://")
        return parts[0] == "https" or (parts[0] == "http" and is_here)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What of the provider's document we use."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    end_session: str | None
    auth_method: AuthMethod
    scopes: str
    """what we ask for"""
    names_itself: bool
    """its answers always say who it is (RFC 9207): one that does not is somebody else's"""
    logs_out: bool
    """it tells us when somebody is signed out there"""

    @classmethod
    def parse(cls, document: Mapping[str, Any], sign_on: SignOn) -> Metadata:
        """Return what the document says. Raises SingleSignOnError that says what is missing."""
        if document.get("issuer") != sign_on.issuer:
            raise SingleSignOnError("the document of the single sign-on is of another issuer than OPS_OIDC_ISSUER")
        _judge(document)
        authorization, token, keys = (
            _address(document, name, sign_on) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
        )
        return cls(
            authorization,
            token,
            keys,
            _optional(document, "userinfo_endpoint", sign_on),
            _optional(document, "end_session_endpoint", sign_on),
            _auth_method(document, sign_on),
            "openid profile groups" if "groups" in _texts(document, "scopes_supported") else "openid profile",
            document.get("authorization_response_iss_parameter_supported") is True,
            document.get("backchannel_logout_supported") is True,
        )


def _judge(document: Mapping[str, Any]) -> None:
    """Raise SingleSignOnError where the provider can't do what we need; what it does not say it is asked for."""
    for name, wanted in (
        ("response_types_supported", {"code"}),
        ("code_challenge_methods_supported", {"S256"}),
        ("id_token_signing_alg_values_supported", set(ALGORITHMS)),
    ):
        offered = _texts(document, name)
        if offered and wanted.isdisjoint(offered):
            raise SingleSignOnError(f"the single sign-on offers nothing of {', '.join(sorted(wanted))} ({name})")


def _auth_method(document: Mapping[str, Any], sign_on: SignOn) -> AuthMethod:
    if not sign_on.client_secret:
        return "none"
    offered = _texts(document, "token_endpoint_auth_methods_supported")
    post_alone = "client_secret_post" in offered and "client_secret_basic" not in offered
    return "client_secret_post" if post_alone else "client_secret_basic"


def _address(document: Mapping[str, Any], name: str, sign_on: SignOn) -> str:
    address = document.get(name)
    if not isinstance(address, str) or not sign_on.may_ask(address):
        raise SingleSignOnError(f"the single sign-on names no address over https as {name}")
    return address


def _optional(document: Mapping[str, Any], name: str, sign_on: SignOn) -> str | None:
    return None if document.get(name) is None else _address(document, name, sign_on)


def _texts(document: Mapping[str, Any], name: str) -> Sequence[str]:
    listed = document.get(name)
    return [item for item in listed if isinstance(item, str)] if isinstance(listed, list) else []


def _issuer_fault(issuer: str) -> str | None:
    parts = _split(issuer)
    if parts is None or not issuer.isascii() or not issuer.isprintable() or parts[2] or any(c in issuer for c in "?# "):
        return "write https://name/path, as the provider writes it"
    scheme, host, _ = parts
    if scheme == "https" or (scheme == "http" and is_loopback(host)):
        return None
    return "use https://; plain http is for a provider on this machine alone"


def _split(address: str) -> tuple[str, str, bool] | None:
    """Return scheme, host, and whether it names a user; None: it is no address."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, parts.username is not None) if parts.hostname else None
