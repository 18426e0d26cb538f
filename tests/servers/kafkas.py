"""Apache Kafka: one broker per session (``kafka``, ``kafka_bootstrap``), topics of one's own by ``topic_prefix``."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from ops_center.domain.errors import ServerError
from ops_center.embedded.kafka import KafkaServer
from tests.servers.absence import missing


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    server = KafkaServer(tmp_path_factory.mktemp("kafka"))
    try:
        server.start()
    except ServerError as error:
        missing("Apache Kafka", error)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka: KafkaServer) -> str:
    return kafka.url


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that no other test uses: topics of the shared broker outlive the test that made them."""
    return f"t{uuid.uuid4().hex[:10]}."
