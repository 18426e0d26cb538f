"""Writers and mirrors on a real Valkey: sharing, gaps, damage, loss, and coming back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import redis

from ops_center.domain.errors import LiveUnavailable
from ops_center.domain.realms import Realm
from ops_center.domain.time import ManualClock
from ops_center.embedded.valkey import ValkeyServer
from ops_center.live.blocks import BLOCK_ROWS
from ops_center.live.mirror import RedisLiveMirror
from ops_center.live.port import Changed
from ops_center.live.writer import RedisLiveWriter
from tests.live.batches import NO_OBSERVATIONS, NO_POSITIONS, event, fixes, observations

REALM = Realm.SIMULATED
MakeWriter = Callable[[], RedisLiveWriter]
MakeMirror = Callable[[], RedisLiveMirror]


@pytest.fixture
def make_writer(redis_url: str) -> Iterator[MakeWriter]:
    made: list[RedisLiveWriter] = []

    def make() -> RedisLiveWriter:
        made.append(RedisLiveWriter(redis_url, REALM, ManualClock(), save_every_s=0))
        return made[-1]

    yield make
    for writer in made:
        writer.close()


@pytest.fixture
def make_mirror(redis_url: str) -> Iterator[MakeMirror]:
    made: list[RedisLiveMirror] = []

    def make() -> RedisLiveMirror:
        made.append(RedisLiveMirror(redis_url, REALM, ManualClock()))
        return made[-1]

    yield make
    for mirror in made:
        mirror.close()


def observe(writer: RedisLiveWriter, keys: list[int], time_s: float, result: float) -> None:
    writer.apply(observations(keys, [time_s] * len(keys), [result] * len(keys)), NO_POSITIONS, ())


def followed(mirror: RedisLiveMirror) -> Changed:
    changed = mirror.follow(5.0)
    assert changed is not None, "nothing was said within 5 seconds"
    return changed


def test_a_mirror_hears_what_changed(make_writer: MakeWriter, make_mirror: MakeMirror) -> None:
    writer, mirror = make_writer(), make_mirror()
    writer.flush()
    mirror.load()
    writer.apply(observations([3, 5000], [0, 0], [1.5, 2.5]), fixes([7], [0], [118.8]), [event("a")])
    assert writer.flush() == 4
    changed = followed(mirror)
    assert changed.datastreams.tolist() == [3, 5000]
    assert changed.things.tolist() == [7]
    assert [e.event_id for e in changed.events] == ["a"]
    assert mirror.values.result[[3, 5000]].tolist() == [1.5, 2.5]
    assert mirror.positions.longitude[7] == 118.8
    assert [e.event_id for e in mirror.events] == ["a"]
    assert mirror.health().status == "ok"


def test_a_mirror_that_starts_later_finds_everything(make_writer: MakeWriter, make_mirror: MakeMirror) -> None:
    writer = make_writer()
    writer.apply(observations([3, 5000], [0, 0], [1.5, 2.5]), fixes([7], [0], [118.8]), [event("a")])
    writer.flush()
    mirror = make_mirror()
    changed = mirror.load()
    assert {3, 5000} <= set(changed.datastreams.tolist())
    assert mirror.values.result[5000] == 2.5
    assert [e.event_id for e in mirror.events] == ["a"]


def test_nothing_new_is_nothing_said(make_writer: MakeWriter) -> None:
    writer = make_writer()
    observe(writer, [1], 0, 1.0)
    writer.flush()
    observe(writer, [1], 0, 1.0)
    assert writer.flush() == 0


def test_a_restarted_writer_goes_on_from_the_blocks(make_writer: MakeWriter) -> None:
    first = make_writer()
    assert not first.load(), "an empty cache must say that the store has to help"
    observe(first, [1, 9000], 10, 1.0)
    first.flush()
    second = make_writer()
    assert second.load()
    observe(second, [1], 5, 2.0)
    assert second.flush() == 0, "the block held a newer value"


def test_two_writers_of_one_block_keep_each_others_rows(make_writer: MakeWriter, make_mirror: MakeMirror) -> None:
    writers = [make_writer(), make_writer()]
    for turn in range(6):
        for which, writer in enumerate(writers):
            observe(writer, [10 + which], turn, turn * 10.0 + which)
            writer.flush()
    mirror = make_mirror()
    mirror.load()
    assert mirror.values.result[[10, 11]].tolist() == [50.0, 51.0]


def test_a_writer_that_lost_its_partition_cannot_undo_a_newer_value(
    make_writer: MakeWriter, make_mirror: MakeMirror
) -> None:
    zombie, heir = make_writer(), make_writer()
    observe(zombie, [10], 0, 1.0)
    zombie.flush()
    observe(heir, [10], 9, 9.0)
    heir.flush()
    observe(zombie, [10, 11], 3, 3.0)
    zombie.flush()
    mirror = make_mirror()
    mirror.load()
    assert mirror.values.result[[10, 11]].tolist() == [9.0, 3.0]


def test_a_mirror_that_missed_a_notice_reads_the_blocks(
    make_writer: MakeWriter, make_mirror: MakeMirror, redis_url: str
) -> None:
    writer, mirror = make_writer(), make_mirror()
    writer.flush()
    mirror.load()
    observe(writer, [1], 0, 1.0)
    writer.flush()
    followed(mirror)
    with redis.Redis.from_url(redis_url) as client:
        for connection in client.client_list(_type="pubsub"):
            client.client_kill_filter(_id=connection["id"])
    observe(writer, [2], 0, 2.0)
    writer.flush()
    with pytest.raises(LiveUnavailable):
        mirror.follow(5.0)
    assert mirror.health().status == "lost"
    followed(mirror)
    assert mirror.values.result[2] == 2.0
    assert mirror.health().status == "ok"


def test_a_gap_in_the_numbers_is_mended_when_the_blocks_hold_what_was_missed(
    redis_url: str, make_mirror: MakeMirror
) -> None:
    """The writer saves late here: the mirror must not be content with blocks that are older than the gap."""
    writer = RedisLiveWriter(redis_url, REALM, ManualClock(), save_every_s=3600)
    mirror = make_mirror()
    mirror.load()
    observe(writer, [1], 0, 1.0)
    writer.flush()
    followed(mirror)
    deaf = mirror._ear  # what is said meanwhile is lost, as when a subscriber lags too far behind
    deaf.unsubscribe()
    observe(writer, [1], 1, 2.0)
    writer.flush()
    mirror._ear = mirror._listen()
    observe(writer, [2], 1, 3.0)
    writer.flush()
    followed(mirror)
    assert mirror.values.result[[1, 2]].tolist() == [1.0, 3.0], "the missed value is in no block yet"
    writer._save_every_s = 0
    observe(writer, [3], 1, 4.0)
    writer.flush()
    observe(writer, [3], 2, 5.0)
    writer.flush()
    while mirror.values.result[1] != 2.0:
        followed(mirror)
    deaf.close()
    writer.close()


def test_a_damaged_block_is_passed_over_and_then_replaced(
    make_writer: MakeWriter, make_mirror: MakeMirror, redis_url: str
) -> None:
    writer = make_writer()
    observe(writer, [1, BLOCK_ROWS], 0, 1.0)
    writer.flush()
    with redis.Redis.from_url(redis_url) as client:
        client.setrange("simulated:live:block:V0", 60, b"rubbish")
        mirror = make_mirror()
        mirror.load()
        assert mirror.values.time_us[1] == 0
        assert mirror.values.result[BLOCK_ROWS] == 1.0
        restarted = make_writer()
        assert not restarted.load(), "a damaged block must be rebuilt from the store"
        observe(restarted, [1], 0, 1.0)
        restarted.flush()
    mirror.load()
    assert mirror.values.result[1] == 1.0


def test_a_cache_that_was_emptied_is_filled_again(
    make_writer: MakeWriter, make_mirror: MakeMirror, redis_url: str
) -> None:
    writer = make_writer()
    observe(writer, list(range(0, 9000, 1000)), 0, 1.0)
    writer.flush()
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    observe(writer, [0], 1, 2.0)
    writer.flush()
    writer.flush()
    mirror = make_mirror()
    mirror.load()
    assert mirror.values.result[0] == 2.0
    assert mirror.values.result[1000:9000:1000].tolist() == [1.0] * 8


def test_more_rows_than_a_notice_holds_arrive_all_the_same(make_writer: MakeWriter, make_mirror: MakeMirror) -> None:
    writer, mirror = make_writer(), make_mirror()
    writer.flush()
    mirror.load()
    for count in (20_000, 100_000):
        keys = np.arange(count, dtype=np.int32)
        writer.apply(observations(keys.tolist(), [count] * count, keys.tolist()), NO_POSITIONS, ())
        writer.flush()
        seen = 0
        while seen < count:
            seen += len(followed(mirror).datastreams)
        assert np.array_equal(mirror.values.result[:count], keys)


def test_everything_is_published_anew_when_a_killed_cache_comes_back_empty(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path / "first") as server:
        port, url = server.port, server.url
        writer = RedisLiveWriter(url, REALM, ManualClock(), save_every_s=0)
        mirror = RedisLiveMirror(url, REALM, ManualClock())
        mirror.load()
        observe(writer, [1, 2], 0, 1.0)
        writer.flush()
        followed(mirror)
    with pytest.raises(LiveUnavailable):
        mirror.follow(1.0)
    observe(writer, [1], 1, 2.0)
    with pytest.raises(LiveUnavailable):
        writer.flush()
    assert mirror.values.result[[1, 2]].tolist() == [1.0, 1.0], "a mirror goes on showing what it has"
    password = (tmp_path / "first" / "password").read_text()
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "password").write_text(password)
    with ValkeyServer(tmp_path / "second", port):
        followed(mirror)
        assert writer.flush() == 2
        followed(mirror)
        assert mirror.values.result[[1, 2]].tolist() == [2.0, 1.0]
        late = RedisLiveMirror(url, REALM, ManualClock())
        late.load()
        assert late.values.result[[1, 2]].tolist() == [2.0, 1.0]
        late.close()
    mirror.close()
    writer.close()


def test_a_full_cache_is_unavailable_and_nothing_is_lost(tmp_path: Path) -> None:
    with ValkeyServer(tmp_path, max_memory_mb=4) as server:
        writer = RedisLiveWriter(server.url, REALM, ManualClock(), save_every_s=0)
        keys = list(range(300_000))
        writer.apply(observations(keys, [0] * len(keys), keys), NO_POSITIONS, ())
        with pytest.raises(LiveUnavailable):
            writer.flush()
        with redis.Redis.from_url(server.url) as client:
            client.config_set("maxmemory", "100mb")
        assert writer.flush() == len(keys)
        writer.close()


def test_a_mirror_without_a_writer_says_so(make_mirror: MakeMirror, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops_center.live.mirror.AGED_S", 0.0)
    mirror = make_mirror()
    assert mirror.health().status == "lost"
    mirror.load()
    assert mirror.follow(0.05) is None
    assert mirror.health().status == "aged"
    assert mirror.health().age_s is None


def test_a_writer_speaks_every_second_without_news(make_writer: MakeWriter, make_mirror: MakeMirror) -> None:
    writer, mirror = make_writer(), make_mirror()
    mirror.load()
    writer.flush()
    followed(mirror)
    writer.apply(NO_OBSERVATIONS, NO_POSITIONS, ())
    writer._said_s -= 1.0
    writer.flush()
    assert followed(mirror).datastreams.tolist() == []
