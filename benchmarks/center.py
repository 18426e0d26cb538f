"""A center of its own for a measurement: fresh servers in a temporary folder, stages as real processes."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import psutil
from pydantic import SecretStr

from ops_center import bootstrap
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker, Grant, Role
from ops_center.embedded.kafka import KafkaServer
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.processes import ServerProcess
from ops_center.embedded.valkey import ValkeyServer
from ops_center.services.accounts import WithPassword, WithSecret
from ops_center.settings import Settings

ROOT = Path(__file__).parents[1]
PARTITIONS = 4


@dataclass(frozen=True)
class Servers:
    """The servers of one measurement."""

    postgres: PostgresServer
    valkey: ValkeyServer
    kafka: KafkaServer
    folder: Path

    def settings(self, bus: str, realm: Realm, **more: Any) -> Settings:
        """Return the settings of a center on ``bus`` (``kafka`` or ``redis``) in ``realm``."""
        return Settings(
            realm=realm,
            state_dir=self.folder,
            database_url=SecretStr(self.postgres.url),
            redis_url=SecretStr(self.valkey.url),
            kafka_bootstrap=self.kafka.url if bus == "kafka" else None,
            partitions=PARTITIONS,
            log_format="json",
            **more,
        )


@contextmanager
def fresh_servers(*, kafka: bool = True) -> Iterator[Servers]:
    """Start TimescaleDB (or what this machine has), Valkey and, if asked, Kafka in a folder that is removed after."""
    with (
        tempfile.TemporaryDirectory(prefix="ops-center-bench-", ignore_cleanup_errors=True) as name,
        ThreadPoolExecutor() as beside,
        ExitStack() as on,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        servers = Servers(
            PostgresServer(folder / "postgres"), ValkeyServer(folder / "valkey"), KafkaServer(folder / "kafka"), folder
        )
        each: list[ServerProcess] = [servers.postgres, servers.valkey, *([servers.kafka] if kafka else [])]
        list(beside.map(on.enter_context, each))
        yield servers


@contextmanager
def running_stages(settings: Settings, names: Sequence[str], log: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run ``python run.py <name>`` for each name; they end with the block."""
    from ops_center.cli.everything import stage_environment

    environment = {**os.environ, **stage_environment(settings), "OPS_SUPERVISED": str(os.getpid())}
    with log.open("ab") as output:
        stages = {
            name: subprocess.Popen(
                [sys.executable, str(ROOT / "run.py"), *name.split()], env=environment, stdout=output, stderr=output
            )
            for name in names
        }
    try:
        yield stages
    finally:
        for stage in stages.values():
            stage.terminate()
        for stage in stages.values():
            stage.wait(60)


def program_token(settings: Settings, role: Role = Role.OPERATOR) -> str:
    """Return the token of a program that may see what ``role`` sees of the whole city."""
    store = bootstrap.make_store(settings)
    accounts, chief = bootstrap.make_people(settings, store).accounts, Asker("bench", (Grant(Role.ADMINISTRATOR),))
    made = accounts.add(f"bench-{token_hex(4)}", "bench", [Grant(role)], "en", chief)
    assert isinstance(made, WithPassword), made
    token = accounts.add_token(made.account, "api", "bench", None, chief)
    assert isinstance(token, WithSecret), token
    store.close()
    return token.secret


def is_reading(log: Path, worker: str) -> bool:
    """Return whether a stream worker has said in ``log`` (JSON lines, level info) that partitions are its own."""
    lines = (json.loads(line) for line in log.read_bytes().splitlines() if b'"worker.gained"' in line)
    return any(line.get("worker") == worker for line in lines)


def cpu_seconds(pid: int) -> float:
    """Return the processor seconds that a process and its children have used so far."""
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in family)
    except psutil.NoSuchProcess:
        return 0.0


def server_pids(servers: Servers) -> Mapping[str, int]:
    """Return name → pid of the servers that run."""
    named: dict[str, ServerProcess] = {"postgres": servers.postgres, "valkey": servers.valkey, "kafka": servers.kafka}
    return {name: server.pid for name, server in named.items() if server.pid is not None}


def machine() -> dict[str, Any]:
    """Return what the figures were taken on, and how busy it was."""
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float, every_s: float = 0.02) -> None:
    """Return when ``condition`` holds; raises TimeoutError that says ``what``."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not in {timeout_s:.0f} s: {what}")
        time.sleep(every_s)
