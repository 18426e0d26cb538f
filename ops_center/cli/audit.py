"""``run.py audit``: verify, read, export and archive the audit (docs/audit.md).

Who may run these has the database anyway, so nobody is asked who they are; the audit names the system's user.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from ops_center.cli.city import shown_progress
from ops_center.cli.session import open_session
from ops_center.domain.audit_form import AuditRow
from ops_center.domain.errors import AuditError, ConfigurationError
from ops_center.domain.rights import Asker
from ops_center.domain.time import from_datetime, to_datetime

if TYPE_CHECKING:
    from ops_center.people.audit_heads import HeadReader
    from ops_center.services.audit_desk import AuditDesk, Progress, Review
    from ops_center.settings import Settings
    from ops_center.store.audit_port import AuditStore

app = typer.Typer(no_args_is_help=True, help="Who saw and did what: verify, list, export, archive (docs/audit.md).")
console = Console(highlight=False, soft_wrap=True)
_COLUMNS = ("seq", "time (UTC)", "actor", "action", "subject", "outcome", "address", "detail")
Since = Annotated[str | None, typer.Option("--from", help="2026-03-01 or 2026-03-01T08:00+08:00; without a zone UTC")]
Until = Annotated[str | None, typer.Option("--to", help="as --from; what happened then is not in it")]


def _settings() -> Settings:
    """Return the settings, with the database that is set or that a center runs here."""
    from ops_center.bootstrap import with_running_database

    return with_running_database(open_session("audit", log_level="warning"))


@contextmanager
def _desk(writes: bool = True) -> Iterator[tuple[AuditDesk, Asker]]:
    """Give the audit, and who is at the command line; what ``writes`` is signed when it is over."""
    from ops_center.bootstrap import audit_desk

    with audit_desk(_settings()) as desk:
        try:
            yield desk, Asker("system", session=f"command line of {getpass.getuser()}")
        finally:
            if writes:
                desk.sign_what_is_new()


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    with shown_progress(what) as report:
        yield lambda read, about: report(min(0.99, read / about), f"{read} rows")


@app.command()
def verify(
    heads: Annotated[Path | None, typer.Option(help="folder of heads to compare with; default: the center's")] = None,
    public_key: Annotated[str | None, typer.Option(help="of the heads, 64 digits; default: the center's own")] = None,
) -> None:
    """Verify every row, head and checkpoint: exit status 0 if all is as it was written, else 1."""
    from ops_center.services.audit_desk import review

    with _sources(public_key) as (store, folder, reader), _progress("verifying the audit") as told:
        found = review(store, heads or folder, reader, told)
    _tell(found, heads or folder, reader.public_key.hex())
    raise typer.Exit(1 if found.findings else 0)


@contextmanager
def _sources(public_key: str | None) -> Iterator[tuple[AuditStore, Path, HeadReader]]:
    """Give rows, heads and what recognises heads: the center's own key, or a public one where that isn't at hand."""
    from ops_center.bootstrap import make_store
    from ops_center.people.audit_heads import HeadReader

    if public_key is None:
        with _desk(writes=False) as (desk, _):
            yield desk.store, desk.folder, desk.signer
        return
    reader, settings = HeadReader(_bytes(public_key)), _settings()
    with closing(make_store(settings)) as store:
        yield store.audit, settings.audit_folder, reader


def _tell(found: Review, folder: Path, public_key: str) -> None:
    it = found.verification
    for finding in found.findings:
        console.print(str(finding), style="red", markup=False)
    if found.checkpoint is not None:
        archived = f"{to_datetime(found.checkpoint.made_us):%Y-%m-%d} by {found.checkpoint.made_by}"
        console.print(f"rows up to {found.checkpoint.seq} were archived on {archived}", markup=False)
    console.print(f"{it.rows} rows, {it.first_seq} to {it.last.seq}; {len(found.findings)} findings")
    console.print(f"heads vouch up to row {it.vouched_seq}; {it.rows_after_head} rows after that, with none yet")
    console.print(f"{it.heads} heads compared, of {folder}, signed with {public_key}", markup=False)


@app.command(name="list")
def list_(
    actor: Annotated[str | None, typer.Option(help="only what this account did")] = None,
    action: Annotated[str | None, typer.Option(help="only this, or with a point at the end all of its kind")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
) -> None:
    """List the newest entries."""
    table = Table(*(Column(name, overflow="fold") for name in _COLUMNS), box=None)
    moments = {"since_us": _moment(since, "--from"), "until_us": _moment(until, "--to")}
    with _desk() as (desk, who):
        desk.note(who, "audit.searched", {"actor": actor, "action": action, **moments})
        rows = desk.store.page(limit=limit, actor=actor, action=action, **moments)
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)


def _cells(row: AuditRow) -> list[str]:
    from ops_center.domain.audit_form import canonical_detail

    time = f"{to_datetime(row.at_us):%Y-%m-%d %H:%M:%S}"
    detail = canonical_detail(row.detail) if row.detail else ""
    cells = [str(row.seq), time, row.actor, row.action, row.subject, row.outcome, row.address, detail]
    return [escape("".join(c if c.isprintable() else "\ufffd" for c in cell)) for cell in cells]


@app.command()
def export(
    file: Annotated[str, typer.Argument(help="a file that is not there yet, or - for standard output")] = "-",
    since: Since = None,
    until: Until = None,
) -> None:
    """Write entries as lines of JSON that others can verify; the export is an entry itself."""
    from ops_center.services import audit_export

    moments = _moment(since, "--from"), _moment(until, "--to")
    with _desk() as (desk, who):
        try:
            if file == "-":
                done = audit_export.export(desk, who, *moments, sys.stdout.buffer)
            else:
                with Path(file).open("xb") as out:
                    done = audit_export.export(desk, who, *moments, out)
        except OSError as error:
            raise AuditError(f"{file} can't be written: {error.strerror or error}") from None
    said = f"{done.rows} rows, {done.first_seq} to {done.last_seq}, sha256 {done.sha256}" if done else "no rows"
    Console(stderr=True, highlight=False, soft_wrap=True).print(said)


@app.command()
def archive(
    file: Annotated[Path, typer.Argument(help="a file that is not there yet")],
    before: Annotated[str, typer.Option(help="what happened before; six months at least stay")],
) -> None:
    """Export what is old into a file, read that back, and drop the rows; a signed checkpoint stays in their place."""
    from ops_center.services import audit_export

    moment = _moment(before, "--before")
    with _desk() as (desk, who):
        done = audit_export.archive(desk, who, moment or 0, file)
    console.print(
        f"{done.rows} rows, up to {done.last_seq}, are in {file} (sha256 {done.sha256})" if done else "no rows"
    )


@app.command()
def accept(reason: Annotated[str, typer.Option(help="what happened, for those who read it in a year")]) -> None:
    """After a restore from a backup: set aside the heads of rows that are no more, and say so in the audit."""
    with _desk() as (desk, who), _progress("verifying the audit") as told:
        aside = desk.accept(who, reason, told)
    console.print(f"the old heads are in {aside}; what is wrong with rows themselves stays a finding", markup=False)


def _moment(text: str | None, option: str) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{option} {text}: a date or time as 2026-03-01 or 2026-03-01T08:00+08:00") from None
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""
