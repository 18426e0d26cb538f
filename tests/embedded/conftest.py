from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.subjects import KAFKA, PLAIN, TIMESCALE, VALKEY, Subject

SUBJECTS = [PLAIN, TIMESCALE, VALKEY, pytest.param(KAFKA, marks=pytest.mark.kafka)]
_FIXTURES = {PLAIN: "plain_postgres", TIMESCALE: "timescale_server", VALKEY: "valkey", KAFKA: "kafka"}


@pytest.fixture(params=SUBJECTS, ids=str)
def subject(request: pytest.FixtureRequest) -> Subject:
    """One kind of server; skipped (failed on CI) where the machine can't have it."""
    chosen: Subject = request.param
    request.getfixturevalue(_FIXTURES[chosen])
    return chosen


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every system user can enter, as a database started by root needs."""
    with tempfile.TemporaryDirectory(prefix="ops-center-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)
