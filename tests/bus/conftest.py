"""Every test that asks for ``subject`` runs on both adapters, each on a real server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from ops_center.bus.port import Bus
from tests.bus.subjects import Ledger, Subject

KINDS = ["redis", pytest.param("kafka", marks=pytest.mark.kafka)]


@pytest.fixture(params=KINDS)
def subject(request: pytest.FixtureRequest) -> Subject:
    name = "redis_url" if request.param == "redis" else "kafka_bootstrap"
    return Subject(request.param, request.getfixturevalue(name), f"t{uuid.uuid4().hex[:10]}.")


@pytest.fixture
def bus(subject: Subject) -> Iterator[Bus]:
    with subject.open() as opened:
        yield opened


@pytest.fixture
def topic(subject: Subject, bus: Bus) -> str:
    """A topic of one partition."""
    bus.ensure_topics([subject.topic()], 1)
    return subject.topic()


@pytest.fixture
def wide_topic(subject: Subject, bus: Bus) -> str:
    """A topic of four partitions."""
    bus.ensure_topics([subject.topic("wide")], 4)
    return subject.topic("wide")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()
