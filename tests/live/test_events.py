"""The events of the last hour."""

from __future__ import annotations

from ops_center.live.events import EventBook
from tests.live.batches import T0, event

MINUTE_US = 60_000_000


def test_events_come_out_oldest_first_and_each_once() -> None:
    book = EventBook()
    assert [e.event_id for e in book.add([event("b", 2), event("a", 1)], T0)] == ["b", "a"]
    assert book.add([event("a", 1)], T0) == ()
    assert [e.event_id for e in book.recent(T0)] == ["a", "b"]


def test_the_same_identifier_from_another_feed_is_another_event() -> None:
    book = EventBook()
    assert len(book.add([event("a"), event("a", feed="weather")], T0)) == 2


def test_events_leave_after_an_hour() -> None:
    book = EventBook()
    book.add([event("a"), event("b", 30)], T0)
    assert [e.event_id for e in book.recent(T0 + 60 * MINUTE_US + 1)] == ["b"]
    assert book.add([event("old", -3700)], T0) == ()


def test_a_flood_of_events_keeps_the_newest_within_the_limit() -> None:
    book = EventBook(limit=100)
    for second in range(1000):
        book.add([event(str(second), second)], T0 + second * 1_000_000)
        assert len(book.recent(T0 + second * 1_000_000)) <= 100
    assert book.recent(T0 + 999_000_000)[-1].event_id == "999"
