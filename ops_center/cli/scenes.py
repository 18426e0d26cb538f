"""``run.py scenes``: the scenes of the wall, for people and scripts."""

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
    from ops_center.services.scenes import SceneDesk

app = typer.Typer(help="List, show, save and import the scenes of the wall.", no_args_is_help=True)
console = Console(highlight=False)
Name = Annotated[str, typer.Argument(help="of the scene")]


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
        versions.show_history(console, desk.history(name))


@app.command()
def save(
    file: Annotated[Path, typer.Argument(help="JSON of one scene, as `show` prints it", exists=True)],
    reason: Reason = "",
) -> None:
    """Save a scene as its next version; its `version` is the one that was edited."""
    with _desk() as desk:
        versions.save_file(console, desk, file, reason)


@app.command(name="import")
def import_(files: versions.Files = None) -> None:
    """Import scenes from files; what somebody edited stays as it was left."""
    with _desk() as desk:
        versions.import_files(console, desk, files)


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
