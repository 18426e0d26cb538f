"""Roles and grants in words."""

from __future__ import annotations

from ops_center.domain.rights import Grant, Role
from ops_center.domain.role_words import ROLE_NAMES, ROLE_SENTENCES, Names, grant_in_words, roles_in_words
from ops_center.domain.text import Label

NAMES = Names(
    {"water_company": Label("自来水公司", "Water Supply Company")}, {"D02": Label("东湖区", "Donghu District")}
)


def test_every_role_has_a_name_and_a_sentence() -> None:
    assert set(ROLE_NAMES) == set(ROLE_SENTENCES) == set(Role)
    for words in (ROLE_NAMES, ROLE_SENTENCES):
        assert len({label.zh for label in words.values()}) == len({label.en for label in words.values()}) == len(Role)


def test_a_grant_says_over_what_it_holds() -> None:
    limited = grant_in_words(Grant(Role.DEPARTMENT, "water_company", "D02"), NAMES)
    assert limited == Label("部门人员（自来水公司 · 东湖区）", "Department (Water Supply Company · Donghu District)")
    assert grant_in_words(Grant(Role.OPERATOR), NAMES).en == "Operator (all departments · whole city)"


def test_a_code_without_a_name_is_shown_as_it_is() -> None:
    assert "D99" in grant_in_words(Grant(Role.OPERATOR, None, "D99"), NAMES).zh


def test_each_role_is_said_once() -> None:
    assert roles_in_words([Grant(Role.AUDITOR), Grant(Role.OPERATOR, "a"), Grant(Role.OPERATOR, "b")]) == Label(
        "值班员、审计员", "Operator, Auditor"
    )
    assert roles_in_words([]) is None
