"""The ten lines of docs/feeds.md, as an outside producer has them, through real intake and writer into the store."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from ops_center.bootstrap import make_bus, migrate_database
from ops_center.embedded.kafka import KafkaServer
from ops_center.settings import Settings
from tests.stages import ROOT, Stage, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]

STORED = """
SELECT o.result FROM realm_simulated.observation o
JOIN center.datastream d ON d.key = o.datastream_id JOIN center.thing t ON t.key = d.thing
WHERE t.producer = 'parks' AND t.thing_id = 'pond-1'
"""


def snippet() -> str:
    """Return the producer as the page shows it."""
    page = (ROOT / "docs" / "feeds.md").read_text()
    return next(block for block in re.findall(r"```python\n(.*?)```", page, re.S) if "KafkaProducer" in block)


def test_the_page_s_producer_has_about_ten_lines() -> None:
    assert len(snippet().strip().splitlines()) <= 12


def test_what_an_outside_producer_registers_and_sends_is_stored(
    kafka: KafkaServer, timescale_database: str, valkey_url: str, tmp_path: Path
) -> None:
    settings = Settings(database_url=timescale_database, redis_url=valkey_url, kafka_bootstrap=kafka.url)
    migrate_database(settings)
    with make_bus(settings):
        pass  # the center makes its topics; outsiders only write
    script = tmp_path / "producer.py"
    script.write_text(snippet().replace("localhost:9092", kafka.url))
    subprocess.run([sys.executable, str(script)], check=True, timeout=60)
    environment = {
        "OPS_DATABASE_URL": timescale_database,
        "OPS_REDIS_URL": valkey_url,
        "OPS_KAFKA_BOOTSTRAP": kafka.url,
    }
    with ExitStack() as running:
        for name in ("intake", "writer"):
            running.enter_context(Stage([name], environment, tmp_path / f"{name}.log"))
        # Whoever else tried the page's producer on this broker sent the same level, at another time.
        wait_until(lambda: set(stored(timescale_database)) == {1.84}, "the pond's level in the store", 90, 0.5)
        # Whether the registration or the observation was read first, the quarantine is empty in the end.
        wait_until(lambda: not standing(timescale_database), "an empty quarantine", 30, 0.5)


def stored(url: str) -> list[float]:
    with psycopg.connect(url) as connection:
        return [float(str(row[0])) for row in connection.execute(STORED)]


def standing(url: str) -> int:
    sql = "SELECT count(*) FROM realm_simulated.quarantine WHERE released IS NULL AND payload LIKE '%%pond-1%%'::bytea"
    with psycopg.connect(url) as connection:
        row = connection.execute(sql.replace("%%", "%")).fetchone()
        return int(str(row[0])) if row else 0
