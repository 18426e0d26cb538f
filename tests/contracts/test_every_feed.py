"""What every feed promises, whoever wrote it."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from feeds import all_feeds
from feeds.contract import Feed
from ops_center.city.kinds import THING_KINDS
from ops_center.domain.catalog import Catalog
from ops_center.domain.messages import Outgoing, RawMessage
from ops_center.domain.observations import Quality
from ops_center.domain.text import Label
from ops_center.domain.time import HOUR_US, SECOND_US
from ops_center.domain.units import UNITS
from ops_center.world.world import World
from tests.feeds import cities

FEEDS = all_feeds()
EVERY = pytest.mark.parametrize("feed", FEEDS.values(), ids=FEEDS.keys())
OF_OTHERS = {"sensors", "center_health", "vital_signs"}
"""the model city has nothing that they observe"""
OBSERVING = pytest.mark.parametrize("name", [name for name in FEEDS if name not in OF_OTHERS])
STEPS_S = (*range(1, 31), *range(40, 311, 15), 600, 660, 3600, 7200, 7201)
_WORD = re.compile(r"[a-z][a-z0-9_]*")


def lived(scenario: str) -> Iterator[tuple[World, int]]:
    """Return a world after each of the steps: seconds, quarters of a minute, and jumps of an hour."""
    world = cities.world(scenario)
    for step_s in STEPS_S:
        now_us = cities.START_US + step_s * SECOND_US
        world.step(now_us)
        yield world, now_us


@pytest.fixture(scope="module")
def sent() -> dict[str, list[tuple[int, Outgoing]]]:
    """What each feed's devices send during a rainstorm, with its time."""
    found: dict[str, list[tuple[int, Outgoing]]] = {name: [] for name in FEEDS}
    for world, now_us in lived("storm"):
        for name, feed in FEEDS.items():
            found[name] += [(now_us, message) for message in feed.observe(world, now_us)]
    return found


def raw(feed: str, outgoing: list[tuple[int, Outgoing]]) -> list[RawMessage]:
    return [RawMessage(f"raw.{feed}", 0, str(i), o.key, o.value, t) for i, (t, o) in enumerate(outgoing)]


@EVERY
def test_is_named_in_both_languages_and_says_who_may_see_it(feed: Feed) -> None:
    assert _WORD.fullmatch(feed.name)
    assert feed.rights.see
    labels: list[Label] = [feed.label, *(kind.label for kind in feed.kinds)]
    labels += [*feed.thing_kinds.values(), *feed.event_kinds.values()]
    assert all(re.search("[一-鿿]", label.zh) or label.zh.isascii() for label in labels)
    assert all(not re.search("[一-鿿]", label.en) for label in labels)
    assert feed.lateness_s > 0


@EVERY
def test_declares_known_units_and_ordered_limits(feed: Feed) -> None:
    for kind in feed.kinds:
        assert kind.unit in UNITS, kind
        assert kind.possible[0] <= kind.plausible[0] < kind.plausible[1] <= kind.possible[1], kind
        low, high = UNITS[kind.unit].possible
        assert low <= kind.possible[0] and kind.possible[1] <= high, kind
        assert kind.interval_s > 0
        assert kind.stuck_after_s is None or kind.stuck_after_s > kind.interval_s
        assert kind.jump_per_s is None or kind.jump_per_s > 0
        assert _WORD.fullmatch(kind.observed_property)
    assert len({kind.observed_property for kind in feed.kinds}) == len(feed.kinds)
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", name) for name in feed.event_kinds)


@OBSERVING
def test_declares_what_its_things_in_the_catalog_observe(name: str) -> None:
    feed, catalog = FEEDS[name], cities.catalog()
    streams = [stream for stream in catalog.datastreams.values() if stream.feed == name]
    declared = {kind.observed_property: kind for kind in feed.kinds}
    assert {thing.kind for thing in catalog.things.values() if thing.feed == name} == set(feed.thing_kinds)
    assert {stream.observed_property for stream in streams} == set(declared)
    for stream in streams:
        assert stream.unit == declared[stream.observed_property].unit
        assert stream.interval_s <= declared[stream.observed_property].interval_s


@OBSERVING
def test_calls_kinds_of_things_as_a_pack_does(name: str) -> None:
    of_packs = {kind.name: kind.label for kind in THING_KINDS.values() if kind.feed == name}
    assert of_packs.items() <= FEEDS[name].thing_kinds.items()


@EVERY
def test_observed_properties_mean_one_thing_in_all_feeds(feed: Feed) -> None:
    elsewhere = {kind.observed_property for other in FEEDS.values() if other is not feed for kind in other.kinds}
    assert not elsewhere & {kind.observed_property for kind in feed.kinds}


@OBSERVING
def test_what_its_devices_send_is_accepted(name: str, sent: dict[str, list[tuple[int, Outgoing]]]) -> None:
    messages = raw(name, sent[name])
    found = FEEDS[name].decode(messages, cities.catalog(), cities.START_US)
    total = sum(outgoing.count for _, outgoing in sent[name])
    assert total > 0, "it sent nothing"
    assert found.accepted + found.rejected == total
    assert found.accepted >= 0.99 * total, found.rejects[:5]
    meant = {"not_a_number", "beyond_physics"}
    assert {reject.reason.value for reject in found.rejects} <= meant, "only devices at fault are refused"


