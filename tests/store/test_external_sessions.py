"""Sessions by what the single sign-on calls them: found for its word that somebody left, and for no other."""

from __future__ import annotations

import pytest

from ops_center.domain.people import Account
from ops_center.store.external_port import ProviderSession
from ops_center.store.port import Store
from tests.store.persons import NOW_US, add, entry, start

ISSUER = "https://login.city.example"


def add_external(store: Store, name: str, subject: str, issuer: str = ISSUER) -> Account:
    external = {"issuer": issuer, "subject": subject}
    return add(store, name, origin="oidc", external=external)


@pytest.fixture
def sessions(store: Store) -> Store:
    """Lin twice, once without the provider's name for it; Wu once; somebody else's Lin elsewhere."""
    lin, wu = add_external(store, "lin", "1"), add_external(store, "wu", "2")
    elsewhere = add_external(store, "lin-2", "1", "https://elsewhere.example")
    for owner, name, sid in ((lin, "a", "s1"), (lin, "b", None), (wu, "c", "s2"), (elsewhere, "d", "s1")):
        start(store, owner, name)
        store.external.keep(name, ProviderSession(sid, b"sealed"))
    return store


@pytest.mark.parametrize(
    ("subject", "sid", "found"),
    [
        ("1", None, ["a", "b"]),
        (None, "s1", ["a"]),
        ("1", "s1", ["a", "b"]),  # b may be that one: what is not known ends too
        ("1", "s2", ["b"]),
        ("2", "s2", ["c"]),
        ("3", None, []),
        (None, "", []),
        (None, None, []),
    ],
)
def test_those_of_a_subject_or_of_a_sid_are_found(
    sessions: Store, subject: str | None, sid: str | None, found: list[str]
) -> None:
    assert sessions.external.going_on(ISSUER, subject, sid, NOW_US + 1) == found


def test_what_began_later_or_ended_is_not(sessions: Store) -> None:
    assert sessions.external.going_on(ISSUER, "1", None, NOW_US) == []
    sessions.sessions.end("a", NOW_US, "signed out", entry("session.ended"))
    assert sessions.external.going_on(ISSUER, "1", None, NOW_US + 1) == ["b"]


def test_what_a_session_has_at_the_provider_is_kept_when_it_ended(sessions: Store) -> None:
    sessions.sessions.end("a", NOW_US, "signed out", entry("session.ended"))
    assert sessions.external.of("a") == ProviderSession("s1", b"sealed")
    assert sessions.external.of("unknown") is None
