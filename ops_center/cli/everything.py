"""``run.py`` without a command: servers, database, city, and every stage, on one machine."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path

import structlog
from pydantic import SecretStr
from rich.console import Console

from ops_center.cli.city import shown_progress
from ops_center.cli.first_administrator import prepare_accounts
from ops_center.cli.session import stop_on_signals
from ops_center.domain.realms import Realm
from ops_center.services.supervisor import Child, Supervisor
from ops_center.settings import Settings

log = structlog.get_logger(__name__)

_SCRIPT = str(Path(__file__).parents[2] / "run.py")


def run_everything(settings: Settings) -> None:
    """Run the center until Ctrl-C; raises ServerError and ConfigurationError with what to do."""
    from ops_center.embedded.machine import embedded_servers

    stop = stop_on_signals()
    started_s = time.monotonic()
    with embedded_servers(settings.state_dir, *_addresses(settings), settings.cache_dir) as servers:
        settings = settings.model_copy(
            update={"database_url": SecretStr(servers.database_url), "redis_url": SecretStr(servers.redis_url)}
        )
        _prepare(settings)
        log.info("center.prepared", seconds=round(time.monotonic() - started_s, 1))
        Console(stderr=True).print(f"\n  the wall: [bold]{_address(settings)}/wall[/]   (Ctrl-C stops)\n")
        Supervisor(_SCRIPT, _stages(settings), stage_environment(settings)).run(stop)


def _prepare(settings: Settings) -> None:
    from ops_center.bootstrap import import_plans, import_rules, import_scenes, migrate_database, register_pack

    migrate_database(settings)
    import_rules(settings)
    import_scenes(settings)
    import_plans(settings)
    folder = settings.pack_folder
    if not (folder / "city.toml").exists() and settings.city_pack is None:
        from ops_center.city.make import make_city

        with shown_progress("making the demo city") as report:
            make_city(settings.city_seed, settings.city_things, folder, report)
    with shown_progress("registering its things"):
        register_pack(settings, folder)
    prepare_accounts(settings)


def _stages(settings: Settings) -> list[Child]:
    stages = [Child(name, [name]) for name in ("web", "live", "notify", "book", "rules", "writer", "intake")]
    if settings.mode == "demo":
        stages.append(Child("simulate", ["simulate"]))
        stages.append(Child("history", ["city", "history", str(settings.pack_folder)], once=True))
    return stages


def _address(settings: Settings) -> str:
    return (settings.public_url or f"http://localhost:{settings.web_port}").rstrip("/")


def stage_environment(settings: Settings) -> dict[str, str]:
    """Hand the effective settings to the stages, with the addresses of the servers that run now."""
    values = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None:
            values[f"OPS_{name.upper()}"] = _as_text(value)
    return values


def _as_text(value: object) -> str:
    """Return a setting as it is read from a variable."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping | tuple):
        return json.dumps(value)
    return str(value.value if isinstance(value, Realm) else value)


def _addresses(settings: Settings) -> tuple[str | None, str | None]:
    database, redis = settings.database_url, settings.redis_url
    return (
        database.get_secret_value() if database is not None else None,
        redis.get_secret_value() if redis is not None else None,
    )
