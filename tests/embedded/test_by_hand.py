"""``python -m ops_center.embedded``: a server by hand, and its address."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import redis

from tests.embedded.processes_seen import working_in

ROOT = Path(__file__).parents[2]
EMBEDDED = [sys.executable, "-m", "ops_center.embedded"]


def asked(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*EMBEDDED, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def test_a_server_run_by_hand_prints_its_address_and_ends_with_its_terminal(folder: Path) -> None:
    command = [*EMBEDDED, "run", "valkey", str(folder / "valkey")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as by_hand:
        assert by_hand.stdout is not None
        address = by_hand.stdout.readline().strip()
        with redis.Redis.from_url(address) as client:
            assert client.ping()
        assert asked("url", "valkey", str(folder / "valkey")).stdout.strip() == address
        by_hand.terminate()
        assert by_hand.wait(30) == 0
    assert not working_in(folder)


def test_what_can_not_be_had_is_one_line_and_a_status(folder: Path) -> None:
    answer = asked("url", "kafka", str(folder))
    assert answer.returncode == 1
    assert answer.stderr.strip() == f"error: no Kafka runs on {folder}"


def test_fetch_says_what_this_machine_uses(plain_postgres: object) -> None:
    fetched = asked("fetch")
    assert fetched.returncode == 0
    assert "database: PostgreSQL" in fetched.stdout
