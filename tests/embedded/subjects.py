"""The servers under test, each with a way to store one value and to read it back through its real driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from ops_center.embedded.kafka import KafkaServer
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.processes import ServerProcess
from ops_center.embedded.valkey import ValkeyServer

TOPIC = "kept"


@dataclass(frozen=True)
class Subject:
    name: str
    make: Callable[..., ServerProcess]
    store: Callable[[str, str], None]
    """(url, value): returns when the server has promised to keep it."""
    load: Callable[[str], str]

    def __str__(self) -> str:
        return self.name


def _store_row(url: str, value: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
        connection.execute("INSERT INTO kept VALUES (%s)", (value,))


def _load_row(url: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT value FROM kept").fetchone()
    assert row is not None
    return str(row[0])


def _store_key(url: str, value: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.set("kept", value)
        assert client.waitaof(1, 0, 60_000)[0] == 1  # the append-only file is on the disk


def _load_key(url: str) -> str:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return str(client.get("kept"))


def _store_record(url: str, value: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=url)
    admin.create_topics([NewTopic(TOPIC, 1, 1)])
    admin.close()
    producer = KafkaProducer(bootstrap_servers=url, acks="all")
    producer.send(TOPIC, value.encode()).get(30)
    producer.close()


def _load_record(url: str) -> str:
    consumer: Any = KafkaConsumer(bootstrap_servers=url, auto_offset_reset="earliest", consumer_timeout_ms=20_000)
    consumer.assign([TopicPartition(TOPIC, 0)])
    value = next(consumer).value.decode()
    consumer.close()
    return str(value)


def _postgres(flavour: Any) -> Callable[..., ServerProcess]:
    def make(data_dir: Path, port: int = 0) -> ServerProcess:
        return PostgresServer(data_dir, port, flavour=flavour)

    return make


PLAIN = Subject("plain PostgreSQL", _postgres("plain"), _store_row, _load_row)
TIMESCALE = Subject("TimescaleDB", _postgres("timescale"), _store_row, _load_row)
VALKEY = Subject("Valkey", ValkeyServer, _store_key, _load_key)
KAFKA = Subject("Kafka", KafkaServer, _store_record, _load_record)
