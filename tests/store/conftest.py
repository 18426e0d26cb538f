"""A migrated database per module and edition, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from ops_center.domain.realms import Realm
from ops_center.store.lanes import PostgresLaneStore
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_lane_store, open_store, open_stream_store
from ops_center.store.port import Store
from ops_center.store.streaming import TimescaleStreamStore
from tests.store.shapes import REALM

_EMPTY = """
TRUNCATE realm_simulated.observation, realm_simulated.observation_revision, realm_simulated.position,
         realm_simulated.event, realm_simulated.quarantine, realm_simulated.worker_position,
         realm_simulated.feed_count, realm_simulated.rollup_dirty, realm_simulated.rollup_horizon,
         realm_simulated.rollup_backfill_15m, realm_simulated.rollup_backfill_1h;
TRUNCATE realm_simulated.scene;
TRUNCATE realm_simulated.rule, realm_simulated.rule_lane, realm_simulated.rule_memory, realm_simulated.condition,
         realm_simulated.condition_record, realm_simulated.condition_standing, realm_simulated.worker_pulse;
TRUNCATE center.thing, center.thing_place, center.datastream, center.catalog_log;
TRUNCATE center.account, center.account_grant, center.credential, center.token, center.session, center.sign_in_attempt
"""


@pytest.fixture(scope="module")
def migrated(module_database: str) -> str:
    migrate(module_database)
    return module_database


@pytest.fixture
def url(migrated: str) -> str:
    """The address of a migrated database whose simulated realm and catalog are empty; rollups are not touched."""
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute(_EMPTY)
    return migrated


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, REALM)
    yield opened
    opened.close()


@pytest.fixture
def stream_store(url: str) -> Iterator[TimescaleStreamStore]:
    opened = open_stream_store(url, REALM, "test")
    yield opened
    opened.close()


@pytest.fixture
def lane_store(url: str) -> Iterator[PostgresLaneStore]:
    opened = open_lane_store(url, REALM)
    yield opened
    opened.close()


@pytest.fixture
def other_realm(url: str) -> Iterator[Store]:
    opened = open_store(url, Realm.LIVE)
    yield opened
    opened.close()
