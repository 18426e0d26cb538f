"""Conditions once and in order, positions and memory with them, and one worker at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import psycopg
import pytest

from alerts.conditions import ConditionBatch, RuleVersion
from ops_center.domain.errors import Fenced, StoreUnavailable
from ops_center.domain.messages import TopicPartition
from ops_center.domain.time import SECOND_US
from ops_center.store.lanes import PostgresLaneStore
from ops_center.store.opening import open_lane_store
from ops_center.store.port import Advance, Store
from ops_center.store.rule_port import LaneState, Pulse, Remembered, SetAside
from tests.servers.outages import Outage
from tests.store.shapes import P0, REALM, T0, moved, number

LEASE_S = 60.0
P1 = TopicPartition("positions", 1)
NOTHING = Advance("rules", {}, {})

Row = tuple[int, bool, int, int]
"""subject, entered, time and onset in seconds from T0"""


def turns(*rows: Row, rule: str = "low", version: int = 1) -> ConditionBatch:
    subject, entered, time, onset = (list(column) for column in zip(*rows, strict=True))
    size = len(rows)
    us = [np.array([T0 + 1_000_000 * s for s in seconds], np.int64) for seconds in (time, onset)]
    codes, nowhere = np.zeros(size, np.uint8), np.full(size, np.nan)
    return ConditionBatch(
        (RuleVersion(rule, version, ("L", "LL")),),
        np.zeros(size, np.int32),
        codes + 1,
        codes + 3,
        np.array(entered, np.uint8),
        codes,
        codes,
        np.array(subject, np.int64),
        *us,
        np.full(size, 4.5),
        np.full(size, 5.0),
        nowhere,
        np.full(size, 32.0),
    )


def take(store: PostgresLaneStore, owner: str = "one", lease_s: float = LEASE_S) -> LaneState:
    found = store.take(owner, lease_s)
    assert found is not None
    return found


def said(batches: Sequence[ConditionBatch]) -> list[Row]:
    return [
        (subject, bool(entered), (time - T0) // 1_000_000, (onset - T0) // 1_000_000)
        for batch in batches
        for subject, entered, time, onset in zip(
            batch.subject.tolist(), batch.entered.tolist(), batch.time_us.tolist(), batch.onset_us.tolist(), strict=True
        )
    ]


def recorded(store: Store) -> list[Row]:
    records = store.conditions.records({})
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    return said([record.batch for record in records])


def test_everything_of_a_commit_is_there_for_the_next_worker(lane_store: PostgresLaneStore, store: Store) -> None:
    step = take(lane_store).step
    advance = Advance("rules", {P0: None, P1: None}, {P0: "5", P1: "7"})
    found = turns((1, True, 1, 1), (2, True, 2, 2), (2, False, 3, 2))
    assert lane_store.commit(step, LEASE_S, advance, [found], Remembered(b"memory\0", {P0: "4"})) == 3
    after = take(lane_store)
    assert after.committed == {P0: "5", P1: "7"}
    assert (after.memory, after.remembered) == (b"memory\0", {P0: "4"})
    assert said([after.standing]) == said([store.conditions.standing()]) == [(1, True, 1, 1)]
    assert after.standing.rules == (RuleVersion("low", 1, ("LL",)),) and after.standing.level.tolist() == [3]
    assert recorded(store) == said([found])


def test_what_was_said_is_not_said_again(lane_store: PostgresLaneStore, store: Store, url: str) -> None:
    step = take(lane_store).step
    lane_store.commit(step, LEASE_S, NOTHING, [turns((1, True, 1, 1), (2, True, 2, 2))], None)
    again = turns((1, True, 1, 1), (1, False, 5, 1), (2, True, 2, 2), (3, True, 4, 4), (3, True, 4, 4))
    assert lane_store.commit(step + 1, LEASE_S, NOTHING, [again], None) == 2
    assert lane_store.commit(step + 2, LEASE_S, NOTHING, [again, turns((1, False, 9, 1))], None) == 0
    assert recorded(store) == [(1, True, 1, 1), (2, True, 2, 2), (1, False, 5, 1), (3, True, 4, 4)]
    assert number(url, "SELECT count(*) FROM realm.condition") == 4
    assert sorted(said([store.conditions.standing()])) == [(2, True, 2, 2), (3, True, 4, 4)]


def test_what_is_left_belatedly_does_not_end_what_stands_now(lane_store: PostgresLaneStore, store: Store) -> None:
    step = take(lane_store).step
    lane_store.commit(step, LEASE_S, NOTHING, [turns((1, True, 1, 1))], None)
    lane_store.commit(step + 1, LEASE_S, NOTHING, [turns((1, True, 5, 5), (1, False, 9, 1))], None)
    assert said([store.conditions.standing()]) == [(1, True, 5, 5)]


def test_a_storm_is_recorded_in_bites_in_order(lane_store: PostgresLaneStore, store: Store) -> None:
    storm = turns(*((subject, True, subject // 1000, subject // 1000) for subject in range(12_001)))
    assert lane_store.commit(take(lane_store).step, LEASE_S, NOTHING, [storm], None) == 12_001
    records = store.conditions.records({0: 1})
    assert [(record.seq, len(record.batch)) for record in records] == [(2, 5000), (3, 2001)]
    assert recorded(store) == said([storm])


def test_records_go_on_counting_after_old_ones_are_gone(lane_store: PostgresLaneStore, store: Store, url: str) -> None:
    step = take(lane_store).step
    lane_store.commit(step, LEASE_S, NOTHING, [turns((1, True, 1, 1))], None)
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM realm_simulated.condition_record")
    lane_store.commit(step + 1, LEASE_S, NOTHING, [turns((1, False, 2, 1))], None)
    assert [record.seq for record in store.conditions.records({0: 1})] == [2]


def test_one_worker_at_a_time_and_the_next_when_it_lets_go(lane_store: PostgresLaneStore, url: str) -> None:
    step, second = take(lane_store, "one").step, open_lane_store(url, REALM)
    assert second.take("two", LEASE_S) is None
    lane_store.keep(step, "one", LEASE_S)
    lane_store.release(step)
    assert take(second, "two").step == step + 1
    assert lane_store.take("one", LEASE_S) is None
    second.close()


def test_who_lost_its_turn_writes_nothing(lane_store: PostgresLaneStore, store: Store, url: str) -> None:
    step, second = take(lane_store, "zombie", 0.0).step, open_lane_store(url, REALM)
    successor = take(second, "two")
    with pytest.raises(Fenced):
        lane_store.commit(step, LEASE_S, moved(None, "9", "rules"), [turns((1, True, 1, 1))], Remembered(b"x", {}))
    with pytest.raises(Fenced):
        lane_store.keep(step, "zombie", LEASE_S)
    lane_store.release(step)
    assert recorded(store) == [] and take(second, "two").memory is None
    second.commit(successor.step + 1, LEASE_S, moved(None, "5", "rules"), [], None)
    second.close()


def test_positions_that_moved_on_undo_the_whole_commit(lane_store: PostgresLaneStore, store: Store) -> None:
    step = take(lane_store).step
    lane_store.commit(step, LEASE_S, moved(None, "5", "rules"), [], None)
    with pytest.raises(Fenced):
        lane_store.commit(step + 1, LEASE_S, moved("4", "6", "rules"), [turns((1, True, 1, 1))], None)
    assert recorded(store) == []
    lane_store.commit(step + 1, LEASE_S, moved("5", "6", "rules"), [turns((1, True, 1, 1))], None)


def test_a_database_that_is_away_is_told_and_found_again(lane_store: PostgresLaneStore, url: str) -> None:
    step = take(lane_store).step
    with Outage(url), pytest.raises(StoreUnavailable):
        lane_store.commit(step, LEASE_S, NOTHING, [turns((1, True, 1, 1))], None)
    assert lane_store.commit(step, LEASE_S, NOTHING, [turns((1, True, 1, 1))], None) == 1


def test_the_newest_pulse_of_each_worker_is_told(lane_store: PostgresLaneStore, store: Store) -> None:
    lane_store.pulse("rules", "a", T0, 5, 0.5)
    lane_store.pulse("rules", "b", T0 + 1, 7, 0.7)
    aside = [SetAside("brittle", "ZeroDivisionError: \x00 thirteen", T0)]
    later_us = T0 + 6 * SECOND_US
    lane_store.pulse("rules", "a", later_us, 0, 0.0, aside)
    (told,) = store.health.pulses()
    assert [(one.type, one.since_us) for one in told.set_aside] == [("brittle", T0)]
    assert "thirteen" in told.set_aside[0].why
    assert [(p.worker, p.instance, p.at_us, p.lag_records) for p in store.health.pulses()] == [
        ("rules", "a", later_us, 0)
    ]


def test_workers_that_share_the_work_are_as_far_behind_as_the_last_of_them(store: Store) -> None:
    store.health.speak(Pulse("writer", "a", T0, 500, 90.0))
    store.health.speak(Pulse("writer", "b", T0 + 60 * SECOND_US, 5, 40.0))
    store.health.speak(Pulse("writer", "c", T0 + 61 * SECOND_US, 2, 0.1))
    store.health.speak(Pulse("notify", "a", T0, 0, 0.0))
    assert [(one.worker, one.instance, one.lag_records, one.lag_s) for one in store.health.pulses()] == [
        ("notify", "a", 0, 0.0),
        ("writer", "c", 7, 40.0),
    ]
