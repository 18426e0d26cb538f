"""Whatever comes, in whatever batches, through whatever is killed: the table is what a dictionary says it should be.

Batches repeat, correct and contradict each other; connections are killed by the server between COPY and commit; a
worker that was left behind tries to commit what others have committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_center.domain.errors import Fenced, StoreUnavailable
from ops_center.store.opening import open_stream_store
from ops_center.store.streaming import TimescaleStreamStore
from tests.store.shapes import NO_FIXES, P0, REALM, T0, Row, moved, observations, stored

# A trigger that fires at the commit, when the rows have been copied, and ends its own connection if a test says so.
_SABOTAGE = """
CREATE TABLE IF NOT EXISTS public.sabotage (armed boolean);
CREATE OR REPLACE FUNCTION public.end_myself() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM public.sabotage WHERE armed) THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS end_myself ON realm_simulated.worker_position;
CREATE CONSTRAINT TRIGGER end_myself AFTER INSERT OR UPDATE ON realm_simulated.worker_position
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.end_myself();
TRUNCATE public.sabotage;
INSERT INTO public.sabotage VALUES (false)
"""
_CLEAR = """
TRUNCATE realm_simulated.observation, realm_simulated.observation_revision, realm_simulated.worker_position,
         realm_simulated.rollup_dirty
"""

ROWS = st.tuples(
    st.integers(1, 3),
    st.sampled_from([T0, T0 + 1, T0 - 3 * 86_400_000_000]),
    st.sampled_from([1.0, 2.0, 3.0]),
    st.just(0),
    st.integers(T0, T0 + 6),
)
STEPS = st.lists(
    st.tuples(st.lists(ROWS, max_size=6), st.sampled_from(["commit", "commit", "die", "zombie"])),
    min_size=1,
    max_size=8,
)
BUDGET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Table = dict[tuple[int, int], tuple[float, int]]
"""(datastream, time) → result, result time"""


def fold(table: Table, rows: list[Row]) -> None:
    """The rule: of two results the one with the later result time counts, of equal ones the first."""
    for datastream, time_us, result, _, result_time in rows:
        held = table.get((datastream, time_us))
        if held is None or result_time > held[1]:
            table[datastream, time_us] = (result, result_time)


@pytest.fixture
def saboteur(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_SABOTAGE)
        yield connection
        connection.execute("DROP TRIGGER end_myself ON realm_simulated.worker_position")


@contextmanager
def _armed(saboteur: psycopg.Connection) -> Iterator[None]:
    saboteur.execute("UPDATE public.sabotage SET armed = true")
    try:
        yield
    finally:
        saboteur.execute("UPDATE public.sabotage SET armed = false")


def table_of(url: str) -> Table:
    rows = stored(url)
    table = {(d, t): (result, result_time) for d, t, result, _, result_time in rows}
    assert len(table) == len(rows), "a row is there twice"
    return table


@BUDGET
@given(steps=STEPS)
def test_the_table_equals_the_model_through_kills_between_copy_and_commit(
    url: str, saboteur: psycopg.Connection, steps: list[tuple[list[Row], str]]
) -> None:
    saboteur.execute(_CLEAR)
    model: Table = {}
    sent: set[Row] = set()
    worker = open_stream_store(url, REALM, "worker")
    zombie = open_stream_store(url, REALM, "zombie")
    position: str | None = None
    left_behind: str | None = "before anything"
    try:
        for number, (rows, what) in enumerate(steps):
            batch = observations(rows)
            advance = moved(position, str(number))
            if what == "die":
                with _armed(saboteur), pytest.raises(StoreUnavailable):
                    worker.commit_data(advance, batch, NO_FIXES, ())
                assert table_of(url) == model, "a transaction that was killed left something"
            if what == "zombie":
                with pytest.raises(Fenced):
                    zombie.commit_data(moved(left_behind, "zombie"), observations([(9, T0, 9.0, 0, T0)]), NO_FIXES, ())
            worker.commit_data(advance, batch, NO_FIXES, ())
            left_behind, position = position, str(number)
            fold(model, rows)
            sent.update(rows)
            assert table_of(url) == model
            assert worker.positions("writer", [P0]) == {P0: position}
        revised = stored(url, "observation_revision")
        assert {(d, t, result) for d, t, result, _, _ in revised} <= {(d, t, result) for d, t, result, _, _ in sent}
        assert all(row[4] < model[row[0], row[1]][1] for row in revised), "what was replaced is older"
    finally:
        worker.close()
        zombie.close()


@BUDGET
@given(rows=st.lists(ROWS, max_size=12), data=st.data())
def test_how_rows_are_cut_into_batches_does_not_decide_what_is_stored(
    url: str, saboteur: psycopg.Connection, stream_store: TimescaleStreamStore, rows: list[Row], data: st.DataObject
) -> None:
    model: Table = {}
    fold(model, rows)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    saboteur.execute(_CLEAR)
    position: str | None = None
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(rows)], strict=True)):
        stream_store.commit_data(moved(position, str(number)), observations(rows[start:end]), NO_FIXES, ())
        position = str(number)
    assert table_of(url) == model


@BUDGET
@given(rows=st.lists(ROWS, max_size=12))
def test_row_by_row_every_result_that_was_replaced_is_in_the_log(
    url: str, saboteur: psycopg.Connection, stream_store: TimescaleStreamStore, rows: list[Row]
) -> None:
    saboteur.execute(_CLEAR)
    held: Table = {}
    replaced: set[tuple[int, int, float, int]] = set()
    for row in rows:
        datastream, time_us, result, _, result_time = row
        before = held.get((datastream, time_us))
        if before is not None and result_time > before[1] and result != before[0]:
            replaced.add((datastream, time_us, *before))
        fold(held, [row])
        stream_store.commit_data(type(moved(None, ""))("writer", {}, {}), observations([row]), NO_FIXES, ())
    assert {(d, t, r, rt) for d, t, r, _, rt in stored(url, "observation_revision")} == replaced
