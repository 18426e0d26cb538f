"""The root of the command line: ``python run.py`` runs the whole center; the commands run its parts."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from ops_center.cli import audit, bench, city, notify, plans, rules, scenes, stages, text, things, user
from ops_center.cli.session import open_session
from ops_center.domain.errors import OpsCenterError

app = typer.Typer(
    add_completion=False,
    help="A real-time city operations center. Without a command: everything, on this machine.",
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,  # locals hold addresses with passwords
)
app.add_typer(city.app, name="city")
app.add_typer(things.app, name="things")
app.add_typer(user.app, name="user")
app.add_typer(audit.app, name="audit")
app.add_typer(rules.app, name="rules")
app.add_typer(scenes.app, name="scenes")
app.add_typer(plans.app, name="plans")
app.add_typer(notify.app, name="notify")
app.add_typer(text.app, name="text")
app.add_typer(bench.app, name="bench")
stages.add_to(app)


@app.callback(invoke_without_command=True)
def everything(
    context: typer.Context,
    scenario: Annotated[
        str | None, typer.Option(help="the story of the simulated city: calm, burst, crash, chemical or storm")
    ] = None,
    port: Annotated[int | None, typer.Option(help="port of the web server; default 8050", min=0, max=65535)] = None,
    things: Annotated[int | None, typer.Option(help="size of the demo city, if it is to be made")] = None,
) -> None:
    """Run everything on this machine: servers, demo city, feeds, intake, store, live values and the wall."""
    if context.invoked_subcommand is not None:
        return
    from ops_center.cli.everything import run_everything

    overrides = {"scenario": scenario, "web_port": port, "city_things": things}
    settings = open_session("run", **{name: value for name, value in overrides.items() if value is not None})
    run_everything(settings)


def main() -> None:
    """Run the command line; an error of ours is one line for people, not a traceback."""
    try:
        app()
    except OpsCenterError as error:
        Console(stderr=True).print(f"[bold red]error:[/] {error}", highlight=False, soft_wrap=True)
        sys.exit(1)
