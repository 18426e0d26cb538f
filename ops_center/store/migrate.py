"""Brings a database to the schema this code wants. Called by ``run.py migrate``, the start of everything, and tests.

Idempotent, and safe when several processes start at once: one works, the others wait and find it done. All
missing steps are one transaction. There is no way back: restore the backup made before (docs/storage.md).
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from ops_center.domain.errors import StoreError
from ops_center.store.faults import as_store_error

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x6F707363_6D696772  # "opscmigr": one migration of this database at a time

_WANTS_EXTENSION = """
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb' AND installed_version IS NULL)
   AND 'timescaledb' = ANY (string_to_array(replace(current_setting('shared_preload_libraries'), ' ', ''), ','))
"""


def migrate(url: str) -> str:
    """Apply what is missing and return the version reached. Raises StoreError, StoreUnavailable."""
    try:
        # The lock has a connection of its own, so that it outlives the transaction of the steps.
        with psycopg.connect(url, autocommit=True, connect_timeout=10, application_name="ops-center migrate") as guard:
            guard.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            _prepare(guard)
            return _upgrade(url)
    except psycopg.Error as error:
        raise as_store_error(error) from error
    except DBAPIError as error:
        raise _explained(error) from error


def _explained(error: DBAPIError) -> StoreError:
    if isinstance(error.orig, psycopg.Error):
        return as_store_error(error.orig)
    return StoreError(f"the database can't be migrated: {error}")


def _prepare(guard: psycopg.Connection) -> None:
    """Make what Alembic itself needs, and the extension, which wants a session that has not used it yet."""
    wanted = guard.execute(_WANTS_EXTENSION).fetchone()
    if wanted is not None and wanted[0]:
        guard.execute("CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public")
    guard.execute("CREATE SCHEMA IF NOT EXISTS center")


def _upgrade(url: str) -> str:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(url, application_name="ops-center migrate"),
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
        context = MigrationContext.configure(
            connection, opts={"version_table": "schema_version", "version_table_schema": "center"}
        )
        return str(context.get_current_revision())


def newest_version() -> str:
    """Return the version that this code wants."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return str(ScriptDirectory.from_config(config).get_current_head())
