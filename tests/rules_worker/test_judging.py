"""Every condition once, whatever becomes of the worker; rules change while it works; time passes as it has read."""

from __future__ import annotations

import random

import pytest

from alerts.conditions import Reason
from ops_center.domain.messages import RawMessage, TopicPartition
from ops_center.domain.time import SECOND_US
from ops_center.rules_worker.reading import Progress
from tests.rules_worker.city import T0_US, THINGS, City, form
from tests.servers.outages import Outage
from tests.servers.webs import until


def observe(city: City, choice: random.Random, rounds: range) -> None:
    for number in rounds:
        city.send(10.0 * number, {n: round(choice.uniform(0, 80), 1) for n in range(THINGS) if choice.random() < 0.9})


def test_it_finds_what_one_stage_finds_and_passes_by_what_is_no_record(city: City) -> None:
    working = city.worker()
    city.put(1, b"OPS1 not a record")
    observe(city, random.Random(1), range(30))
    until(working.has_read_all)
    working.finish()
    assert len(city.expected()) > 100
    assert city.found() == city.recorded() == city.expected()
    assert working.handler.damaged == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment_every_condition_is_there_once_and_no_other(city: City, seed: int) -> None:
    choice, number, kills = random.Random(seed), 0, 0
    working = city.worker()
    outage = Outage(city.database_url)
    while kills < 6:
        observe(city, choice, range(number, number + 3))
        number += 3
        for _ in range(choice.randrange(12)):
            working.turn()
        if choice.random() < 0.4:
            with outage:
                for _ in range(choice.randrange(1, 6)):
                    if working.handler.has_turn:
                        working.worker.turn()
        if choice.random() < 0.5:
            working.crash()
            working, kills = city.worker(), kills + 1
    until(working.has_read_all)
    working.finish()
    assert city.found() == city.recorded() == city.expected()


def test_what_was_remembered_is_not_read_again(city: City) -> None:
    observe(city, random.Random(3), range(5))
    first = city.worker()
    until(first.has_read_all)
    first.finish()
    second = city.worker()
    until(second.has_read_all)
    assert second.handler.begin()
    place = TopicPartition("observations", 0)
    assert second.handler.gained(frozenset([place]))[place] is not None
    second.finish()


def test_a_second_worker_waits_for_its_turn_and_a_zombie_writes_nothing(city: City) -> None:
    zombie, second = city.worker("one"), city.worker("two")
    observe(city, random.Random(4), range(4))
    until(zombie.has_read_all)
    assert not second.turn()
    city.lanes_expire()
    assert second.handler.begin()
    observe(city, random.Random(5), range(4, 8))
    until(lambda: (zombie.turn(), not zombie.handler.has_turn)[1])
    assert not zombie.handler.begin()
    until(second.has_read_all)
    second.finish()
    zombie.crash()
    assert city.found() == city.recorded() == city.expected()


def test_rules_change_while_it_works(city: City) -> None:
    working = city.worker()
    city.send(0, {0: 1.0})
    until(lambda: (working.turn(), len(city.found()) >= 3)[1])
    city.disable("slow")
    city.save(form("very_slow", parameters={"unit": "km/h", "below": 3}))
    until(lambda: (working.turn(), any(not entered for *_, entered, _ in city.found()))[1])
    city.send(10, {0: 1.0})
    until(lambda: (working.turn(), any(turn[0] == "very_slow" for turn in city.found()))[1])
    working.finish()
    left = [record.batch for record in city.store.conditions.records({}) if not record.batch.entered.all()]
    assert [batch.reason.tolist() for batch in left] == [[Reason.WITHDRAWN]]
    assert [identity.rule for identity in left[0].identities()] == ["slow"]


def test_what_is_disabled_while_nobody_works_is_withdrawn_by_the_next(city: City) -> None:
    first = city.worker()
    city.send(0, {0: 1.0})
    until(lambda: (first.turn(), len(city.found()) >= 3)[1])
    first.crash()
    city.disable("slow")
    second = city.worker()
    until(lambda: (second.turn(), any(turn[0] == "slow" and not turn[4] for turn in city.found()))[1])
    second.finish()
    assert all(turn[4] for turn in city.found() if turn[0] != "slow")
    assert "slow" not in {rule.name for rule in city.store.conditions.standing().rules}


def test_a_feed_that_brings_nothing_is_silent_by_the_wall_clock(city: City) -> None:
    city.save(form("feed_silent", "silence", {"at_least_s": 120}, subject="feed"))
    city.save(form("sensor_silent", "silence", {"intervals": 3, "at_least_s": 30}))
    working = city.worker()
    for number in range(10):
        city.send(10.0 * number, dict.fromkeys(range(THINGS - 1), 50.0) | ({0: 50.0} if number else {11: 50.0}))
    until(working.has_read_all)
    assert not [turn for turn in city.found() if turn[0] == "feed_silent"]
    city.clock.advance(300)
    until(lambda: (working.turn(), any(turn[0] == "feed_silent" for turn in city.found()))[1])
    working.finish()
    silent = [(rule, subject, onset) for rule, subject, _, onset, *_ in city.found() if rule.endswith("silent")]
    heard_us = T0_US + 91 * SECOND_US
    assert [onset for rule, _, onset in silent if rule == "feed_silent"] == [heard_us + 120 * SECOND_US]
    assert [(subject, onset) for rule, subject, onset in silent if rule == "sensor_silent"] == [
        (city.keys[11], T0_US + 30 * SECOND_US)
    ]


P0, P1 = TopicPartition("observations", 0), TopicPartition("observations", 1)


def message(partition: int, time_us: int) -> RawMessage:
    return RawMessage("observations", partition, "1", b"", b"", time_us)


def test_time_passes_no_further_than_everything_was_read() -> None:
    progress = Progress(frozenset([P0, P1]))
    assert progress.until_us({P0: 0}, 100 * SECOND_US) == 0, "not all partitions are ours yet"
    assert progress.until_us({P0: 0, P1: 5}, 100 * SECOND_US) == 0, "nothing of a partition was read"
    progress.saw([message(0, 90 * SECOND_US), message(1, 20 * SECOND_US)])
    assert progress.until_us({P0: 0, P1: 5}, 100 * SECOND_US) == 19 * SECOND_US
    assert progress.lag_s({P0: 0, P1: 5}, 100 * SECOND_US) == 80.0
    assert progress.until_us({P0: 0, P1: 0}, 100 * SECOND_US) == 99 * SECOND_US
    assert progress.lag_s({P0: 0, P1: 0}, 100 * SECOND_US) == 0.0
