"""``run.py notify``: the process that sends, and for people: a route tried out, and what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops_center.cli.desk import command_line, when
from ops_center.cli.session import open_session, stop_on_signals
from ops_center.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from ops_center.services.notifications.routes import RouteDesk
    from ops_center.settings import Settings
    from ops_center.store.notification_port import Notification

app = typer.Typer(help="Send notifications (without a command), try a route, or see what was sent.")
console = Console(highlight=False)


@app.callback(invoke_without_command=True)
def work(context: typer.Context) -> None:
    """Tell people and systems of alarms and warnings, by mail, webhook, drop folder and pages."""
    if context.invoked_subcommand is not None:
        return
    settings = open_session("notify")
    stop = stop_on_signals()
    from ops_center.bootstrap import run_notifier

    run_notifier(settings, stop)


@app.command()
def test(route: Annotated[str, typer.Argument(help="name of the route")]) -> None:
    """Tell every target of a route that this is a test, and say what became of it: exit status 0 if all took it."""
    from ops_center.bootstrap import make_sender
    from ops_center.store.notification_port import NotificationQuery

    with _desk() as (desk, settings):
        made = desk.test(command_line(), route)
        if made is None:
            raise ConfigurationError(f"there is no route {route}")
        with make_sender(settings) as sender:
            sender.turn()
            sender.finish()
        query = NotificationQuery(route=route, limit=500)
        found = [one for one in desk.journal(_everybody(), query) if one.id in set(made)]
    console.print(_table(found))
    raise typer.Exit(0 if all(one.state == "sent" for one in found) else 1)


@app.command()
def journal(
    route: Annotated[str | None, typer.Option(help="only of this route")] = None,
    alarm: Annotated[int | None, typer.Option(help="only of the alarm of this number")] = None,
    state: Annotated[str | None, typer.Option(help="waiting, sending, held, sent, digested, void or dead")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """List the newest notifications: what, to whom, how often tried, and what became of it."""
    from ops_center.store.notification_port import NotificationQuery

    chosen: dict[str, Any] = {"route": route, "alarm": alarm, "state": state, "limit": limit}
    with _desk() as (desk, _):
        found = desk.journal(_everybody(), NotificationQuery(**chosen))
    console.print(_table(found))


@app.command()
def save(file: Annotated[typer.FileText, typer.Argument(help="TOML of one route (docs/notifications.md)")]) -> None:
    """Save a route from a file; the same again changes nothing."""
    import tomllib

    try:
        form = tomllib.loads(file.read())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file.name}: {error}") from None
    with _desk() as (desk, _):
        saved = desk.save(command_line(), form)
    console.print(f"{saved.name}: version {saved.version}")


@app.command(name="list")
def list_() -> None:
    """List the routes as they are now."""
    table = Table("name", "version", "channel", "targets", "acts", "priorities", "state")
    with _desk() as (desk, _):
        for route in desk.routes():
            state = "enabled" if route.enabled else "disabled"
            priorities = ", ".join(map(str, route.priorities)) or "all"
            targets = escape(", ".join(route.targets))
            acts = ", ".join(route.acts)
            table.add_row(route.name, str(route.version), route.channel, targets, acts, priorities, state)
    console.print(table)


@contextmanager
def _desk() -> Iterator[tuple[RouteDesk, Settings]]:
    from ops_center.bootstrap import make_store, with_running_database
    from ops_center.domain.time import SystemClock
    from ops_center.services.notifications.routes import RouteDesk

    settings = with_running_database(open_session("notify", log_level="error"))
    with closing(make_store(settings)) as store:
        yield RouteDesk(store, settings.realm, SystemClock()), settings


def _everybody() -> Any:
    """Return an asker over the whole city: who may run this program may read the database anyway."""
    from ops_center.domain.rights import Asker, Grant, Role

    return Asker("command line", (Grant(Role.ADMINISTRATOR),))


def _table(found: Any) -> Table:
    table = Table("number", "made", "route", "to", "act", "alarm", "state", "tries", "outcome", "says")
    one: Notification
    for one in found:
        wanted = one.wanted
        cells = (
            str(one.id),
            when(one.made_us),
            wanted.route,
            f"{wanted.channel} {wanted.target}",
            wanted.act,
            str(wanted.alarm or ""),
            one.state,
            str(one.attempts),
            one.outcome,
            wanted.content.subject,
        )
        table.add_row(*map(escape, cells))
    return table
