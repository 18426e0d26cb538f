"""``run.py check``: what is configured, and whether it answers. Nothing is started and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from ops_center import safety
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.time import SystemClock
from ops_center.settings import Settings


def check_everything(settings: Settings) -> int:
    """Print settings and findings; return 0 if everything configured answers and nothing is unsafe, else 1."""
    console = Console()
    table = Table("setting", "value")
    for name, value in settings.effective().items():
        table.add_row(f"OPS_{name.upper()}", value)
    console.print(table)
    healthy = True
    for what, probe in _probes(settings).items():
        try:
            console.print(f"[green]ok[/]      {what}: {probe()}", highlight=False)
        except OpsCenterError as error:
            healthy = False
            console.print(f"[red]failed[/]  {what}: {error}", highlight=False)
    unsafe = [*safety.findings(settings), *_account_findings(settings)]
    for finding in unsafe:
        console.print(f"[red]unsafe[/]  {finding}", highlight=False, soft_wrap=True)
    for note in safety.notes(settings):
        console.print(f"[yellow]soon[/]    {note}", highlight=False, soft_wrap=True)
    return 0 if healthy and not unsafe else 1


def _account_findings(settings: Settings) -> list[str]:
    from ops_center import bootstrap

    if settings.mode != "production" or settings.database_url is None:
        return []
    try:
        accounts = bootstrap.list_accounts(settings)
    except OpsCenterError as error:
        return [f"accounts can't be looked at: {error}"]
    return safety.account_findings(accounts, SystemClock().now_us())


def _probes(settings: Settings) -> dict[str, Callable[[], str]]:
    from ops_center import bootstrap

    probes: dict[str, Callable[[], str]] = {}
    if settings.database_url is not None:
        probes["database"] = lambda: bootstrap.describe_database(settings)
        if settings.center_key_file.exists():
            probes["audit"] = lambda: bootstrap.describe_audit(settings)
    if settings.redis_url is not None or settings.kafka_bootstrap is not None:
        probes["bus"] = lambda: bootstrap.describe_bus(settings)
    if settings.oidc_issuer is not None:
        probes["single sign-on"] = lambda: bootstrap.describe_single_sign_on(settings)
    probes["walls"] = lambda: bootstrap.describe_walls(settings)
    if settings.relations_file is not None:
        probes["relations"] = lambda: bootstrap.describe_relations(settings)
    probes["city pack"] = lambda: bootstrap.describe_pack(settings)
    return probes
