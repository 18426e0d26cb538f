"""deploy/compose.yaml agrees with the Compose specification, with the command line, the settings and itself.

No Docker engine is needed: the specification's own JSON schema comes with check-jsonschema.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops_center.cli.main import app
from ops_center.embedded.kafka import kafka_version
from ops_center.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose.yaml"
ONE_SHOT = {"migrate", "city"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(COMPOSE.read_text())["services"])


def stages(services: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in services.items() if service["image"].startswith("ops-center")}


def schema_verdict(path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_it_follows_the_compose_specification() -> None:
    verdict = schema_verdict(COMPOSE)
    assert verdict.returncode == 0, verdict.stdout


def test_the_schema_would_notice_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(COMPOSE.read_text().replace("healthcheck:", "healthchek:", 1))
    assert "healthchek" in schema_verdict(wrong).stdout


def test_every_server_and_every_stage_is_there(services: dict[str, dict[str, Any]]) -> None:
    assert {"timescaledb", "kafka", "valkey"} | set(stages(services)) == set(services)
    assert {"migrate", "intake", "writer", "live", "web"} <= set(stages(services))
    assert services["writer"]["deploy"]["replicas"] > 1


def test_every_stage_is_a_command_of_run_py(services: dict[str, dict[str, Any]]) -> None:
    commands = {
        entry.name or entry.callback.__name__.rstrip("_") for entry in app.registered_commands if entry.callback
    }
    asked = {service["command"][0] for name, service in stages(services).items() if name != "city"}
    assert asked <= commands


def test_nothing_is_published_beyond_this_machine(services: dict[str, dict[str, Any]]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_every_setting_is_one_the_center_knows(services: dict[str, dict[str, Any]]) -> None:
    known = {f"OPS_{name.upper()}" for name in Settings.model_fields}
    for service in stages(services).values():
        assert set(service["environment"]) <= known


def test_every_stage_reaches_the_same_three_servers(services: dict[str, dict[str, Any]]) -> None:
    for name, service in stages(services).items():
        hosts = ("127.0.0.1",) * 3 if name == "web" else ("timescaledb", "valkey", "kafka")
        values = service["environment"]
        for variable, host in zip(("DATABASE_URL", "REDIS_URL", "KAFKA_BOOTSTRAP"), hosts, strict=True):
            assert re.search(rf"(^|@){re.escape(host)}:", values[f"OPS_{variable}"]), (name, variable)


def test_a_stage_waits_for_what_it_needs(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
            assert how["condition"] == expected, (name, other)
            assert other in ONE_SHOT or "healthcheck" in services[other]
        assert (service["restart"] == "no") == (name in ONE_SHOT)


def test_no_password_is_written_down(services: dict[str, dict[str, Any]]) -> None:
    text = COMPOSE.read_text() + (ROOT / "deploy" / "env.example").read_text()
    assert re.findall(r"PASSWORD:?[=:]\s*[\w.-]+$", text, re.MULTILINE) == []
    assert services["timescaledb"]["environment"]["POSTGRES_PASSWORD"].startswith("${")


def test_kafka_is_the_version_that_the_tests_run_on(services: dict[str, dict[str, Any]]) -> None:
    assert services["kafka"]["image"] == f"apache/kafka:{kafka_version()}"


def test_the_image_copies_only_what_there_is_and_the_builder_gets_it() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    copied = {source for line in re.findall(r"^COPY (.+)$", dockerfile, re.MULTILINE) for source in line.split()[:-1]}
    sent = set(re.findall(r"^!(.+)$", (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(), re.MULTILINE))
    assert copied == sent
    assert {source for source in copied if not (ROOT / source).exists()} == set()
