"""What the commands about people share: the accounts, who is at the command line, and how outcomes are told.

Who may run them has the database anyway, so nobody is asked who they are; the audit names the system's user. Secrets
are printed once, on standard output.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from ops_center.cli.session import open_session
from ops_center.domain.errors import AccountError
from ops_center.domain.people import Account
from ops_center.domain.rights import Asker, Grant
from ops_center.domain.time import to_datetime

if TYPE_CHECKING:
    from ops_center.services.accounts import Accounts
    from ops_center.settings import Settings

console = Console(highlight=False)


def command_line() -> Asker:
    """Return who asks from the command line, as the audit names them: the center, and which user of the system."""
    return Asker("system", session=f"command line of {getpass.getuser()}")


class Desk:
    """What the commands of this file share: the accounts, and who is at the command line."""

    def __init__(self, settings: Settings, accounts: Accounts) -> None:
        self.settings = settings
        self.accounts = accounts
        self.asker = command_line()

    def find(self, name: str) -> Account:
        """Return the account; raises AccountError."""
        found = next((account for account in self.accounts.list() if account.name == name), None)
        if found is None:
            raise AccountError(f"there is no account {name}")
        return found


@contextmanager
def open_desk() -> Iterator[Desk]:
    """Give the desk of one command, on the database that is set or that a center runs here."""
    settings = open_session("user", log_level="warning")
    from ops_center.bootstrap import make_people, make_store, sign_audit, with_running_database

    settings = with_running_database(settings)
    try:
        with closing(make_store(settings)) as store:
            yield Desk(settings, make_people(settings, store).accounts)
    finally:
        sign_audit(settings)


def done(outcome: Any) -> Any:
    """Return what was done; where it can't be, say why and end."""
    from ops_center.services.accounts import Refused

    if isinstance(outcome, Refused):
        console.print(f"{outcome.reason.en} {outcome.reason.zh}", soft_wrap=True)
        raise typer.Exit(1)
    return outcome


def show_password(outcome: Any) -> None:
    """Print the one-time password that came of something, once."""
    from ops_center.services.accounts import WithPassword

    if isinstance(done(outcome), WithPassword):
        console.print(f"one-time password of {outcome.account.name}, good for 24 hours: {outcome.password}")
    else:
        console.print(f"{outcome.account.name}: done")


def grants_of(texts: Sequence[str]) -> list[Grant]:
    """Return grants as they are written; raises ConfigurationError."""
    return [Grant.parse(text) for text in texts]


def when(us: int | None) -> str:
    """Return a time for tables."""
    return "" if us is None else f"{to_datetime(us):%Y-%m-%d %H:%M} UTC"
