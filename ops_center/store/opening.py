"""Builds the doors of one store from plain values. Called by ``bootstrap`` and by tests; nothing connects here."""

from __future__ import annotations

from ops_center.domain.realms import Realm
from ops_center.store.accounts import PostgresAccountStore
from ops_center.store.alarms import PostgresAlarmStore
from ops_center.store.attempts import PostgresAttemptStore
from ops_center.store.auditing import PostgresAuditStore
from ops_center.store.booking import PostgresBookStore
from ops_center.store.catalog import PostgresCatalogStore
from ops_center.store.conditions import PostgresConditionStore
from ops_center.store.desk import PostgresDeskStore
from ops_center.store.external_sessions import PostgresExternalSessionStore
from ops_center.store.health import PostgresHealthStore
from ops_center.store.history import PostgresHistoryStore
from ops_center.store.incidents import PostgresIncidentStore
from ops_center.store.lanes import PostgresLaneStore
from ops_center.store.listening import Listener
from ops_center.store.notices import PostgresNoticeStore
from ops_center.store.notification_routes import PostgresRouteStore
from ops_center.store.notifications import PostgresNotificationStore
from ops_center.store.pool import SessionPool
from ops_center.store.port import Store
from ops_center.store.quarantine import PostgresQuarantineStore
from ops_center.store.reports import PostgresReportStore
from ops_center.store.sessions import PostgresSessionStore
from ops_center.store.sign_ons import PostgresSignOnStore
from ops_center.store.statistics import PostgresStatisticStore
from ops_center.store.streaming import TimescaleStreamStore
from ops_center.store.telling import PostgresTellingStore
from ops_center.store.tokens import PostgresTokenStore
from ops_center.store.versions import PLANS, RULES, SCENES, PostgresVersionStore
from ops_center.store.walls import PostgresWallStore
from ops_center.store.warnings import PostgresWarningStore


def open_store(url: str, realm: Realm, name: str = "ops-center") -> Store:
    """Return the doors of ``realm``, for services and screens; they share a few connections, made when first used.

    Those of people have their own: charts that ask for long series must not keep anybody from signing in or out.
    """
    pool, people = SessionPool(url, realm, name), SessionPool(url, realm, f"{name} people", timeout_s=10.0)

    def close() -> None:
        pool.close()
        people.close()

    return Store(
        PostgresCatalogStore(pool),
        PostgresQuarantineStore(pool),
        PostgresHistoryStore(pool),
        PostgresHealthStore(pool),
        PostgresAuditStore(pool),
        PostgresAccountStore(people),
        PostgresSessionStore(people),
        PostgresTokenStore(people),
        PostgresAttemptStore(people),
        PostgresExternalSessionStore(people),
        PostgresAlarmStore(pool),
        PostgresDeskStore(pool),
        PostgresNotificationStore(pool),
        PostgresNoticeStore(pool),
        PostgresRouteStore(pool),
        PostgresWarningStore(pool),
        PostgresVersionStore(pool, RULES),
        PostgresConditionStore(pool),
        PostgresWallStore(pool),
        PostgresVersionStore(pool, SCENES),
        PostgresStatisticStore(pool),
        PostgresIncidentStore(pool),
        PostgresSignOnStore(pool),
        PostgresVersionStore(pool, PLANS),
        PostgresTellingStore(pool),
        PostgresReportStore(pool),
        lambda channel: Listener(url, realm, channel),
        close,
    )


def open_stream_store(url: str, realm: Realm, name: str = "ops-center") -> TimescaleStreamStore:
    """Return the door of one stream worker; ``name`` is what the server shows for its connection."""
    return TimescaleStreamStore(url, realm, name)


def open_book_store(url: str, realm: Realm) -> PostgresBookStore:
    """Return the door of the book's one writer."""
    return PostgresBookStore(url, realm)


def open_lane_store(url: str, realm: Realm, name: str = "ops-center rules") -> PostgresLaneStore:
    """Return the door of the rules worker."""
    return PostgresLaneStore(url, realm, name)
