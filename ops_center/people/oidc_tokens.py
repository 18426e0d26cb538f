"""Tokens of the single sign-on: believed only if its own key signed them, for us, now, for this sign-in.

Pure: the keys and the time are arguments. OpenID Connect Core 1.0, 3.1.3.7; Back-Channel Logout 1.0, 2.6. Reasons go
into log and audit, never what a token holds. Called by ``services/single_sign_on.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry, extract_compact

from ops_center.domain.errors import SingleSignOnError
from ops_center.people.oidc import is_subject
from ops_center.people.oidc_client import ALGORITHMS

LEEWAY_S = 60
"""by so much clocks may differ"""
OLDEST_S = 600
"""a token is made when it is asked for: an older one was kept by somebody"""
LONGEST_TOKEN = 64 * 1024
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_TYPES = frozenset({"logout+jwt", "application/logout+jwt", "jwt"})
_REGISTRY = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
_LAST_S = 1e11
_SMALLEST_RSA_BITS = 2048

Reason = Literal["damaged", "key", "signature", "clock", "audience", "claims"]


class TokenRefused(SingleSignOnError):
    """A token can't be believed; ``reason`` says why in a word: ``key`` may be one that we have not read yet."""

    def __init__(self, reason: Reason, what: str) -> None:
        super().__init__(f"a token of the single sign-on can't be believed: {what}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose tokens, for whom, when."""

    issuer: str
    client_id: str
    now_s: float


@dataclass(frozen=True, slots=True)
class SignedOut:
    """Whom the provider signed out."""

    subject: str | None
    sid: str | None
    """its own session; None: all of the subject's"""
    at_us: int


def usable_keys(document: Mapping[str, Any]) -> dict[str | None, Key]:
    """Return the keys of a JWK set (RFC 7517) that can have signed a token, by their id; others are left out."""
    listed = document.get("keys")
    found = (_usable(item) for item in listed) if isinstance(listed, list) else ()
    return {key.kid: key for key in found if key is not None}


def id_claims(
    token: object, keys: Mapping[str | None, Key], audience: Audience, nonce: str, access_token: object
) -> Mapping[str, Any]:
    """Return the claims of an identity token. Raises TokenRefused."""
    decoded = _decoded(token, keys)
    _judge_times(decoded.claims, audience, ("iat", "exp"))
    params = {"nonce": nonce, "client_id": audience.client_id}
    if isinstance(access_token, str):
        params["access_token"] = access_token
    wanted = {"iss": {"value": audience.issuer}, "aud": {"value": audience.client_id}}
    claims = CodeIDToken(decoded.claims, decoded.header, wanted, params)
    try:
        claims.validate(int(audience.now_s), LEEWAY_S)
    except (JoseError, ValueError, TypeError) as error:
        raise _refusal(error) from None
    if not is_subject(claims.get("sub")):
        raise TokenRefused("claims", "sub")
    return dict(claims)


def signed_out(token: object, keys: Mapping[str | None, Key], audience: Audience) -> SignedOut:
    """Return whom a logout token means. Raises TokenRefused."""
    decoded = _decoded(token, keys)
    claims = decoded.claims
    if str(decoded.header.get("typ", "jwt")).lower() not in _LOGOUT_TYPES:
        raise TokenRefused("claims", "typ")
    _judge_times(claims, audience, ("iat",))
    try:
        _logout_claims(audience).validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise _refusal(error) from None
    events, subject, sid = claims.get("events"), claims.get("sub"), claims.get("sid")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
        raise TokenRefused("claims", "events")
    if "nonce" in claims:  # or an identity token could be passed off as one
        raise TokenRefused("claims", "nonce")
    if not all(value is None or is_subject(value) for value in (subject, sid)) or subject is sid is None:
        raise TokenRefused("claims", "sub, sid")
    return SignedOut(subject, sid, int(claims["iat"] * 1_000_000))


def sid_of(claims: Mapping[str, Any]) -> str | None:
    """Return the provider's name of its session, if the claims say one."""
    sid = claims.get("sid")
    return sid if is_subject(sid) else None


def _logout_claims(audience: Audience) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        int(audience.now_s),
        LEEWAY_S,
        iss={"essential": True, "value": audience.issuer},
        aud={"essential": True, "value": audience.client_id},
        jti={"essential": True},
    )


def _decoded(token: object, keys: Mapping[str | None, Key]) -> jwt.Token:
    if not isinstance(token, str) or not 0 < len(token) <= LONGEST_TOKEN or not token.isascii():
        raise TokenRefused("damaged", "there is none")
    try:
        header = extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise TokenRefused("damaged", "it is damaged") from None
    if header.get("alg") not in ALGORITHMS:
        raise TokenRefused("signature", "it is not signed in a way that we believe")
    key = _key_of(header.get("kid"), keys)
    if key is None:
        raise TokenRefused("key", "its key is unknown")
    try:
        return jwt.decode(token, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise TokenRefused("signature", "its signature is wrong") from None


def _key_of(kid: object, keys: Mapping[str | None, Key]) -> Key | None:
    if kid is None and len(keys) == 1:
        return next(iter(keys.values()))
    return keys.get(kid) if isinstance(kid, str) else None


def _usable(item: object) -> Key | None:
    if not isinstance(item, dict) or item.get("use", "sig") != "sig" or item.get("alg", "RS256") not in ALGORITHMS:
        return None
    # Never a shared secret ("oct"): whoever reads it could sign. Short keys (NIST SP 800-131A) are left out as well.
    if item.get("kty") != "EC" and (item.get("kty") != "RSA" or len(str(item.get("n"))) * 6 < _SMALLEST_RSA_BITS):
        return None
    try:
        key = JWKRegistry.import_key(item)
        return key if key.public_key and not key.is_private else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _judge_times(claims: Mapping[str, Any], audience: Audience, essential: Iterable[str]) -> None:
    """JSON as Python reads it knows infinity and more digits than a time has."""
    for name in ("iat", "exp", "nbf"):
        value = claims.get(name)
        if value is None and name not in essential:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_S:
            raise TokenRefused("claims", name)
    if not audience.now_s - OLDEST_S - LEEWAY_S <= claims["iat"] <= audience.now_s + LEEWAY_S:
        raise TokenRefused("clock", "iat: too old, or the clocks differ")


def _refusal(error: Exception) -> TokenRefused:
    if isinstance(error, ExpiredTokenError):
        return TokenRefused("clock", "exp: too old, or the clocks differ")
    claim = (
        str(getattr(error, "claim", "") or "claims") if isinstance(error, InvalidClaimError | MissingClaimError) else ""
    )
    if claim in {"aud", "azp", "iss"}:
        return TokenRefused("audience", claim)
    return TokenRefused("clock" if claim in {"iat", "nbf"} else "claims", claim or "claims")
