"""From claims to a person: whatever a provider, or the people at it, write into them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.rights import Grant, Role
from ops_center.people.oidc import GroupGrants, account_names, person_of, shown_name

ISSUER = "https://login.city.example/realms/city"
GROUPS = GroupGrants.parse(
    "groups", {"ops-water": ["department/water_company"], "ops-desk": ["operator", "coordinator"]}
)
CLAIMS = {
    "sub": "8f0c",
    "preferred_username": "zhang.wei@city.example",
    "name": "张 伟",
    "locale": "zh-CN",
    "groups": ["ops-water", "everybody"],
}
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_the_claims_of_an_ordinary_person() -> None:
    person = person_of(ISSUER, CLAIMS, GROUPS)
    assert person is not None
    assert (person.issuer, person.subject) == (ISSUER, "8f0c")
    assert person.names[0] == "zhang.wei" and person.display_name == "张 伟" and person.language == "zh"
    assert person.grants == (Grant(Role.DEPARTMENT, "water_company"),)


def test_groups_add_up_and_each_grant_is_there_once() -> None:
    held = GROUPS.grants_of({"groups": ["ops-desk", "ops-water", "ops-desk"]})
    assert [str(grant) for grant in held] == ["coordinator", "department/water_company", "operator"]


@pytest.mark.parametrize(
    "listed", [[], ["everybody"], ["OPS-DESK"], ["ops-desk "], ["ｏｐｓ-desk"], None, 7, {}, [["ops-desk"]]]
)
def test_somebody_without_a_mapped_group_may_do_nothing(listed: object) -> None:
    person = person_of(ISSUER, CLAIMS | {"groups": listed}, GROUPS)
    assert person is not None and person.grants == ()


def test_one_group_may_be_a_text_instead_of_a_list() -> None:
    assert GROUPS.grants_of({"groups": "ops-desk"}) == (Grant(Role.COORDINATOR), Grant(Role.OPERATOR))


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["ops-desk"]}}),
        ("a.b.c", {"a": {"b": {"c": ["ops-desk"]}}}),
        ("https://city.example/groups", {"https://city.example/groups": ["ops-desk"]}),
    ],
)
def test_dots_lead_into_objects_unless_the_name_itself_has_them(claim: str, claims: dict[str, Any]) -> None:
    assert GroupGrants(claim, GROUPS.grants).groups_of(claims) == ("ops-desk",)


@pytest.mark.parametrize(
    ("claim", "written", "named"),
    [
        ("", {}, "OPS_OIDC_GROUPS_CLAIM"),
        ("a..b", {}, "OPS_OIDC_GROUPS_CLAIM"),
        ("groups", {"ops": ["king"]}, "OPS_OIDC_GRANTS.*king"),
        ("groups", {"ops": ["operator/a/b/c"]}, "OPS_OIDC_GRANTS"),
        ("groups", {"ops": ["display"]}, "OPS_OIDC_GRANTS.*display"),
        ("groups", {"ops": ["administrator/police"]}, "OPS_OIDC_GRANTS.*administrator/police"),
        ("groups", {"ops": ["auditor/*/D01"]}, "OPS_OIDC_GRANTS.*auditor"),
    ],
)
def test_a_wrong_mapping_is_named(claim: str, written: dict[str, list[str]], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        GroupGrants.parse(claim, written)


@pytest.mark.parametrize("subject", [None, "", 5, "x" * 256, "ü", "a\nb", ["a"], "a\x00"])
def test_an_impossible_subject_is_nobody(subject: object) -> None:
    assert person_of(ISSUER, CLAIMS | {"sub": subject}, GROUPS) is None


@pytest.mark.parametrize("wished", ["admin", "ADMIN", "Admin@elsewhere.example", "system", ".root.", "-demo-"])
def test_a_name_that_others_would_take_for_the_center_is_not_given(wished: str) -> None:
    names = account_names(ISSUER, "8f0c", wished)
    assert all("-" in name for name in names)
    assert names[0] not in {"admin", "system", "root", "demo"}


def test_letters_that_only_look_latin_are_not_turned_into_latin_ones() -> None:
    assert account_names(ISSUER, "1", "\N{CYRILLIC SMALL LETTER A}dmin")[0] == "dmin"
    assert account_names(ISSUER, "1", "\N{KELVIN SIGN}ing")[0] == "ing"
    assert account_names(ISSUER, "1", "ａｄｍｉｎ")[0].startswith("sso-")
    assert account_names(ISSUER, "1", "张伟")[0].startswith("sso-")


def test_two_people_who_wish_the_same_name_get_marks_of_their_own() -> None:
    one, other = account_names(ISSUER, "1", "li"), account_names(ISSUER, "2", "li")
    assert one[0] == other[0] == "li" and not set(one[1:]) & set(other[1:])
    assert one == account_names(ISSUER, "1", "li")
    assert account_names("https://other.example", "1", "li")[1] != one[1]


@given(st.text(), st.text(), JSON)
def test_every_name_is_one_by_our_rule(issuer: str, subject: str, wished: object) -> None:
    names = account_names(issuer, subject, wished)
    assert len(set(names)) == len(names) >= 2
    assert all(NAME.fullmatch(name) for name in names)


@given(JSON)
def test_a_shown_name_is_one_short_line_without_tricks(value: object) -> None:
    shown = shown_name(value)
    assert len(shown) <= 100 and shown == shown.strip() and "  " not in shown
    assert not [c for c in shown if unicodedata.category(c)[0] == "C"]
    assert shown.encode() is not None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\u202eadmin\u202c", "admin"),
        ("Li\x00\n\tWei", "Li Wei"),
        ("\ud800Li", "Li"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),  # text is text; pages escape it
        ("x" * 5000, "x" * 100),
        (["Li"], ""),
        ("\u200b\u00ad", ""),
    ],
)
def test_what_is_shown_of_odd_names(value: object, shown: str) -> None:
    assert shown_name(value) == shown


@given(
    st.dictionaries(st.sampled_from([*CLAIMS, "realm_access", "x"]), JSON),
    st.sampled_from(["groups", "realm_access.roles"]),
)
def test_no_claims_break_it_and_nobody_gets_what_is_not_written(claims: dict[str, Any], claim: str) -> None:
    person = person_of(ISSUER, claims, GroupGrants(claim, GROUPS.grants))
    if person is not None:
        assert set(person.grants) <= {grant for grants in GROUPS.grants.values() for grant in grants}
        assert person.display_name and person.subject == claims["sub"]


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-Hans-CN", "zh"), ("zh_CN", "zh"), ("EN", "en"), ("de", None), (3, None)]
)
def test_the_language_is_one_of_ours_or_none(locale: object, language: str | None) -> None:
    person = person_of(ISSUER, CLAIMS | {"locale": locale}, GROUPS)
    assert person is not None and person.language == language
