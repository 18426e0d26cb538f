"""``run.py user display`` and ``run.py user token``: secrets of wall displays and of programs, printed once."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from ops_center.cli.desk import console, done, grants_of, open_desk, when
from ops_center.domain.errors import AccountError
from ops_center.domain.people import TokenKind
from ops_center.domain.time import DAY_US, SystemClock

display = typer.Typer(no_args_is_help=True, help="Tokens of wall displays: read only, until they are revoked.")
token = typer.Typer(no_args_is_help=True, help="Tokens of programs that ask /api.")

Name = Annotated[str, typer.Argument(help="name of the account")]
Label = Annotated[str, typer.Option(help="where it is used, as lists show it")]
Days = Annotated[int | None, typer.Option(help="it expires after so many days; without: when it is revoked", min=1)]
Key = Annotated[int, typer.Argument(help="number of the token, as lists show it")]


@display.command(name="add")
def add_display(
    name: Name,
    label: Label = "",
    grant: Annotated[str, typer.Option(help="display, display/department or display/department/district")] = "display",
    days: Days = None,
) -> None:
    """Make a token for a wall display (and its account, where there is none) and print the address to open on it."""
    with open_desk() as desk:
        if all(account.name != name for account in desk.accounts.list()):
            done(desk.accounts.add(name, label or name, grants_of([grant]), "zh", desk.asker))
        made = done(desk.accounts.add_token(desk.find(name), "display", label or name, _expiry(days), desk.asker))
    base = (desk.settings.public_url or f"http://localhost:{desk.settings.web_port}").rstrip("/")
    console.print(f"token {made.token.key}; open this on the display:")
    console.print(f"{base}/display#{made.secret}", soft_wrap=True)


@display.command(name="list")
def list_displays() -> None:
    """List the tokens of displays."""
    _list_tokens("display")


@display.command(name="revoke")
def revoke_display(key: Key) -> None:
    """Revoke a display's token; the display goes dark within seconds."""
    _revoke("display", key)


@token.command(name="add")
def add_token(name: Name, label: Label, days: Days = None) -> None:
    """Make a token for a program that asks /api on behalf of an account, and print it."""
    with open_desk() as desk:
        made = done(desk.accounts.add_token(desk.find(name), "api", label, _expiry(days), desk.asker))
    console.print(f"token {made.token.key}; send it as Authorization: Bearer\n{made.secret}", soft_wrap=True)


@token.command(name="list")
def list_tokens() -> None:
    """List the tokens of programs."""
    _list_tokens("api")


@token.command(name="revoke")
def revoke_token(key: Key) -> None:
    """Revoke a program's token."""
    _revoke("api", key)


def _expiry(days: int | None) -> int | None:
    return None if days is None else SystemClock().now_us() + days * DAY_US


def _list_tokens(kind: TokenKind) -> None:
    table = Table("number", "account", "label", "made", "by", "expires", "last used", "revoked")
    with open_desk() as desk:
        for one in desk.accounts.tokens(kind):
            table.add_row(
                str(one.key), one.account, one.label, when(one.created_us), one.created_by, when(one.expires_us),
                when(one.used_us), when(one.revoked_us),
            )  # fmt: skip
    console.print(table)


def _revoke(kind: TokenKind, key: int) -> None:
    with open_desk() as desk:
        if key not in {one.key for one in desk.accounts.tokens(kind)}:
            raise AccountError(f"there is no such token: {key}")
        console.print("revoked" if desk.accounts.revoke_token(key, desk.asker) else "it was revoked before")
