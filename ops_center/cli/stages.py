"""The stages of the way of the data, one process each: what a larger city starts more often."""

from __future__ import annotations

from typing import Annotated

import typer

from ops_center.cli.session import open_session, stop_on_signals


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to the root of the command line."""
    for command in (intake, writer, live, book, web, simulate, replay, migrate, check, rights):
        app.command()(command)


def intake() -> None:
    """Decode, check and quarantine what the feeds bring (needs servers that run)."""
    _run_worker("intake")


def writer() -> None:
    """Write what intake accepted into the database, each row exactly once."""
    _run_worker("writer")


def live() -> None:
    """Keep the latest value of everything in the cache."""
    _run_worker("live")


def book() -> None:
    """Make alarms of what rules found: one process writes, a second waits for its place."""
    settings = open_session("book")
    stop = stop_on_signals()
    from ops_center.bootstrap import run_book

    run_book(settings, stop)


def _run_worker(name: str) -> None:
    settings = open_session(name)
    stop = stop_on_signals()
    from ops_center.bootstrap import run_worker

    run_worker(name, settings, stop)


def web(
    port: Annotated[int | None, typer.Option(help="default 8050; 0 takes a free one", min=0, max=65535)] = None,
) -> None:
    """Serve the wall, the stream of live values and the open interfaces."""
    settings = open_session("web", **({} if port is None else {"web_port": port}))
    from ops_center.bootstrap import serve_web

    serve_web(settings)


def simulate(
    scenario: Annotated[
        str | None, typer.Option(help="the story to play: calm, burst, crash, chemical or storm")
    ] = None,
    speed: Annotated[float, typer.Option(help="seconds of the city per second", min=0.1, max=1000)] = 1.0,
) -> None:
    """Let the model city live and its feeds observe it."""
    settings = open_session("simulate", **({} if scenario is None else {"scenario": scenario}))
    stop = stop_on_signals()
    from ops_center.bootstrap import run_simulation

    run_simulation(settings, speed, stop)


def replay(
    series: Annotated[str, typer.Argument(help="beijing-air or los-angeles-loops (needs OPS_TRIAL_DATA)")],
    speed: Annotated[float, typer.Option(help="seconds of the series per second", min=0.1, max=1_000_000)] = 3600.0,
) -> None:
    """Send a real series of the past through the same topics, in the realm `replay`."""
    settings = open_session("replay", realm="replay")
    stop = stop_on_signals()
    from ops_center.bootstrap import run_replay

    run_replay(settings, series, speed, stop)


def migrate() -> None:
    """Bring the database to this version, with its rules, plans and a first administrator; harmless when done."""
    settings = open_session("migrate")
    from ops_center.bootstrap import import_plans, import_rules, migrate_database
    from ops_center.cli.first_administrator import prepare_accounts

    migrate_database(settings)
    import_rules(settings)
    import_plans(settings)
    prepare_accounts(settings)


def rights() -> None:
    """Print who may do what, with what others added to this installation (docs/rights.md is the plain table)."""
    settings = open_session("rights", log_level="error")
    from ops_center.bootstrap import describe_rights

    typer.echo(describe_rights(settings), nl=False)


def check() -> None:
    """Print the effective settings, secrets masked, and ask every configured server whether it answers."""
    settings = open_session("check")
    from ops_center.cli.checking import check_everything

    raise typer.Exit(check_everything(settings))
