"""Who somebody is that the city's single sign-on vouches for: from the claims of its token to an account of ours.

Pure. The claims are of a token that was checked (``oidc_tokens.py``), and yet nobody's word for what they hold: people
choose their names themselves at many providers. Identity is issuer and subject alone; a name is only a wish.
Called by ``services/single_sign_on.py`` and ``services/external_accounts.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeGuard

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.rights import WHOLE_CITY_ROLES, Grant, Role
from ops_center.domain.text import Language

LONGEST_NAME = 64
LONGEST_DISPLAY_NAME = 100
_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, 2: at most 255 ASCII characters
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED = frozenset({"admin", "administrator", "root", "system", "center", "display", "demo", "support", "security"})
"""names that others would take for the center itself or for whoever runs it; ``system`` is an actor of the audit"""


@dataclass(frozen=True, slots=True)
class ExternalPerson:
    """Somebody whom the single sign-on vouches for, now."""

    issuer: str
    subject: str
    """never changes and is never given again: with the issuer, the whole identity"""
    names: tuple[str, ...]
    """account names to be tried in this order when the account is made; the last is as good as free"""
    display_name: str
    grants: tuple[Grant, ...]
    """what the groups give now: they replace what the account holds; without any, nobody enters"""
    language: Language | None = None
    """of the person's profile, for a new account; None: it says none of ours"""


@dataclass(frozen=True, slots=True)
class GroupGrants:
    """Which claim lists the groups, and what a group may do here."""

    claim: str
    grants: Mapping[str, tuple[Grant, ...]]

    @classmethod
    def parse(cls, claim: str, written: Mapping[str, Sequence[str]]) -> GroupGrants:
        """Return what the settings write; raises ConfigurationError that names the setting."""
        if not claim or not all(claim.split(".")):
            raise ConfigurationError(f"OPS_OIDC_GROUPS_CLAIM: {claim!r} is no name of a claim, with dots into objects")
        try:
            return cls(claim, {group: tuple(map(_given, texts)) for group, texts in written.items()})
        except ConfigurationError as error:
            raise ConfigurationError(f"OPS_OIDC_GRANTS: {error}") from None

    def groups_of(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the groups that the claims list; what is no text is none."""
        found = _within(claims, self.claim)
        listed = [found] if isinstance(found, str) else found
        return tuple(group for group in listed if isinstance(group, str)) if isinstance(listed, list) else ()

    def grants_of(self, claims: Mapping[str, Any]) -> tuple[Grant, ...]:
        """Return what the groups give, each once; a group counts if it is written in the settings letter by letter."""
        held = (grant for group in self.groups_of(claims) for grant in self.grants.get(group, ()))
        return tuple(sorted(set(held), key=str))


def _given(text: str) -> Grant:
    grant = Grant.parse(text)
    if grant.role is Role.DISPLAY:
        raise ConfigurationError(f"{text!r}: displays have tokens, nobody signs in as one")
    if grant.role in WHOLE_CITY_ROLES and (grant.department or grant.district):
        raise ConfigurationError(f"{text!r}: this role can't be limited to a scope")
    return grant


def person_of(issuer: str, claims: Mapping[str, Any], groups: GroupGrants) -> ExternalPerson | None:
    """Return whom the claims mean; None: they name nobody."""
    subject = claims.get("sub")
    if not is_subject(subject):
        return None
    names = account_names(issuer, subject, claims.get("preferred_username"))
    display_name = shown_name(claims.get("name")) or shown_name(claims.get("preferred_username")) or names[0]
    grants = groups.grants_of(claims)
    return ExternalPerson(issuer, subject, names, display_name, grants, _language(claims.get("locale")))


def is_subject(value: object) -> TypeGuard[str]:
    """Return whether ``value`` can name somebody at an issuer."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_SUBJECT and value.isascii() and value.isprintable()


def account_names(issuer: str, subject: str, wished: object) -> tuple[str, ...]:
    """Return names by our rule, the wish first; a mark made of the identity follows where it is reserved or taken."""
    mark = sha256(f"{issuer}\n{subject}".encode()).hexdigest()
    stem = _stem(wished)
    marked = f"{(stem or 'sso')[: LONGEST_NAME - 7]}-{mark[:6]}"
    always = (marked, f"sso-{mark[:24]}")
    return always if not stem or stem in _RESERVED else (stem, *always)


def _stem(wished: object) -> str:
    """Return what is left of a wished name; what it is not made of Latin letters is not guessed at.

    ``zhang.wei@city.example`` is ``zhang.wei``. Letters that only look Latin go, they are not turned into Latin ones.
    """
    if not isinstance(wished, str):
        return ""
    before = wished[: 4 * LONGEST_NAME].partition("@")[0]
    return _NOT_IN_NAMES.sub("-", before).lower().strip("._-")[:LONGEST_NAME].rstrip("._-")


def shown_name(value: object) -> str:
    """Return a name as it may be shown: one line, no control or direction marks, at most 100 characters; or ""."""
    if not isinstance(value, str):
        return ""
    text = unicodedata.normalize("NFC", value[: 4 * LONGEST_DISPLAY_NAME])
    seen = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(seen.split())[:LONGEST_DISPLAY_NAME].rstrip()


def has_claims(claims: Mapping[str, Any], groups: GroupGrants) -> bool:
    """Return whether the claims say all that an account is made of; else the provider keeps some for another place."""
    return "preferred_username" in claims and "name" in claims and _within(claims, groups.claim) is not None


def _within(claims: Mapping[str, Any], path: str) -> object:
    """Return the claim of that name, else what the dots lead to; None where nothing is."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _language(locale: object) -> Language | None:
    """Return our language for a BCP 47 tag."""
    tag = re.split(r"[-_]", locale, maxsplit=1)[0].lower() if isinstance(locale, str) else ""
    return "zh" if tag == "zh" else "en" if tag == "en" else None
