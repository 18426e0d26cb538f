"""One connection to the database: made when first needed, made anew after it was lost, its errors told as ours.

Everything in ``ops_center/store`` that reads or writes goes through a Session. It belongs to one thread at a time.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus

from ops_center.domain.errors import StoreError, StoreUnavailable
from ops_center.domain.realms import Realm
from ops_center.store.faults import as_store_error, is_conflict

log = structlog.get_logger(__name__)

Connection = psycopg.Connection[tuple[object, ...]]
T = TypeVar("T")

_ATTEMPTS = 5

_CONFIGURE = """
SELECT set_config('search_path', %(path)s, false),
       set_config('timezone', 'UTC', false),
       set_config('statement_timeout', %(timeout)s, false),
       set_config('idle_in_transaction_session_timeout', %(idle)s, false)
"""

_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    # A cable that was pulled while data was on the way: without this it takes the system's 15 minutes to notice.
    "tcp_user_timeout": 30_000,
}


class Session:
    """A connection whose unqualified names mean ``realm``'s tables, then the center's.

    ``prepare`` runs once on every new connection (temporary tables). ``name`` is what the server shows for it.
    The server ends a statement after ``timeout_s``, and a transaction that stands still for ``idle_s``.
    """

    def __init__(
        self,
        url: str,
        realm: Realm,
        name: str = "ops-center",
        timeout_s: float = 30.0,
        idle_s: float = 300.0,
        prepare: Callable[[Connection], None] | None = None,
    ) -> None:
        self._url = url
        self._realm = realm
        self._name = name
        self._timeout_s = timeout_s
        self._idle_s = idle_s
        self._prepare = prepare
        self._connection: Connection | None = None
        self._ended = threading.Event()

    def run(self, work: Callable[[Connection], T], *, isolation: psycopg.IsolationLevel | None = None) -> T:
        """Return ``work(connection)``, all of it one transaction; where two got in each other's way, again.

        Raises StoreUnavailable and StoreError; errors of ``work``'s own pass. In all cases nothing is committed,
        save one: when the connection is lost while committing, nobody can know. One that was lost while nobody used
        it (the server was started anew) is found out before anything is done, and made anew at once.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            was_idle, began = self._connection is not None, False
            try:
                connection = self._connected()
                if isolation != connection.isolation_level:
                    connection.isolation_level = isolation
                with connection.transaction():
                    began = True
                    return work(connection)
            except psycopg.Error as error:
                self._drop_if_broken(error)
                if was_idle and not began and self._connection is None and attempt < _ATTEMPTS:
                    continue
                if not is_conflict(error) or attempt == _ATTEMPTS:
                    raise as_store_error(error) from error
                log.debug("store.transaction_repeated", attempt=attempt, error=str(error))
                time.sleep(random.uniform(0.0, 0.02 * attempt))  # noqa: S311 - a pause, not a secret
        raise StoreError("unreachable")  # pragma: no cover

    def run_outside(self, work: Callable[[Connection], T]) -> T:
        """Return ``work(connection)`` outside any transaction, for procedures that commit by themselves."""
        try:
            connection = self._connected()
            connection.autocommit = True
            try:
                return work(connection)
            finally:
                if not connection.broken:
                    connection.autocommit = False
        except psycopg.Error as error:
            self._drop_if_broken(error)
            raise as_store_error(error) from error

    def close(self) -> None:
        """Let go of the connection; the next run makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def end(self) -> None:
        """Let go of the connection for good; any thread may say so, and whoever comes later gets StoreUnavailable."""
        self._ended.set()
        self.close()

    def _connected(self) -> Connection:
        if self._ended.is_set():
            raise StoreUnavailable("the store is closed")
        if self._connection is not None and not self._connection.closed:
            return self._connection
        self._connection = None
        connection = psycopg.connect(make_conninfo(self._url, application_name=self._name, **_PATIENCE))
        try:
            self._configure(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        if self._ended.is_set():  # meanwhile
            self.close()
            raise StoreUnavailable("the store is closed")
        return connection

    def _configure(self, connection: Connection) -> None:
        settings = {
            "path": f"{self._realm.schema}, center, public",
            "timeout": str(round(self._timeout_s * 1000)),
            "idle": str(round(self._idle_s * 1000)),
        }
        connection.execute(_CONFIGURE, settings)
        if self._prepare is not None:
            self._prepare(connection)
        connection.commit()

    def _drop_if_broken(self, error: psycopg.Error) -> None:
        """Keep a connection that is in order; a standby is left as well, since the primary may be another host."""
        connection = self._connection
        if connection is None:
            return
        in_order = not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE
        if not in_order or isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
            self.close()
