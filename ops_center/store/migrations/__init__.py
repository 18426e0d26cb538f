"""The schema, step by step (Alembic); applied by ``ops_center.store.migrate`` and by nothing else."""
