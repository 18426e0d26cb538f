"""Alembic's entry: runs all missing steps in one transaction on the connection that ``migrate`` hands over."""

from __future__ import annotations

from alembic import context


def _run() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        version_table="schema_version",
        version_table_schema="center",
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
