"""The bench of people in its short form: what it says is there and makes sense. Time is not judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(600)
def test_it_says_how_soon_somebody_is_out_and_what_asking_costs() -> None:
    command = [sys.executable, "run.py", "bench", "people", "--json", "--seconds", "10"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads(done.stdout)
    assert figures["stream_end_ms"]["n"] >= 3 and figures["revoked_ms"]["n"] >= 3
    assert 0 < figures["stream_end_ms"]["p50"] <= figures["stream_end_ms"]["max"]
    assert figures["request_us"]["ratio"] > 0
    assert figures["sign_in_ms"]["n"] == 10
