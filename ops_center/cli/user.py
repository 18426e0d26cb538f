"""``run.py user``: accounts and sessions, for whoever runs the center (docs/people.md); tokens: ``user_tokens``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from ops_center.cli.desk import console, done, grants_of, open_desk, show_password, when
from ops_center.cli.user_tokens import display, token
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.people import Account
from ops_center.domain.text import Language

app = typer.Typer(no_args_is_help=True, help="Accounts, sessions, displays and tokens (docs/people.md).")
app.add_typer(display, name="display")
app.add_typer(token, name="token")

Name = Annotated[str, typer.Argument(help="name that the account signs in with")]
Grants = Annotated[
    list[str], typer.Argument(help="role, role/department or role/department/district; * is all of them")
]


@app.command(name="list")
def list_() -> None:
    """List all accounts."""
    table = Table("name", "shown as", "grants", "origin", "signs in with", "state")
    with open_desk() as desk:
        for one in desk.accounts.list():
            table.add_row(
                one.name, one.display_name, " ".join(map(str, one.grants)), one.origin, _proof(one), _state(one)
            )
    console.print(table)


def _proof(account: Account) -> str:
    return {"oidc": "single sign-on", "demo": "a click"}.get(account.origin) or (
        "password and code" if account.has_totp else "password" if account.has_password else "token"
    )


def _state(account: Account) -> str:
    if account.disabled_us is not None:
        return f"disabled {when(account.disabled_us)}"
    return f"one-time password until {when(account.password_expires_us)}" if account.must_change_password else "enabled"


@app.command()
def add(
    name: Name,
    grants: Grants,
    shown_as: Annotated[str, typer.Option(help="name as screens show it; default: the name")] = "",
    language: Annotated[str, typer.Option(help="zh or en")] = "zh",
) -> None:
    """Make an account and print its one-time password."""
    if language not in {"zh", "en"}:
        raise ConfigurationError(f"--language {language}: zh or en")
    spoken: Language = "zh" if language == "zh" else "en"
    with open_desk() as desk:
        show_password(desk.accounts.add(name, shown_as or name, grants_of(grants), spoken, desk.asker))


@app.command()
def grant(name: Name, grants: Grants) -> None:
    """Give an account these grants in place of what it has; its sessions end."""
    with open_desk() as desk:
        changed = done(desk.accounts.grant(desk.find(name), grants_of(grants), desk.asker))
    console.print(f"{name}: {' '.join(map(str, changed.account.grants))}")


@app.command()
def disable(name: Name) -> None:
    """Let nobody in as this account any more; its sessions end, its tokens open nothing."""
    with open_desk() as desk:
        done(desk.accounts.disable(desk.find(name), desk.asker))
    console.print(f"{name}: disabled")


@app.command()
def enable(name: Name) -> None:
    """Let it in again."""
    with open_desk() as desk:
        done(desk.accounts.enable(desk.find(name), desk.asker))
    console.print(f"{name}: enabled")


@app.command()
def password(name: Name) -> None:
    """Print a one-time password; its sessions end."""
    with open_desk() as desk:
        show_password(desk.accounts.reset_password(desk.find(name), desk.asker))


@app.command()
def totp_reset(name: Name) -> None:
    """Forget an account's telephone and recovery codes; its sessions end."""
    with open_desk() as desk:
        desk.accounts.reset_totp(desk.find(name), desk.asker)
    console.print(f"{name}: one-time codes reset")


@app.command()
def sessions(name: Annotated[str | None, typer.Argument(help="only of this account")] = None) -> None:
    """List sessions that go on."""
    table = Table("id", "account", "kind", "since", "last sign", "address", "browser")
    with open_desk() as desk:
        for one in desk.accounts.sessions(None if name is None else desk.find(name)):
            since, seen = when(one.started_us), when(one.seen_us)
            table.add_row(one.id, one.account.name, one.kind, since, seen, one.address, one.agent[:40])
    console.print(table)


@app.command()
def sign_out(
    name: Annotated[str | None, typer.Argument(help="all sessions of this account")] = None,
    session: Annotated[str | None, typer.Option(help="only the session with this id")] = None,
) -> None:
    """End sessions: all of an account, or one."""
    if (name is None) == (session is None):
        raise ConfigurationError("give the name of an account, or --session and its id")
    with open_desk() as desk:
        if session is not None:
            ended = int(desk.accounts.end_session(session, desk.asker))
        else:
            ended = desk.accounts.sign_out(desk.find(name or ""), desk.asker)
    console.print(f"{ended} ended")
