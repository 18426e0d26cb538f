"""Waits until another transaction says that something changed. Called by watches and by the book's worker.

A message is only a reason to look: whoever waits looks as well when none came in time, so that nothing is missed while
the connection is away.
"""

from __future__ import annotations

import threading

import psycopg
import structlog
from psycopg import sql

from ops_center.domain.realms import Realm

log = structlog.get_logger(__name__)

ALARMS = "ops_alarms"
CONDITIONS = "ops_conditions"
WALLS = "ops_walls"
NOTICES = "ops_notices"
INCIDENTS = "ops_incidents"

_RETRY_S = 1.0


class Listener:
    """One connection that listens to one channel of a realm; belongs to one thread."""

    def __init__(self, url: str, realm: Realm, channel: str) -> None:
        self._url = url
        self._channel = f"{channel}_{realm.value}"
        self._connection: psycopg.Connection | None = None
        self._failed = False

    def wait(self, stop: threading.Event, timeout_s: float) -> bool:
        """Return True as soon as something was said, False after ``timeout_s`` or, about, when ``stop`` is set.

        True as well when it has only just begun to listen: what was said before is for the caller to look for.
        """
        try:
            if self._connection is None:
                self._connection = self._connected()
                return True
            for _ in self._connection.notifies(timeout=timeout_s, stop_after=1):
                return True
        except psycopg.Error as error:
            self._note(error)
            stop.wait(min(timeout_s, _RETRY_S))
        return False

    def close(self) -> None:
        """Let go of the connection; the next wait makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> psycopg.Connection:
        name = f"ops-center hears {self._channel}"
        made = psycopg.connect(self._url, autocommit=True, connect_timeout=10, application_name=name)
        try:
            made.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
        except BaseException:
            made.close()
            raise
        if self._failed:
            log.info("store.hears_again", channel=self._channel)
        self._failed = False
        return made

    def _note(self, error: psycopg.Error) -> None:
        self.close()
        if not self._failed:
            log.warning("store.hears_nothing", channel=self._channel, error=str(error))
        self._failed = True
