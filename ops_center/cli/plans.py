"""``run.py plans``: the plans (预案) for incidents, for people and scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from ops_center.cli import versions
from ops_center.cli.session import open_session
from ops_center.cli.versions import Reason

if TYPE_CHECKING:
    from ops_center.services.plans import PlanDesk

app = typer.Typer(help="List, show, save, enable, disable and import the plans for incidents.", no_args_is_help=True)
console = Console(highlight=False)

Name = Annotated[str, typer.Argument(help="of the plan")]


@app.command(name="list")
def list_() -> None:
    """List the plans as they are now."""
    table = Table(Column("name", no_wrap=True), "version", "steps", "types", "levels", "state", "says", "origin")
    with _desk() as desk:
        for row in desk.list():
            form = row.form
            levels, state = "".join(map(str, form["levels"])), "enabled" if row.enabled else "disabled"
            says = f"{form['label']['zh']} {form['label']['en']}"
            counted = (row.name, str(row.version), str(len(form["steps"])), " ".join(form["types"]))
            table.add_row(*counted, levels, state, says, row.origin)
    console.print(table)


@app.command()
def show(name: Name) -> None:
    """Show a plan as JSON, and who changed it when and why."""
    with _desk() as desk:
        versions.show_history(console, desk.history(name))


@app.command()
def save(
    file: Annotated[Path, typer.Argument(help="JSON of one plan, as `show` prints it", exists=True)],
    reason: Reason = "",
) -> None:
    """Save a plan as its next version; its `version` is the one that was edited."""
    with _desk() as desk:
        versions.save_file(console, desk, file, reason)


@app.command()
def enable(name: Name, reason: Reason = "") -> None:
    """Enable a plan: it is proposed again."""
    with _desk() as desk:
        versions.set_enabled(console, desk, name, True, reason)


@app.command()
def disable(name: Name, reason: Reason = "") -> None:
    """Disable a plan: it is proposed to nobody; incidents that opened it keep their tasks."""
    with _desk() as desk:
        versions.set_enabled(console, desk, name, False, reason)


@app.command(name="import")
def import_(files: versions.Files = None) -> None:
    """Import plans from files; what somebody edited stays as it was left."""
    with _desk() as desk:
        versions.import_files(console, desk, files)


@contextmanager
def _desk() -> Iterator[PlanDesk]:
    settings = open_session("plans", log_level="warning")
    from ops_center.bootstrap import make_plan_desk, make_store, with_running_database

    with closing(make_store(with_running_database(settings))) as store:
        yield make_plan_desk(store)
