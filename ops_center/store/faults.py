"""What the database's errors mean for the one who called: try again, wait for somebody, or stop.

Called wherever ``ops_center/store`` talks to the server; no error of psycopg leaves this room.
"""

from __future__ import annotations

import psycopg
from psycopg import errors

from ops_center.domain.errors import StoreError, StoreUnavailable

_AGAIN = (errors.SerializationFailure, errors.DeadlockDetected)
"""two transactions stood in each other's way; one of them was undone and may simply run again"""

_GONE = (
    psycopg.InterfaceError,
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.ConnectionException,
    errors.IdleInTransactionSessionTimeout,
    errors.DatabaseDropped,
)

_TO_DO: dict[type[psycopg.Error], str] = {
    errors.DiskFull: "the database's disk is full: free space or shorten retention (OPS_KEEP_*); nothing is lost, "
    "writing goes on by itself",
    errors.TooManyConnections: "the database has no connection left: raise its max_connections",
    errors.OutOfMemory: "the database is out of memory (or of locks: max_locks_per_transaction wants 256 or more)",
    errors.ReadOnlySqlTransaction: "the database is read only: it is a standby, or was set so; point OPS_DATABASE_URL "
    "at the primary",
    errors.QueryCanceled: "the database took too long and the statement was cancelled: it is overloaded or something "
    "holds a lock (pg_stat_activity shows what)",
    errors.LockNotAvailable: "a lock of the database was not to be had in time (pg_stat_activity shows who holds it)",
}
"""what somebody has to do; once it is done, the same call succeeds"""


def is_conflict(error: BaseException) -> bool:
    """Return whether the same transaction may succeed if it is run again at once."""
    return isinstance(error, _AGAIN)


def as_store_error(error: psycopg.Error) -> StoreError:
    """Return ``error`` as one of ours; its message says what to do where somebody can do something."""
    said = " ".join(str(error).split()) or type(error).__name__
    for kind, to_do in _TO_DO.items():
        if isinstance(error, kind):
            return StoreError(f"{to_do} ({said})", retriable=True)
    if isinstance(error, (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName)):
        return StoreError(f"the database has not the schema this version wants: run `run.py migrate` ({said})")
    if isinstance(error, (errors.InvalidPassword, errors.InvalidAuthorizationSpecification)):
        return StoreError(f"the database refuses the user or password of OPS_DATABASE_URL ({said})")
    if isinstance(error, (*_GONE, *_AGAIN)) or _is_bare(error):
        return StoreUnavailable(f"no answer from the database: {said}")
    return StoreError(f"the database refused: {said}")


def _is_bare(error: psycopg.Error) -> bool:
    """Return whether the error came from the connection and not from the server: then it carries no code."""
    return isinstance(error, psycopg.OperationalError) and error.sqlstate is None
