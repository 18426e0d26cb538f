"""Out of quarantine: what was registered since is accepted, exactly that, and the counts say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from feeds import all_feeds
from ops_center.intake.releasing import Releaser
from ops_center.store.opening import open_store
from ops_center.store.watching import CatalogWatch
from tests.intake.center import CLOCK, FEED, REALM, SPEED, THINGS, Center, registered
from tests.servers.webs import until


@pytest.fixture
def releaser(center: Center) -> Iterator[Releaser]:
    with closing(open_store(center.database_url, REALM)) as store:
        yield Releaser(all_feeds(), center.bus, store.quarantine, CatalogWatch(store.catalog), CLOCK)


def register(center: Center, *names: str) -> None:
    with closing(open_store(center.database_url, REALM)) as store:
        store.catalog.register(*registered(names, SPEED), "test")


def send_and_wait(center: Center, *bodies: dict[str, object], received: int) -> None:
    with center.intake():
        center.send(*bodies)
        until(lambda: center.counts().received >= received, 40)


def test_a_message_waits_until_its_thing_is_registered(center: Center, releaser: Releaser) -> None:
    send_and_wait(center, center.speeds(["new"]), received=1)
    assert releaser.turn() == 0
    assert standing(center) == {"unknown_datastream": 1}
    register(center, "new")
    assert releaser.turn() == 1
    counts = center.counts()
    assert (counts.received, counts.accepted, counts.quarantined) == (1, 1, 0)
    assert len(center.published()) == 1
    assert releaser.turn() == 0


def test_of_a_message_only_what_is_known_now_is_released(center: Center, releaser: Releaser) -> None:
    send_and_wait(center, center.speeds([THINGS[0], "a", "b"]), received=3)
    register(center, "a")
    releaser.turn()
    counts = center.counts()
    assert (counts.received, counts.accepted, counts.quarantined) == (3, 2, 1)
    assert standing(center) == {"unknown_datastream": 1}
    register(center, "b")
    releaser.turn()
    counts = center.counts()
    assert (counts.accepted, counts.quarantined) == (3, 0)
    assert center.distinct() == 3


def test_what_turns_out_to_be_impossible_stays_in_quarantine_with_its_own_reason(
    center: Center, releaser: Releaser
) -> None:
    body = center.speeds(["a", "b", THINGS[0], THINGS[1]])
    body[SPEED] = [50.0, None, None, 50.0]
    send_and_wait(center, body, received=4)
    assert standing(center) == {"unknown_datastream": 2, "not_a_number": 1}
    register(center, "a", "b")
    releaser.turn()
    counts = center.counts()
    assert (counts.received, counts.accepted, counts.quarantined) == (4, 2, 2)
    assert standing(center) == {"not_a_number": 2}


def test_what_was_refused_by_an_older_catalog_after_the_change_is_not_forgotten(
    center: Center, releaser: Releaser
) -> None:
    register(center, "new")
    assert releaser.turn() == 0  # nothing stands there yet; the newest catalog has been looked at
    put_into_quarantine(center, "new")
    assert releaser.turn() == 1
    assert center.distinct() == 1


def test_two_releasers_release_once(center: Center, releaser: Releaser) -> None:
    send_and_wait(center, *[center.speeds(["new"]) for _ in range(20)], received=20)
    register(center, "new")
    with closing(open_store(center.database_url, REALM)) as store:
        other = Releaser(all_feeds(), center.bus, store.quarantine, CatalogWatch(store.catalog), CLOCK)
        assert releaser.turn() == 20
        assert other.turn() == 0
    assert center.counts().accepted == 20


def put_into_quarantine(center: Center, thing: str) -> None:
    """As an intake worker does that has not heard of the thing yet."""
    stranger = center.speeds(["stranger"])
    send_and_wait(center, stranger, received=1)
    with psycopg.connect(center.database_url) as connection:
        connection.execute(
            f"UPDATE {REALM.schema}.quarantine SET payload = replace(convert_from(payload, 'UTF8'), 'stranger', %s)"
            "::bytea WHERE feed = %s",
            (thing, FEED),
        )


def standing(center: Center) -> dict[str, int]:
    sql = f"SELECT reason, sum(count) FROM {REALM.schema}.quarantine WHERE released IS NULL GROUP BY reason"
    with psycopg.connect(center.database_url) as connection:
        return {str(reason): int(count) for reason, count in connection.execute(sql)}
