"""Things are registered, changed, moved and retired; keys are never used again; every change is one version."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import psycopg
import pytest

from ops_center.domain.catalog import Datastream, Thing, TimeKind
from ops_center.domain.errors import CatalogError, ThingChanged
from ops_center.domain.text import Label
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.store.shapes import REALM, number, stream, thing


def _only(store: Store) -> Thing:
    (found,) = store.catalog.load().things.values()
    return found


def test_what_was_registered_is_loaded_as_it_was(store: Store) -> None:
    one = thing("S1", attributes={"road_id": "r1", "lanes": 3, "名": ["中", None]})
    flow = ("traffic", "S1", Datastream(-1, -1, "vehicle_flow", "{vehicles}/h", "traffic", 10.0, TimeKind.INTERVAL))
    version = store.catalog.register([one], [stream("S1"), flow], "test")
    catalog = store.catalog.load()
    assert catalog.version == version == store.catalog.version()
    loaded = _only(store)
    assert replace(loaded, key=-1) == one
    assert {s.observed_property: s.time_kind for s in catalog.of_thing(loaded.key)} == {
        "vehicle_speed": TimeKind.INSTANT,
        "vehicle_flow": TimeKind.INTERVAL,
    }


def test_registering_the_same_again_changes_nothing(store: Store, url: str) -> None:
    version = store.catalog.register([thing("S1")], [stream("S1")], "test")
    before = number(url, "SELECT count(*) FROM center.catalog_log")
    assert store.catalog.register([thing("S1")], [stream("S1")], "test") == version
    assert number(url, "SELECT count(*) FROM center.catalog_log") == before
    assert number(url, "SELECT count(*) FROM center.thing_place") == 1


def test_a_change_keeps_the_keys_and_says_in_the_log_what_was_before(store: Store, url: str) -> None:
    version = store.catalog.register([thing("S1")], [stream("S1")], "test")
    before = store.catalog.load()
    changed = thing("S1", attributes={"road_id": "r2"})
    assert store.catalog.register([changed], [stream("S1", interval_s=30.0)], "console") == version + 1
    after = store.catalog.load()
    assert after.things.keys() == before.things.keys()
    assert after.datastreams.keys() == before.datastreams.keys()
    assert next(iter(after.datastreams.values())).interval_s == 30.0
    with psycopg.connect(url) as connection:
        log = connection.execute("SELECT origin, detail FROM center.catalog_log WHERE action = 'changed'").fetchall()
    assert ("console", {"road_id": "r1"}) in [(origin, detail.get("attributes")) for origin, detail in log]


def test_a_thing_keeps_every_place_it_ever_had_with_its_dates(store: Store, url: str) -> None:
    store.catalog.register([thing("S1", 118.1)], [], "test")
    store.catalog.move("traffic", "S1", 118.2, 32.0, "console")
    store.catalog.register([thing("S1", 118.2, district="gulou")], [], "console")
    with psycopg.connect(url) as connection:
        places = connection.execute(
            "SELECT longitude, district, valid_from::text, valid_to IS NULL,"
            " valid_from = lag(valid_to) OVER (ORDER BY valid_from) FROM center.thing_place ORDER BY valid_from"
        ).fetchall()
    assert [row[:2] for row in places] == [(118.1, "xuanwu"), (118.2, "xuanwu"), (118.2, "gulou")]
    assert places[0][2] == "-infinity"
    assert [row[3] for row in places] == [False, False, True]
    assert [row[4] for row in places[1:]] == [True, True], "one place begins where the other ends"
    assert (_only(store).longitude, _only(store).district) == (118.2, "gulou")


def test_moving_to_where_it_is_changes_nothing(store: Store) -> None:
    version = store.catalog.register([thing("S1", 118.1)], [], "test")
    assert store.catalog.move("traffic", "S1", 118.1, 32.0, "console") == version


def test_a_retired_thing_keeps_its_keys_and_accepts_nothing_more(store: Store) -> None:
    version = store.catalog.register([thing("S1")], [stream("S1")], "test")
    assert store.catalog.retire("traffic", "S1", "console") == version + 1
    assert store.catalog.retire("traffic", "S1", "console") == version + 1
    catalog = store.catalog.load()
    assert catalog.thing_keys == {}
    assert catalog.datastream_keys("traffic", "vehicle_speed") == {}
    assert [s.retired for s in catalog.datastreams.values()] == [True]
    with pytest.raises(CatalogError, match="retired"):
        store.catalog.register([thing("S1")], [], "console")
    with pytest.raises(CatalogError, match="retired"):
        store.catalog.move("traffic", "S1", 1.0, 1.0, "console")


def test_keys_of_the_retired_and_of_the_refused_are_not_given_again(store: Store) -> None:
    store.catalog.register([thing("S1")], [stream("S1")], "test")
    store.catalog.retire("traffic", "S1", "test")
    with pytest.raises(CatalogError):
        store.catalog.register([thing("S2")], [stream("nobody")], "test")
    store.catalog.register([thing("S2")], [stream("S2")], "test")
    first, second = sorted(store.catalog.load().things)
    assert second == first + 1, "a refused registration left a hole"


def test_a_seed_adds_what_is_missing_and_leaves_what_was_edited(store: Store) -> None:
    pack = [thing("S1", 118.1), thing("S2", 118.1), thing("S3", 118.1)]
    streams = [stream("S1"), stream("S2"), stream("S3")]
    store.catalog.register(pack[:2], streams[:2], "pack", only_new=True)
    store.catalog.move("traffic", "S1", 118.9, 32.0, "console")
    store.catalog.retire("traffic", "S2", "console")
    version = store.catalog.register(pack, streams, "pack", only_new=True)
    assert store.catalog.register(pack, streams, "pack", only_new=True) == version
    found = {t.thing_id: (t.longitude, t.retired) for t in store.catalog.load().things.values()}
    assert found == {"S1": (118.9, False), "S2": (118.1, True), "S3": (118.1, False)}
    assert len(store.catalog.load().datastreams) == 3


@pytest.mark.parametrize(
    ("things", "streams", "says"),
    [
        ([], [stream("nobody")], "nobody.*not registered"),
        ([thing("")], [], "thing_id is empty"),
        ([thing("S\0")], [], "can't be stored"),
        ([thing("S1", 181.0)], [], "longitude 181"),
        ([thing("S1", float("nan"))], [], "no place"),
        ([thing("S1")], [stream("S1", interval_s=0.0)], "interval_s"),
        ([thing("S1")], [stream("S1", unit="")], "unit is empty"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name_and_nothing_is_kept(
    store: Store, things: list[Thing], streams: list[tuple[str, str, Datastream]], says: str
) -> None:
    version = store.catalog.version()
    with pytest.raises(CatalogError, match=says):
        store.catalog.register([thing("good"), *things], streams, "test")
    assert store.catalog.version() == version
    assert not store.catalog.load().things


def test_a_datastream_keeps_its_unit(store: Store) -> None:
    store.catalog.register([thing("S1")], [stream("S1")], "test")
    with pytest.raises(CatalogError, match=r"km/h.*m/s.*another observed property"):
        store.catalog.register([thing("S1")], [stream("S1", unit="m/s")], "test")


def test_what_is_not_there_cannot_be_moved_or_retired(store: Store) -> None:
    with pytest.raises(CatalogError, match="traffic/S1 is not registered"):
        store.catalog.move("traffic", "S1", 1.0, 1.0, "test")
    with pytest.raises(CatalogError, match="traffic/S1 is not registered"):
        store.catalog.retire("traffic", "S1", "test")


def test_of_two_that_name_the_same_thing_in_one_call_the_later_counts(store: Store) -> None:
    store.catalog.register([thing("S1", 118.1), thing("S1", 118.2)], [], "test")
    assert _only(store).longitude == 118.2


def test_two_registrars_at_once_register_each_thing_once(store: Store, url: str) -> None:
    things = [thing(f"S{n}") for n in range(200)]
    streams = [stream(f"S{n}") for n in range(200)]
    base = store.catalog.version()
    versions: list[int] = []

    def register(longitude: float) -> None:
        own = open_store(url, REALM)
        for _ in range(3):
            placed = [replace(t, longitude=longitude) for t in things]
            versions.append(own.catalog.register(placed, streams, f"registrar {longitude}"))
        own.close()

    registrars = [threading.Thread(target=register, args=(118.0 + n,)) for n in range(3)]
    for registrar in registrars:
        registrar.start()
    for registrar in registrars:
        registrar.join(60)
    catalog = store.catalog.load()
    assert len(versions) == 9
    assert len(catalog.things) == len(catalog.datastreams) == 200
    assert len({t.longitude for t in catalog.things.values()}) == 1, "all of one registrar, not a mixture"
    assert base < catalog.version <= base + 9
    assert number(url, "SELECT count(*) FROM center.thing_place WHERE valid_to IS NULL") == 200


def test_nobody_waits_for_rows_that_are_still_on_their_way(store: Store) -> None:
    others: list[int] = []

    def meanwhile(rows: int) -> None:
        others.append(store.catalog.register([thing(f"other {rows}")], [], "test"))

    version = store.catalog.register([thing("S1")], [], "test", progress=meanwhile)
    assert others
    assert version == others[-1] + 1
    assert len(store.catalog.load().things) == len(others) + 1


def test_a_change_is_announced(store: Store, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("LISTEN catalog")
        version = store.catalog.register([thing("S1")], [], "test")
        told = [note.payload for note in listener.notifies(timeout=5, stop_after=1)]
    assert told == [str(version)]


def test_five_thousand_things_are_registered_within_seconds(store: Store) -> None:
    things = [replace(thing(f"S{n}"), name=Label("器", str(n))) for n in range(5000)]
    streams = [stream(f"S{n}", p) for n in range(5000) for p in ("vehicle_speed", "vehicle_flow", "lane_occupancy")]
    started = time.perf_counter()
    store.catalog.register(things, streams, "pack", only_new=True)
    assert time.perf_counter() - started < 10, "0.3 s alone on two cores; a loaded machine may take longer"
    assert len(store.catalog.load().datastreams) == 15_000


def test_what_is_believed_of_a_thing_is_asked_within_the_transaction_that_changes_it(store: Store) -> None:
    store.catalog.register([thing("S1")], [], "ada", expected={("traffic", "S1"): None})
    believed = _only(store)
    with pytest.raises(ThingChanged) as there:
        store.catalog.register([thing("S1", 118.9)], [], "ben", expected={("traffic", "S1"): None})
    assert (there.value.thing_id, there.value.origin) == ("S1", "ada")
    store.catalog.register([thing("S1", 118.9)], [], "ben", expected={("traffic", "S1"): believed})
    with pytest.raises(ThingChanged) as passed:
        store.catalog.retire("traffic", "S1", "cai", expected=believed)
    assert passed.value.origin == "ben" and passed.value.at_us > 0
    assert (_only(store).longitude, _only(store).retired) == (118.9, False)
    store.catalog.retire("traffic", "S1", "cai", expected=_only(store))
    assert _only(store).retired


def test_whoever_is_told_of_progress_can_undo_everything(store: Store) -> None:
    version = store.catalog.version()
    told: list[int] = []

    def progress(rows: int) -> None:
        told.append(rows)
        if rows >= 1000:
            raise InterruptedError("nobody waits any more")

    with pytest.raises(InterruptedError):
        store.catalog.register([thing(f"S{n}") for n in range(1500)], [], "test", progress=progress)
    assert told == [0, 500, 1000]
    assert (store.catalog.version(), dict(store.catalog.load().things)) == (version, {})
