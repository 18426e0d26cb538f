"""People who have signed in by the front door: one per role, with the secret that their cookie holds."""

from __future__ import annotations

from ops_center.domain.rights import Asker, Grant, Role
from ops_center.services.accounts import Changed, WithPassword, WithSecret
from ops_center.services.people import People
from ops_center.services.sign_in_outcomes import NeedsNewPassword, SignedIn
from ops_center.services.signing_in import Visitor

CHIEF = Asker("chief", (Grant(Role.ADMINISTRATOR),))
PASSWORD = "correct-horse-Nanjing-7!"
HERE = Visitor("127.0.0.1", "test")


def secret_of(people: People, name: str, *grants: Grant) -> str:
    """Make an account with ``grants``, sign in as it, and return its session's secret."""
    made = people.accounts.add(name, name.title(), grants, "en", CHIEF)
    if isinstance(made, Changed):  # a display: no password, but a token
        token = people.accounts.add_token(made.account, "display", "wall", None, CHIEF)
        assert isinstance(token, WithSecret)
        entered = people.signing_in.enter_display(token.secret, HERE)
    else:
        assert isinstance(made, WithPassword), made
        first = people.signing_in.sign_in(name, made.password, HERE)
        assert isinstance(first, NeedsNewPassword), first
        entered = people.signing_in.new_password(first.ticket, PASSWORD, HERE)
    assert isinstance(entered, SignedIn), entered
    return entered.secret
