"""``run.py things``: the catalog at run time, for people and scripts (HTTP: /api/things; bus: topic `catalog`)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ops_center.cli.desk import command_line
from ops_center.cli.session import open_session
from ops_center.domain.audit import AuditEntry, by
from ops_center.domain.time import SystemClock

app = typer.Typer(no_args_is_help=True, help="List, register, move and retire things in the catalog.")
console = Console()
Producer = Annotated[str, typer.Argument(help="who reports the thing")]
ORIGIN = "command line"
ThingId = Annotated[str, typer.Argument(help="its id, as messages name it")]


def _entry(action: str, subject: str) -> AuditEntry:
    return by(command_line(), SystemClock().now_us(), action, subject)


@app.command(name="list")
def list_(
    kind: Annotated[str | None, typer.Option(help="only this kind, e.g. traffic_sensor")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50,
) -> None:
    """List things."""
    settings = open_session("things")
    from ops_center.bootstrap import make_store

    with closing(make_store(settings)) as store:
        found = [t for t in store.catalog.load().things.values() if kind in (None, t.kind)]
    table = Table("producer", "id", "kind", "name", "longitude", "latitude", "state")
    for thing in found[:limit]:
        place = (f"{thing.longitude:.6f}", f"{thing.latitude:.6f}")
        name = f"{thing.name.zh} {thing.name.en}"
        table.add_row(
            thing.producer, thing.thing_id, thing.kind, name, *place, "retired" if thing.retired else "in service"
        )
    console.print(table)
    console.print(f"{min(limit, len(found))} of {len(found)}")


@app.command()
def register(
    file: Annotated[Path, typer.Argument(help="JSON lines, one registration each (docs/feeds.md)", exists=True)],
) -> None:
    """Register things and their datastreams, or change them."""
    settings = open_session("things")
    from ops_center.bootstrap import register_json

    entry = _entry("things.registered", file.name)
    version = register_json(settings, file.read_bytes().splitlines(), ORIGIN, entry)
    console.print(f"catalog version {version}")


@app.command()
def move(
    producer: Producer,
    thing_id: ThingId,
    longitude: Annotated[float, typer.Argument(help="degrees east")],
    latitude: Annotated[float, typer.Argument(help="degrees north")],
    crs: Annotated[str, typer.Option(help="EPSG:4326, another EPSG code, gcj02 or bd09")] = "EPSG:4326",
) -> None:
    """Give a thing a new place; where it was stays on record."""
    settings = open_session("things")
    from ops_center.bootstrap import make_store
    from ops_center.domain.place import to_wgs84

    lon, lat = to_wgs84(longitude, latitude, crs)
    with closing(make_store(settings)) as store:
        entry = _entry("things.moved", f"{producer}/{thing_id}")
        version = store.catalog.move(producer, thing_id, float(lon), float(lat), ORIGIN, entry)
    console.print(f"catalog version {version}")


@app.command()
def retire(producer: Producer, thing_id: ThingId) -> None:
    """Retire a thing: it keeps its history and accepts nothing more."""
    settings = open_session("things")
    from ops_center.bootstrap import make_store

    with closing(make_store(settings)) as store:
        version = store.catalog.retire(producer, thing_id, ORIGIN, _entry("things.retired", f"{producer}/{thing_id}"))
    console.print(f"catalog version {version}")
