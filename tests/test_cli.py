"""The command line: explains itself, says in one line what is wrong, and shows no secret."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STAGES = ("web", "intake", "writer", "live", "simulate", "replay", "notify")
COMMANDS = (*STAGES, "city", "things", "user", "migrate", "check", "bench", "audit")


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPS_")}
    return subprocess.run(
        [sys.executable, "run.py", *arguments],
        cwd=ROOT,
        env={**inherited, "COLUMNS": "160", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_help_names_every_command() -> None:
    said = run("--help").stdout
    assert all(command in said for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "--help")
    assert result.returncode == 0
    assert "Usage:" in result.stdout


@pytest.mark.parametrize("stage", ["intake", "writer", "live", "web", "migrate"])
def test_a_stage_without_servers_says_what_to_set(stage: str, tmp_path: Path) -> None:
    result = run(stage, OPS_STATE_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "error:" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    result = run("check", OPS_WEB_PORT="nonsense", OPS_STATE_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "OPS_WEB_PORT" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_story_is_refused(tmp_path: Path) -> None:
    result = run("simulate", "--scenario", "earthquake", OPS_STATE_DIR=str(tmp_path))
    assert result.returncode != 0
    assert "OPS_SCENARIO" in result.stderr


def test_check_prints_settings_without_secrets_and_fails_where_a_server_is_away(tmp_path: Path) -> None:
    result = run(
        "check",
        OPS_STATE_DIR=str(tmp_path),
        OPS_DATABASE_URL="postgresql://ops:s3cret@127.0.0.1:1/ops",
        OPS_REDIS_URL="redis://:s3cret@127.0.0.1:1/0",
    )
    assert result.returncode == 1
    assert "OPS_DATABASE_URL" in result.stdout
    assert "failed" in result.stdout
    assert "s3cret" not in result.stdout + result.stderr


def test_check_refuses_production_with_unsafe_settings_and_names_each(tmp_path: Path) -> None:
    production = {
        "OPS_MODE": "production",
        "OPS_REALM": "live",
        "OPS_STATE_DIR": str(tmp_path),
        "OPS_DATABASE_URL": "postgresql://ops:s3cret@db.invalid/ops",
        "OPS_LOG_LEVEL": "debug",
    }
    result = run("check", **production)
    assert result.returncode == 1
    unsafe = {line.split()[1].rstrip(":") for line in result.stdout.splitlines() if line.startswith("unsafe")}
    assert {"OPS_DATABASE_URL", "OPS_KEY_FILE", "OPS_AUDIT_DIR", "OPS_LOG_LEVEL"} <= unsafe
    assert "s3cret" not in result.stdout + result.stderr
    refused = run("check", **{**production, "OPS_REALM": "simulated", "OPS_WEB_HOST": "0.0.0.0"})
    assert refused.returncode == 1
    assert "OPS_REALM" in refused.stderr
    assert "OPS_WEB_HOST" in refused.stderr


def test_a_city_is_made_validated_and_refused_when_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    assert run("city", "make", str(folder), "--things", "500", "--seed", "3").returncode == 0
    assert run("city", "validate", str(folder)).returncode == 0
    (folder / "city.gpkg").write_bytes(b"not a database")
    result = run("city", "validate", str(folder))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
