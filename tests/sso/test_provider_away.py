"""The provider is stopped and comes back, for real: people are told, and accounts of the center still open it."""

from __future__ import annotations

import uuid

import pytest

from ops_center.domain.rights import Grant, Role
from ops_center.services.accounts import WithPassword
from ops_center.services.sso_provider import ALIVE_S
from tests.servers.keycloaks import CitySignOn
from tests.sso.center import SYSTEM, Center, Visit

pytestmark = pytest.mark.keycloak


def test_while_the_provider_is_away_people_are_told_and_accounts_of_the_center_open_it(
    center: Center, visit: Visit, sso: CitySignOn
) -> None:
    name = f"zhao.{uuid.uuid4().hex[:8]}"
    sso.add_person(name, ["ops-desk"])
    inside, under_way = Visit(center), Visit(center)
    inside.sign_in(name)
    answer = under_way.answer(name)
    made = center.accounts.add("local", "Local", [Grant(Role.OPERATOR)], "en", SYSTEM)
    assert isinstance(made, WithPassword)
    sso.server.stop()
    try:
        center.pauses[0] += ALIVE_S
        for told in (visit.ask("/sso/start?language=en"), under_way.ask(answer)):
            assert told.status_code == 503 and "does not answer" in told.text and 'action="/sign-in"' in told.text
        assert inside.who() is not None and under_way.who() is None
        form = {"name": "local", "password": made.password}
        local = visit.browser.post(f"{center.url}/sign-in", data=form, headers={"origin": center.url})
        assert "new password" in local.text.lower()  # the one-time one was right
        assert inside.sign_out().status_code == 303 and inside.who() is None
    finally:
        sso.server.start()
    center.pass_pause()
    assert visit.sign_in(name).status_code == 303
