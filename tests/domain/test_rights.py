"""Who may do what: a grant covers its scope and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.rights import (
    CLOSED,
    EVERYBODY,
    NOBODY,
    OPEN,
    SIGNED_IN,
    Asker,
    Grant,
    Rights,
    Role,
    allows,
    declared_rights,
)

CODES = st.none() | st.sampled_from(["water", "police", "d1", "d2"])
GRANTS = st.builds(Grant, st.sampled_from(Role), CODES, CODES)


@given(GRANTS)
def test_a_grant_survives_being_written(grant: Grant) -> None:
    assert Grant.parse(str(grant)) == grant


@pytest.mark.parametrize("text", ["", "king", "operator/", "operator//d1", "operator/a/b/c", "Operator"])
def test_what_is_no_grant_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="no grant"):
        Grant.parse(text)


@given(st.lists(GRANTS, max_size=3), st.sets(st.sampled_from(Role)), CODES, CODES)
def test_who_may_see_something_of_a_kind_may_see_of_the_kind(
    grants: list[Grant], roles: set[Role], department: str | None, district: str | None
) -> None:
    asker, rights = Asker("a", tuple(grants)), Rights(see=frozenset(roles))
    if asker.may_see_of(rights, department or "", district or ""):
        assert asker.may_see(rights)


def test_scope_and_role_must_be_of_one_grant() -> None:
    asker = Asker("a", (Grant(Role.OPERATOR, "water"), Grant(Role.LEADER)))
    rights = Rights(see=frozenset({Role.OPERATOR}))
    assert asker.may_see_of(rights, "water", "d1")
    assert not asker.may_see_of(rights, "police", "d1"), "the leader's city-wide scope is no operator's"


def test_what_belongs_to_nobody_is_the_whole_citys() -> None:
    rights = Rights(see=EVERYBODY)
    assert Asker("a", (Grant(Role.OPERATOR),)).may_see_of(rights, "", "")
    assert not Asker("a", (Grant(Role.OPERATOR, "water"),)).may_see_of(rights, "", "d1")
    assert not Asker("a", (Grant(Role.OPERATOR, None, "d1"),)).may_see_of(rights, "water", "")


@given(st.lists(GRANTS, max_size=9))
def test_what_declares_nothing_is_closed_to_everybody(grants: list[Grant]) -> None:
    asker = Asker("a", tuple(grants))
    assert not asker.may_see(CLOSED) and not asker.may_change(CLOSED)


def test_nobody_sees_what_is_open_and_nothing_else() -> None:
    assert NOBODY.may_see(OPEN) and NOBODY.may_change(OPEN)
    assert not NOBODY.may_see(SIGNED_IN) and not NOBODY.may_change(SIGNED_IN)


def test_what_was_declared_at_a_function_is_found_there() -> None:
    @allows(OPEN)
    def declared() -> None: ...

    assert declared_rights(declared) == OPEN
    assert declared_rights(test_nobody_sees_what_is_open_and_nothing_else) is None
