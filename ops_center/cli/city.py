"""``run.py city``: make, import, look over and register city packs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ops_center.cli.session import open_session

app = typer.Typer(no_args_is_help=True, help="Make, import and check city packs (docs/city-packs.md).")
console = Console(stderr=True)
Folder = Annotated[Path, typer.Argument(help="folder of the pack")]


@contextmanager
def shown_progress(what: str) -> Iterator[Callable[[float, str], None]]:
    """Show a progress bar for ``what``; yields ``report(fraction, step)``."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=False) as progress:
        bar = progress.add_task(what, total=1.0)

        def report(fraction: float, step: str) -> None:
            progress.update(bar, description=f"{what}: {step}", completed=fraction)

        yield report
        progress.update(bar, description=what, completed=1.0)


@app.command()
def make(
    folder: Folder,
    seed: Annotated[int, typer.Option(help="the same seed makes the same city", min=0)] = 7,
    things: Annotated[int, typer.Option(help="how many things it has", min=500, max=1_000_000)] = 5000,
) -> None:
    """Make a synthetic river city."""
    open_session("city")
    from ops_center.city.make import make_city

    with shown_progress("making a city") as report:
        make_city(seed, things, folder, report)
    console.print(f"made {folder}")


@app.command(name="import")
def import_(
    recipe: Annotated[str, typer.Argument(help="a recipe (TOML), or the name of a shipped one: nanjing")],
    folder: Folder,
) -> None:
    """Make a pack of a real city from files, as a recipe says."""
    settings = open_session("city")
    from ops_center.city.import_ import import_city

    with shown_progress("importing") as report:
        import_city(recipe, folder, settings.trial_data, report)
    console.print(f"made {folder}")


@app.command()
def validate(folder: Folder) -> None:
    """Check a pack; every fault names layer, feature and field."""
    open_session("city")
    from ops_center.city.validate import validate_pack

    faults = validate_pack(folder)
    for fault in faults:
        console.print(f"[red]{fault}[/]", highlight=False)
    console.print(f"{len(faults)} faults in {folder}")
    raise typer.Exit(1 if faults else 0)


@app.command()
def register(folder: Folder) -> None:
    """Register a pack's things and datastreams in the catalog; what was edited there stays as it is."""
    settings = open_session("city")
    from ops_center.bootstrap import register_pack

    with shown_progress("registering"):
        version = register_pack(settings, folder)
    console.print(f"catalog version {version}")


@app.command()
def history(folder: Folder) -> None:
    """Give the demo city a past: 13 months of hours and 35 days of quarter hours, marked simulated."""
    settings = open_session("history")
    from ops_center.bootstrap import backfill_history

    with shown_progress("writing history") as report:
        rows = backfill_history(settings, folder, report)
    console.print(f"{rows} rows were new")
