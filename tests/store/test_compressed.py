"""Where the edition compresses: late rows, repeats and corrections find their way into compressed chunks."""

from __future__ import annotations

import psycopg

from ops_center.store.migrate import migrate
from ops_center.store.opening import open_stream_store
from ops_center.store.port import Written
from tests.store.shapes import REALM, T0, Row, stored, write


def test_a_compressed_chunk_takes_late_rows_and_corrections(community_database: str) -> None:
    migrate(community_database)
    store = open_stream_store(community_database, REALM)
    rows: list[Row] = [(key, T0 + second, float(key), 0, T0) for key in range(1, 20) for second in range(50)]
    write(store, *rows)
    with psycopg.connect(community_database, autocommit=True) as connection:
        done = connection.execute(
            "SELECT count(compress_chunk(c)) FROM show_chunks('realm_simulated.observation') c"
        ).fetchone()
        assert done == (1,)
    late: Row = (3, T0 + 99, 9.0, 0, T0)
    corrected: Row = (5, T0 + 7, -1.0, 1, T0 + 1)
    assert write(store, rows[0], rows[500], late, corrected) == Written(1, 2, 1)
    expected = {row[:2]: row for row in [*rows, late, corrected]}
    assert stored(community_database) == [expected[key] for key in sorted(expected)]
    assert stored(community_database, "observation_revision") == [(5, T0 + 7, 5.0, 0, T0)]
    store.close()
