"""What ``run.py rules``, ``scenes`` and ``plans`` share: show, save and import documents that are kept as versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console

from ops_center.cli.desk import command_line, when
from ops_center.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from ops_center.services.versions import Refused, VersionDesk
    from ops_center.store.version_port import VersionRow

ORIGIN = "command line"
Reason = Annotated[str, typer.Option(help="why; it is kept with the version and in the audit")]
Files = Annotated[list[Path] | None, typer.Argument(help="TOML files; without: those that ship", exists=True)]
T = TypeVar("T")


def show_history(console: Console, rows: Sequence[VersionRow]) -> None:
    """Print the newest version as JSON, and who changed it when and why."""
    console.print_json(data=dict(rows[0].form))
    for row in rows:
        who, gone = f"{row.author} ({row.origin})", " (deleted)" if row.gone else ""
        console.print(f"version {row.version}{gone}, {when(row.at_us)}, {who}: {row.reason}", soft_wrap=True)


def save_file(console: Console, desk: VersionDesk, file: Path, reason: str) -> None:
    """Save the document of a JSON file as its next version; its ``version`` is the one that was edited."""
    try:
        form = json.loads(file.read_text("utf-8"))
        expected = int(form["version"]) if form["name"] else 0
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{file.name} is no {desk.kind} with a name and a version: {error!r}") from error
    known = any(row.name == form["name"] for row in desk.list())
    outcome = desk.save(command_line(), form, expected if known else 0, reason, ORIGIN)
    row = done(console, desk.kind, outcome)
    console.print(f"{row.name}: version {row.version}")


def set_enabled(console: Console, desk: VersionDesk, name: str, enabled: bool, reason: str) -> None:
    """Enable or disable a document."""
    row = done(console, desk.kind, desk.set_enabled(command_line(), name, enabled, reason, ORIGIN))
    console.print(f"{row.name}: version {row.version}, {'enabled' if row.enabled else 'disabled'}")


def import_files(console: Console, desk: VersionDesk, files: Sequence[Path] | None) -> None:
    """Import files, or those that ship; what somebody edited stays as it was left."""
    read = [(file.name, file.read_text("utf-8")) for file in files] if files else desk.shipped_files()
    found = desk.import_files(read, command_line())
    console.print(f"new {len(found.new)}, renewed {len(found.renewed)}, left as edited {len(found.left)}")


def done(console: Console, kind: str, outcome: T | Refused) -> T:
    """Return what was done; where it can't be, say why by field, and end."""
    from ops_center.services.versions import Refused

    if isinstance(outcome, Refused):
        for fault in outcome.faults:
            console.print(f"{fault.field or kind}: {fault.what.en} {fault.what.zh}", soft_wrap=True)
        raise typer.Exit(1)
    return outcome
