"""``run.py scenes``: the scenes of the wall, for people and scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table

from ops_center.cli.desk import command_line, when
from ops_center.cli.session import open_session
from ops_center.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from ops_center.services.scenes import Refused, SceneDesk

app = typer.Typer(help="List, show, save and import the scenes of the wall.", no_args_is_help=True)
console = Console(highlight=False)
T = TypeVar("T")

ORIGIN = "command line"
Name = Annotated[str, typer.Argument(help="of the scene")]
Reason = Annotated[str, typer.Option(help="why; it is kept with the version and in the audit")]


@app.command(name="list")
def list_() -> None:
    """List the scenes as they are now, in the order of their turns."""
    table = Table(Column("name", no_wrap=True), "version", "panels", "turn", "windows", "says", "origin")
    with _desk() as desk:
        due = desk.due()
        for row in desk.list():
            form = row.form
            turn = f"{form['rotate_s']} s" if form["rotate_s"] else "-"
            windows = "; ".join(f"{' '.join(one['days'])} {one['begins']}-{one['ends']}" for one in form["schedule"])
            says = f"{form['label']['zh']} {form['label']['en']}"
            mark = f"{row.name} *" if due and due.name == row.name else row.name
            table.add_row(mark, str(row.version), str(len(form["panels"])), turn, windows, says, row.origin)
    console.print(table)
    console.print("* is due now by schedule and turns" if due else "nothing is planned: what hangs there stays")


@app.command()
def show(name: Name) -> None:
    """Show a scene as JSON, and who changed it when and why."""
    with _desk() as desk:
        history = desk.history(name)
    console.print_json(data=dict(history[0].form))
    for row in history:
        who = f"{row.author} ({row.origin})"
        gone = " (deleted)" if row.gone else ""
        console.print(f"version {row.version}{gone}, {when(row.at_us)}, {who}: {row.reason}", soft_wrap=True)


@app.command()
def save(
    file: Annotated[Path, typer.Argument(help="JSON of one scene, as `show` prints it", exists=True)],
    reason: Reason = "",
) -> None:
    """Save a scene as its next version; its `version` is the one that was edited."""
    try:
        form = json.loads(file.read_text("utf-8"))
        expected = int(form["version"]) if form["name"] else 0
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{file.name} is no scene with a name and a version: {error!r}") from error
    with _desk() as desk:
        known = any(row.name == form["name"] for row in desk.list())
        row = _done(desk.save(command_line(), form, expected if known else 0, reason, ORIGIN))
    console.print(f"{row.name}: version {row.version}")


@app.command(name="import")
def import_(
    files: Annotated[
        list[Path] | None, typer.Argument(help="TOML files; without: those that ship", exists=True)
    ] = None,
) -> None:
    """Import scenes from files; what somebody edited stays as it was left."""
    from ops_center.scenes.reading import shipped_files

    read = [(file.name, file.read_text("utf-8")) for file in files] if files else shipped_files()
    with _desk() as desk:
        found = desk.import_files(read, command_line())
    console.print(f"new {len(found.new)}, renewed {len(found.renewed)}, left as edited {len(found.left)}")


@contextmanager
def _desk() -> Iterator[SceneDesk]:
    settings = open_session("scenes", log_level="warning")
    from ops_center.bootstrap import make_scene_desk, make_store, with_running_database
    from ops_center.city.pack import CityPack

    zone = "UTC"
    if (settings.pack_folder / "city.toml").exists():
        zone = CityPack.read(settings.pack_folder).manifest.timezone
    with closing(make_store(with_running_database(settings))) as store:
        yield make_scene_desk(store, zone)


def _done(outcome: T | Refused) -> T:
    """Return what was done; where it can't be, say why by field, and end."""
    from ops_center.services.scenes import Refused

    if isinstance(outcome, Refused):
        for fault in outcome.faults:
            console.print(f"{fault.field or 'scene'}: {fault.what.en} {fault.what.zh}", soft_wrap=True)
        raise typer.Exit(1)
    return outcome
