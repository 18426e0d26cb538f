"""Where a person is led after signing in: nowhere but here."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_center.api.own_paths import HOME, own_path

ATTACKS = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "/wall\r\nSet-Cookie: a=b",
    " //evil.example",
    "//evil.example@127.0.0.1/",
    "//[",
    "wall",
    "",
    "/" + "a" * 600,
]


@pytest.mark.parametrize("asked", ATTACKS)
def test_what_leads_elsewhere_leads_home(asked: str) -> None:
    assert own_path(asked) == HOME


@pytest.mark.parametrize("asked", ["/wall", "/people?show=disabled", "/audit#row-12", "/account/", "/", "/wall?a=//b"])
def test_a_page_of_ours_is_kept_as_it_is(asked: str) -> None:
    assert own_path(asked) == asked


@pytest.mark.parametrize(
    "asked", ["/sign-in", "/sign-in?next=/sign-in", "/sign-out", "/display", "/sso/start", "/api/x"]
)
def test_what_is_no_page_to_work_on_leads_home(asked: str) -> None:
    assert own_path(asked) == HOME


@given(st.text(max_size=40))
def test_nothing_ever_leads_to_another_host(asked: str) -> None:
    found = urlsplit(own_path(asked))
    assert not found.scheme and not found.netloc
    assert own_path(asked)[:1] == "/" and own_path(asked)[:2] not in {"//", "/\\"}
