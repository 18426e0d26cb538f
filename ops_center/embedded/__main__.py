"""``python -m ops_center.embedded``: fetch what this machine can have, run one server by hand, or tell its address.

Called by the Makefile (``fetch``) and by people who want a database, a Valkey or a Kafka to look at (``run``).
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import structlog
import typer

from ops_center.domain.errors import ServerError
from ops_center.embedded.installs import choose_install
from ops_center.embedded.kafka import KafkaServer, kafka_libraries
from ops_center.embedded.places import cache_folder
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.processes import ServerProcess
from ops_center.embedded.valkey import ValkeyServer, valkey_program

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
_SERVERS: dict[str, type[ServerProcess]] = {"postgres": PostgresServer, "valkey": ValkeyServer, "kafka": KafkaServer}


@app.command()
def fetch(kafka: Annotated[bool, typer.Option(help="Apache Kafka too (needs Maven)")] = False) -> None:
    """Fetch the servers that can be fetched, once, and say what this machine will use."""
    install = choose_install("auto", None, cache_folder())
    edition = "with TimescaleDB" if install.has_timescaledb else "without TimescaleDB"
    typer.echo(f"database: PostgreSQL {install.major} {edition} ({install.origin}), {install.bin_dir}")
    typer.echo(f"cache and bus: {valkey_program()}")
    if kafka:
        typer.echo(f"kafka: {kafka_libraries()}")


@app.command()
def run(
    server: Annotated[str, typer.Argument(help="postgres, valkey or kafka")],
    data_dir: Annotated[Path, typer.Argument(help="folder of its own; made if it is missing")],
    port: Annotated[int, typer.Option(help="0: the system chooses")] = 0,
) -> None:
    """Run one server on loopback until Ctrl-C, and print its address."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    with _kind(server)(data_dir, port) as running:
        typer.echo(running.url)
        try:
            signal.pause()
        except KeyboardInterrupt:
            typer.echo("stopping", err=True)


@app.command()
def url(
    server: Annotated[str, typer.Argument(help="postgres, valkey or kafka")],
    data_dir: Annotated[Path, typer.Argument(help="its folder, such as var/servers/postgres")],
) -> None:
    """Print the address (with its password) of a server that runs on this folder."""
    typer.echo(_kind(server)(data_dir).url_while_running)


def _kind(server: str) -> type[ServerProcess]:
    if server not in _SERVERS:
        raise typer.BadParameter(f"one of {', '.join(_SERVERS)}")
    return _SERVERS[server]


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is the answer
    try:
        app()
    except ServerError as error:
        typer.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None
