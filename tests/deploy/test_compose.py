"""deploy/compose.yaml agrees with the Compose specification, with the command line, the settings and itself.

No Docker engine is needed: the specification's own JSON schema comes with check-jsonschema.
"""

from __future__ import annotations

import os
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
from tests.servers.webs import served

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
    assert {"timescaledb", "kafka", "valkey", "front"} | set(stages(services)) == set(services)
    assert {"migrate", "intake", "writer", "live", "rules", "book", "notify", "web"} <= set(stages(services))
    assert services["writer"]["deploy"]["replicas"] > 1


def test_every_stage_is_a_command_of_run_py(services: dict[str, dict[str, Any]]) -> None:
    commands = {
        entry.name or entry.callback.__name__.rstrip("_") for entry in app.registered_commands if entry.callback
    }
    commands |= {group.name for group in app.registered_groups}
    asked = {service["command"][0] for name, service in stages(services).items() if name != "city"}
    assert asked <= commands


def test_what_listens_beyond_this_machine_is_asked_for(services: dict[str, dict[str, Any]]) -> None:
    on_the_host = {name for name, service in services.items() if service.get("network_mode") == "host"}
    assert on_the_host == {"web", "front"}
    assert services["front"]["profiles"] == ["https"]
    assert "OPS_WEB_HOST" not in services["web"]["environment"], "the center itself stays on loopback"


def test_the_proxy_fills_in_the_configuration_that_is_tested(services: dict[str, dict[str, Any]]) -> None:
    front = services["front"]
    wanted = set(re.findall(r"\$\{(OPS_\w+)\}", (ROOT / "deploy" / "nginx.conf").read_text()))
    assert wanted <= set(front["environment"])
    assert "./nginx.conf:/etc/nginx/templates/default.conf.template:ro" in front["volumes"]


@pytest.mark.parametrize("public_url", ["", "https://ops.example"])
def test_the_web_s_health_is_asked_under_the_name_that_it_answers_to(
    services: dict[str, dict[str, Any]], public_url: str
) -> None:
    from fastapi import FastAPI

    from ops_center.api.guard import Guard
    from ops_center.api.site import Site

    app = FastAPI()
    app.add_api_route("/api/alive", lambda: True)
    site = Site.parse(public_url or None, "127.0.0.1" if public_url else "")
    program = services["web"]["healthcheck"]["test"][-1]
    environment = {**os.environ, "OPS_PUBLIC_URL": public_url}
    with served(Guard(app, site=site)) as address:
        command = [sys.executable, "-c", program.replace("8050", address.split(":")[1])]
        assert subprocess.run(command, env=environment, check=False, timeout=60).returncode == 0
        app.router.routes.pop()
        assert subprocess.run(command, env=environment, check=False, timeout=60).returncode == 1


def test_no_password_is_an_argument(services: dict[str, dict[str, Any]]) -> None:
    said = [str(service.get(part, "")) for service in services.values() for part in ("command", "entrypoint")]
    assert [text for text in said if "PASSWORD" in text] == []


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
