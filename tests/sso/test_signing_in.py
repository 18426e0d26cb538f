"""Signing in through a real provider, whose own form is posted over real HTTP."""

from __future__ import annotations

import uuid
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from ops_center.domain.audit import AuditEntry
from ops_center.domain.rights import Grant, Role
from tests.servers.keycloaks import SECRET, CitySignOn
from tests.sso.center import SYSTEM, Center, Visit

pytestmark = pytest.mark.keycloak


@pytest.fixture
def name() -> str:
    """Of somebody whom no other test knows."""
    return f"zhang.{uuid.uuid4().hex[:8]}"


def is_refused(answer: httpx.Response, *words: str, status: int = 403) -> bool:
    """In both languages, with nothing kept in the browser."""
    assert answer.status_code == status, answer.text
    assert "登录" in answer.text and all(word in answer.text for word in words), answer.text
    return "ops_session" not in answer.headers.get("set-cookie", "")


def test_the_first_sign_in_makes_the_account_with_its_grants(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    subject = sso.add_person(name, ["ops-water", "everybody"])
    answer = visit.sign_in(name)
    assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
    assert visit.who() == {"account": name, "name": "Wei Zhang", "grants": ["department/water_company"]}
    account = center.account(subject)
    assert account.origin == "oidc" and not account.has_password and account.external is not None
    acts = [(row.actor, row.action) for row in center.store.audit.page(limit=2)]
    assert acts == [(name, "session.started"), ("system", "account.added")]


def test_what_the_groups_give_changes_at_the_next_sign_in_and_ends_what_was_before(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    subject = sso.add_person(name, ["ops-water"])
    visit.sign_in(name)
    sso.set_groups(subject, ["ops-desk"])
    elsewhere = Visit(center)
    elsewhere.sign_in(name)
    assert elsewhere.who()["grants"] == ["operator"]
    center.sessions.look()
    assert visit.who() is None
    assert center.store.audit.page(action="account.granted")[0].detail["by"] == "single sign-on"


def test_what_was_changed_here_meanwhile_does_not_stay(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    subject = sso.add_person(name, ["ops-water"])
    visit.sign_in(name)
    account, entry = center.account(subject), AuditEntry(center.clock.now_us(), "system", "account.granted")
    center.store.accounts.change(account.key, entry, grants=(Grant(Role.ADMINISTRATOR), Grant(Role.OPERATOR)))
    center.accounts.add("another", "Another", [Grant(Role.ADMINISTRATOR)], "en", SYSTEM)
    visit.again()
    assert visit.who()["grants"] == ["department/water_company"]
    assert center.account(subject).grants == (Grant(Role.DEPARTMENT, "water_company"),)


def test_somebody_without_a_group_of_ours_is_refused_and_no_account_is_made(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    subject = sso.add_person(name, ["everybody"])
    assert is_refused(visit.sign_in(name), "None of your groups")
    assert visit.who() is None and center.store.accounts.find(name) is None
    refusal = center.refusals()[0]
    assert refusal["reason"] == "no group gives rights" and refusal["subject"] == subject


def test_who_lost_all_groups_is_refused_and_is_out_everywhere(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    subject = sso.add_person(name, ["ops-desk"])
    visit.sign_in(name)
    sso.set_groups(subject, [])
    assert is_refused(Visit(center).sign_in(name), "None of your groups")
    center.sessions.look()
    assert visit.who() is None and center.account(subject).grants == ()


def test_a_disabled_account_stays_disabled(center: Center, visit: Visit, sso: CitySignOn, name: str) -> None:
    subject = sso.add_person(name, ["ops-desk"])
    visit.sign_in(name)
    center.accounts.disable(center.account(subject), SYSTEM)
    assert is_refused(visit.again(), "disabled")
    center.sessions.look()
    assert visit.who() is None


def test_an_account_that_was_made_here_is_never_taken_over(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    center.accounts.add(name, "Somebody else", [Grant(Role.ADMINISTRATOR)], "en", SYSTEM)
    sso.add_person(name, ["ops-desk"])
    visit.sign_in(name)
    who = visit.who()
    assert who["account"].startswith(f"{name}-") and who["grants"] == ["operator"]
    assert center.store.accounts.find(name).origin == "local"  # type: ignore[union-attr]


def test_nobody_becomes_the_administrator_by_calling_himself_so(center: Center, visit: Visit, sso: CitySignOn) -> None:
    sso.add_person("admin", ["ops-desk"])
    visit.sign_in("admin")
    assert visit.who()["account"].startswith("admin-") and visit.who()["grants"] == ["operator"]


def test_what_the_token_leaves_out_is_asked_for(center: Center, visit: Visit, sso: CitySignOn, name: str) -> None:
    sso.add_person(name, ["ops-desk"])
    sso.tell_groups(in_token=False)
    try:
        visit.sign_in(name)
    finally:
        sso.tell_groups(in_token=True)
    assert visit.who()["grants"] == ["operator"]


def test_after_signing_in_nobody_is_led_elsewhere(visit: Visit, sso: CitySignOn, name: str) -> None:
    sso.add_person(name, ["ops-desk"])
    visit.sign_in(name)
    for asked in ("//evil.example", "https://evil.example", "/sso/start", "/\\evil.example"):
        assert visit.ask(visit.begin(f"/sso/start?next={asked}").headers["location"]).headers["location"] == "/"


def test_the_last_administrator_is_not_lost_by_a_group(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    subject = sso.add_person(name, ["ops-admin"])
    visit.sign_in(name)
    sso.set_groups(subject, ["ops-desk"])
    assert is_refused(visit.again(), "nobody would be left")
    assert center.account(subject).grants == (Grant(Role.ADMINISTRATOR),)


def test_no_code_token_or_secret_is_in_a_log_or_in_the_audit(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    sso.add_person(name, ["ops-desk"])
    with capture_logs() as logs:
        answer = visit.answer(name)
        visit.ask(answer)
        visit.ask(answer)  # refused
        Visit(center).ask(answer)
        leaves = visit.sign_out().headers["location"]
    code, state = (dict(parse_qsl(urlsplit(answer).query))[part] for part in ("code", "state"))
    said = f"{logs} {[dict(row.detail) for row in center.store.audit.page(limit=20)]}"
    for secret in (SECRET, code, code.split(".")[0], state, leaves.partition("=")[2], "eyJ"):
        assert secret not in said
    assert "sso.refused" in said


def test_a_wrong_secret_of_ours_is_said_to_be_the_centers_fault(
    center: Center, visit: Visit, sso: CitySignOn, name: str
) -> None:
    sso.add_person(name, ["ops-desk"])
    sso.change_client(secret="another")
    try:
        assert is_refused(visit.sign_in(name), "refused this center")
    finally:
        sso.change_client(secret=SECRET)
    assert "unauthorized_client" in center.refusals()[0]["reason"]
