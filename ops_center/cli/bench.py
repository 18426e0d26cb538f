"""``run.py bench``: the figures the center promises, measured on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from ops_center.cli.city import shown_progress
from ops_center.cli.session import open_session

app = typer.Typer(no_args_is_help=True, help="Measure; figures are ratios against a limit of the same run.")
Json = Annotated[bool, typer.Option("--json", help="one JSON object on standard output")]
Seconds = Annotated[float, typer.Option(help="about how long it may take", min=10, max=3600)]


@app.command()
def ingest(as_json: Json = False, seconds: Seconds = 40) -> None:
    """Raw bytes to committed row and live: rows a second on both buses, against COPY; latency at 10,000/s."""
    from benchmarks.bench_ingest import measure

    _show(as_json, "measuring ingest", lambda report: measure(seconds, report))


@app.command()
def wall(as_json: Json = False, seconds: Seconds = 40) -> None:
    """10,000 and 100,000 live features in a real Chromium at 1920×1080."""
    from benchmarks.bench_wall import measure

    _show(as_json, "measuring the wall", lambda report: measure(seconds, report))


@app.command()
def screens(
    as_json: Json = False,
    seconds: Seconds = 120,
    soak: Annotated[float, typer.Option(help="minutes that a page stays open, to see whether it grows", min=0)] = 0,
    soak_alone: Annotated[bool, typer.Option("--soak-alone", help="nothing but the soak")] = False,
) -> None:
    """The daily scene and the desk in Chromium, beside plotly's map and dash-leaflet; 50 and 200 clients."""
    from benchmarks.bench_screens import PARTS, measure

    parts = () if soak_alone else PARTS
    _show(as_json, "measuring the screens", lambda report: measure(seconds, report, soak, parts))


@app.command()
def people(as_json: Json = False, seconds: Seconds = 40) -> None:
    """How soon a session that ends is out, and what knowing who asks costs a request."""
    from benchmarks.bench_people import measure

    _show(as_json, "measuring people", lambda report: measure(seconds, report))


@app.command()
def alarms(as_json: Json = False, seconds: Seconds = 40) -> None:
    """1,000 rules over 100,000 datastreams in one worker, beside a worker that only reads."""
    from benchmarks.bench_alarms import measure

    _show(as_json, "measuring alarms", lambda report: measure(seconds, report))


@app.command()
def dispatch(as_json: Json = False, seconds: Seconds = 30) -> None:
    """Who goes, against the best of all choices and against choosing by hand; ways over 100,000 edges that change."""
    from benchmarks.bench_dispatch import measure

    _show(as_json, "measuring dispatch", lambda report: measure(seconds, report))


def _show(as_json: bool, what: str, measure: Callable[[Callable[[float, str], None]], Mapping[str, Any]]) -> None:
    open_session("bench", log_level="warning")
    with shown_progress(what) as report:
        figures = measure(report)
    if as_json:
        typer.echo(json.dumps(figures))
    else:
        Console().print_json(data=dict(figures))
