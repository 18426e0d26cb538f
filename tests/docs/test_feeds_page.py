"""docs/feeds.md keeps up with the declarations, and its example runs."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from feeds import all_feeds
from feeds.document import document
from feeds.judging import NEWEST_US, OLDEST_US
from feeds.reading import MAX_BYTES
from ops_center.bus.kafka import KafkaBus
from ops_center.bus.port import Consumer
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import RawMessage, RejectReason
from ops_center.domain.realms import Realm
from ops_center.domain.registrations import as_things, read_registration
from ops_center.domain.time import DAY_US, MINUTE_US
from ops_center.domain.topics import CATALOG, raw
from ops_center.settings import Settings
from ops_center.world.scenario import SCENARIOS

PAGE = (Path(__file__).parents[2] / "docs" / "feeds.md").read_text(encoding="utf-8")
EXAMPLE = PAGE.split("<!-- example -->\n```python\n")[1].split("```")[0]


@pytest.mark.parametrize("name", all_feeds())
def test_the_page_has_the_table_of_every_feed_as_it_is_declared(name: str) -> None:
    assert document(all_feeds()[name]) in PAGE, "paste what `python -m feeds.document` prints"


def test_the_page_names_every_reason_scenario_and_limit() -> None:
    assert all(f"`{reason.value}`" in PAGE for reason in RejectReason)
    for scenario in SCENARIOS.values():
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{scenario.name}` |"))
        assert not scenario.beats or row.endswith(f"| {scenario.period_s / 60:g} min |")
    assert (OLDEST_US, NEWEST_US, MAX_BYTES) == (35 * DAY_US, 5 * MINUTE_US, 2**20), "the page says so"


def test_the_example_takes_no_more_than_ten_statements() -> None:
    assert len(EXAMPLE.strip().splitlines()) <= 12


@pytest.mark.kafka
def test_the_example_registers_a_thing_and_sends_to_it(kafka_bootstrap: str) -> None:
    bus = KafkaBus(kafka_bootstrap, Realm.SIMULATED)
    bus.ensure_topics([CATALOG, raw("sensors")], Settings.model_fields["partitions"].default)
    readers = [bus.reader(topic) for topic in (CATALOG, raw("sensors"))]
    for reader in readers:
        reader.poll(0.5, 1)  # takes its place at the end
    code = EXAMPLE.replace("localhost:9092", kafka_bootstrap)
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    registration, observation = (_sent(reader) for reader in readers)
    bus.close()
    things, streams = as_things([read_registration(registration.value)])
    known = Catalog(1, [replace(things[0], key=0)], [replace(streams[0][2], key=0, thing=0)])
    decoded = all_feeds()["sensors"].decode([observation], known, observation.time_us)
    assert decoded.observations.result.tolist() == [1.84]
    assert decoded.rejects == ()


def _sent(reader: Consumer) -> RawMessage:
    """Return what the example wrote, and let go of the reader."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = [message for message in reader.poll(0.5, 100) if message.key == b"pond-1"]
        if found:
            reader.close()
            return found[-1]
    raise AssertionError("nothing arrived")