@OBSERVING
def test_says_of_each_message_how_much_it_carries(name: str, sent: dict[str, list[tuple[int, Outgoing]]]) -> None:
    for message, (_, outgoing) in zip(raw(name, sent[name]), sent[name], strict=True):
        found = FEEDS[name].decode([message], cities.catalog(), message.time_us)
        assert found.accepted + found.rejected == outgoing.count


@OBSERVING
def test_marks_everything_of_the_model_city_as_simulated_and_nothing_as_late(
    name: str, sent: dict[str, list[tuple[int, Outgoing]]]
) -> None:
    found = FEEDS[name].decode(raw(name, sent[name]), cities.catalog(), cities.START_US)
    flags = [*found.observations.quality.tolist(), *found.positions.quality.tolist()]
    assert all(flag & Quality.SIMULATED for flag in flags)
    assert not any(flag & Quality.LATE for flag in flags)
    odd = sum(bool(flag & Quality.OUT_OF_RANGE) for flag in flags)
    assert odd <= 0.01 * max(len(flags), 100)


@OBSERVING
def test_a_thing_always_sends_with_the_same_key_and_never_twice_at_a_time(
    name: str, sent: dict[str, list[tuple[int, Outgoing]]]
) -> None:
    key_of: dict[int, bytes] = {}
    seen: Counter[tuple[int, int]] = Counter()
    for message in raw(name, sent[name]):
        found = FEEDS[name].decode([message], cities.catalog(), message.time_us)
        owners = cities.catalog().thing_of[found.observations.datastream].tolist() + found.positions.thing.tolist()
        assert all(key_of.setdefault(owner, message.key) == message.key for owner in owners)
        batch = found.observations
        seen.update(zip(batch.datastream.tolist(), batch.phenomenon_time_us.tolist(), strict=True))
    assert not [row for row, times in seen.items() if times > 1]


@OBSERVING
def test_every_kind_that_it_declares_is_sent(name: str, sent: dict[str, list[tuple[int, Outgoing]]]) -> None:
    found = FEEDS[name].decode(raw(name, sent[name]), cities.catalog(), cities.START_US)
    streams = cities.catalog().datastreams
    properties = {streams[key].observed_property for key in set(found.observations.datastream.tolist())}
    assert properties == {kind.observed_property for kind in FEEDS[name].kinds}
    assert {event.kind for event in found.events} <= set(FEEDS[name].event_kinds)


def test_the_same_city_sends_the_same_bytes(sent: dict[str, list[tuple[int, Outgoing]]]) -> None:
    again: dict[str, list[tuple[int, Outgoing]]] = {name: [] for name in FEEDS}
    for world, now_us in lived("storm"):
        for name, feed in FEEDS.items():
            again[name] += [(now_us, message) for message in feed.observe(world, now_us)]
    assert again == sent


def test_observing_again_sends_the_same_and_changes_nothing() -> None:
    world = cities.world()
    now_us = cities.START_US + 10 * SECOND_US
    world.step(now_us)
    for feed in FEEDS.values():
        assert feed.observe(world, now_us) == feed.observe(world, now_us), feed.name


def test_a_clock_that_goes_back_sends_nothing_again() -> None:
    world = cities.world()
    now_us = cities.START_US + HOUR_US
    world.step(now_us)
    for time_us in (now_us - 1800 * SECOND_US, now_us):
        world.step(time_us)
        assert not [message for feed in FEEDS.values() for message in feed.observe(world, time_us)]


@EVERY
def test_damaged_bytes_never_raise_and_are_counted(feed: Feed, sent: dict[str, list[tuple[int, Outgoing]]]) -> None:
    chance = random.Random(7)
    values = [outgoing.value for _, outgoing in sent[feed.name][:40]] or [b'{"v":1,"t":1,"things":["a"],"x":[1]}']
    for _ in range(300):
        value = bytearray(chance.choice(values))
        for _ in range(chance.randint(1, 6)):
            value[chance.randrange(len(value))] = chance.randrange(256)
        cut = bytes(value[: chance.randrange(1, len(value) + 1)])
        message = RawMessage(f"raw.{feed.name}", 0, "0", b"", cut, cities.START_US)
        found = feed.decode([message], cities.catalog(), cities.START_US)
        assert found.accepted + found.rejected >= 1
        assert {reject.message for reject in found.rejects} <= {0}


@EVERY
def test_an_empty_catalog_and_no_messages_are_no_error(feed: Feed, sent: dict[str, list[tuple[int, Outgoing]]]) -> None:
    assert feed.decode([], Catalog.empty(), 0).accepted == 0
    messages = raw(feed.name, sent[feed.name])
    found = feed.decode(messages, Catalog.empty(), cities.START_US)
    assert found.accepted == 0
    assert found.rejected == sum(outgoing.count for _, outgoing in sent[feed.name])
