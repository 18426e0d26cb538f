"""``run.py rules``: the worker that judges, and the rules themselves, for people and scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from ops_center.cli import versions
from ops_center.cli.session import open_session, stop_on_signals
from ops_center.cli.versions import Reason
from ops_center.domain.time import from_datetime

if TYPE_CHECKING:
    from ops_center.services.rules import Replayed, RuleDesk

app = typer.Typer(help="Find conditions with all rules (without a command), or list, edit and try rules.")
console = Console(highlight=False)
Name = Annotated[str, typer.Argument(help="of the rule")]
Json = Annotated[bool, typer.Option("--json", help="JSON on standard output")]


@app.callback(invoke_without_command=True)
def work(context: typer.Context) -> None:
    """Judge what is observed by all rules, each condition said exactly once (needs servers that run)."""
    if context.invoked_subcommand is not None:
        return
    settings = open_session("rules")
    stop = stop_on_signals()
    from ops_center.bootstrap import run_worker

    run_worker("rules", settings, stop)


@app.command(name="list")
def list_() -> None:
    """List the rules as they are now."""
    table = Table("name", "version", "type", "state", "says", "origin")
    with _desk() as desk:
        for row in desk.list():
            label = row.form["label"]
            state = "enabled" if row.enabled else "disabled"
            table.add_row(
                row.name, str(row.version), row.form["type"], state, f"{label['zh']} {label['en']}", row.origin
            )
    console.print(table)


@app.command()
def show(name: Name) -> None:
    """Show a rule as JSON, and who changed it when and why."""
    with _desk() as desk:
        versions.show_history(console, desk.history(name))


@app.command(name="import")
def import_(files: versions.Files = None) -> None:
    """Import rules from files; what somebody edited stays as it was left."""
    with _desk() as desk:
        versions.import_files(console, desk, files)


@app.command()
def save(
    file: Annotated[Path, typer.Argument(help="JSON of one rule, as `show` prints it", exists=True)],
    reason: Reason = "",
) -> None:
    """Save a rule as its next version; its `version` is the one that was edited."""
    with _desk() as desk:
        versions.save_file(console, desk, file, reason)


@app.command()
def enable(name: Name, reason: Reason = "") -> None:
    """Enable a rule."""
    with _desk() as desk:
        versions.set_enabled(console, desk, name, True, reason)


@app.command()
def disable(name: Name, reason: Reason = "") -> None:
    """Disable a rule: what it found and what stands is withdrawn."""
    with _desk() as desk:
        versions.set_enabled(console, desk, name, False, reason)


@app.command()
def replay(
    rule: Name,
    since: Annotated[datetime, typer.Option("--from", help="UTC, 2026-11-29T08:00:00")],
    until: Annotated[datetime, typer.Option("--to", help="UTC")],
    most: Annotated[int, typer.Option(help="datastreams or things at most", min=1)] = 1_000_000,
    as_json: Json = False,
) -> None:
    """Say what a rule would have raised over stored history."""
    span_us = (from_datetime(since.replace(tzinfo=UTC)), from_datetime(until.replace(tzinfo=UTC)))
    with _desk() as desk:
        found = versions.done(console, desk.kind, desk.replay(rule, span_us, most))
    lines = list(_lines(found))
    if as_json:
        typer.echo(json.dumps({"rule": rule, "inputs": found.inputs, "left_out": found.left_out, "conditions": lines}))
        return
    table = Table("time", "what", "subject", "channel", "value", "limit")
    for line in lines:
        table.add_row(*(str(line[name]) for name in ("time", "what", "subject", "channel", "value", "limit")))
    console.print(table)
    entered = sum(line["what"] == "entered" for line in lines)
    console.print(f"{entered} conditions over {found.inputs} inputs; {found.left_out} more were left out")


def _lines(found: Replayed) -> Iterator[dict[str, object]]:
    from ops_center.domain.time import to_datetime

    batch = found.conditions
    rows = zip(
        batch.identities(), batch.entered.tolist(), batch.time_us.tolist(), batch.value, batch.limit, strict=True
    )
    for identity, entered, time_us, value, limit in rows:
        yield {
            "time": to_datetime(time_us).isoformat(),
            "what": "entered" if entered else "left",
            "subject": found.subjects[identity.subject_kind, identity.subject].en,
            "channel": identity.channel,
            "value": round(float(value), 3),
            "limit": round(float(limit), 3),
        }


@contextmanager
def _desk() -> Iterator[RuleDesk]:
    settings = open_session("rules", log_level="warning")
    from alerts.city_networks import surroundings_of
    from ops_center.bootstrap import make_store, with_running_database
    from ops_center.city.pack import CityPack
    from ops_center.domain.time import SystemClock
    from ops_center.services.rules import RuleDesk

    with closing(make_store(with_running_database(settings))) as store:
        around = lambda catalog: surroundings_of(CityPack.read(settings.pack_folder), catalog)  # noqa: E731 - read if used
        yield RuleDesk(store, SystemClock(), surroundings_of=around)
