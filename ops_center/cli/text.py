"""``run.py text``: translation catalogs, for translators and for a city that words things its own way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops_center.domain.errors import ConfigurationError

app = typer.Typer(
    help="Translation catalogs (gettext): made of the texts of the code, and checked.", no_args_is_help=True
)
console = Console(highlight=False)


@app.command()
def extract(
    folder: Annotated[Path | None, typer.Argument(help="where to; without: the catalogs that ship")] = None,
) -> None:
    """Write the template and the catalogs of both languages, worded as the code is."""
    from ops_center.services import catalogs

    texts = catalogs.texts_of_code()
    for path, content in catalogs.files(texts, folder or catalogs.SHIPPED).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        console.print(f"{path}: {len(texts)} texts", soft_wrap=True)


@app.command()
def check(
    folder: Annotated[Path | None, typer.Argument(help="catalogs of a city; without: those that ship")] = None,
) -> None:
    """Check catalogs against the code: those that ship are complete and current, a city's fit the texts there are."""
    from ops_center.services import catalogs

    texts = catalogs.texts_of_code()
    if folder is not None:
        wrong = list(catalogs.faults(catalogs.read(folder), texts))
    else:
        made = catalogs.files(texts, catalogs.SHIPPED)
        wrong = [f"{path} is not current" for path, content in made.items() if not _is(path, content)]
    for fault in wrong:
        console.print(fault, soft_wrap=True)
    if wrong:
        raise ConfigurationError("the catalogs don't fit the code; those that ship are made by `run.py text extract`")
    console.print(f"{len(texts)} texts, all in order")


def _is(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content
