"""Everything about alarms that one web process has, put together: for pages, stream and open interfaces alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from alerts.rule import Rule
from feeds.contract import Feed
from ops_center.domain.catalog import Catalog
from ops_center.domain.time import Clock
from ops_center.services.alarm_cards import AlarmCards
from ops_center.services.alarm_watch import AlarmWatch
from ops_center.services.alarm_words import AlarmWords, feed_names
from ops_center.services.alarms import AlarmDesk
from ops_center.services.hand_over import HandOvers
from ops_center.services.judging_watch import JudgingWatch
from ops_center.store.listening import ALARMS
from ops_center.store.port import Store


@dataclass(frozen=True, slots=True)
class AlarmRoom:
    """The desk, and what it works with."""

    desk: AlarmDesk
    """what somebody asks and does; takes who asks"""
    watch: AlarmWatch
    """all open alarms in memory, whoever asks"""
    judging: JudgingWatch
    """whether alarms are judged at all"""
    words: AlarmWords
    """names of rules and things; alarms as JSON"""
    cards: AlarmCards
    """one alarm with everything that belongs to it"""
    hand_overs: HandOvers
    """shifts and what they leave"""

    def follow(self, store: Store, stop: threading.Event) -> None:
        """Begin to watch; ends with ``stop``."""
        self.watch.follow(store.listen(ALARMS), stop)
        self.judging.follow(stop)


def make_alarm_room(
    store: Store,
    catalog: Callable[[], Catalog],
    rules: Callable[[], Mapping[str, Rule]],
    feeds: Mapping[str, Feed],
    clock: Clock,
    zone: str = "UTC",
) -> AlarmRoom:
    """Return the room; nothing is asked or followed yet. ``zone``: the city's, for times in texts."""
    watch, words = AlarmWatch(store.alarms), AlarmWords(rules, catalog, feed_names(feeds))
    desk = AlarmDesk(store, watch, clock)
    cards = AlarmCards(desk, words, store.history, catalog, feeds)
    hand_overs = HandOvers(store, desk, words.rule_label, zone, clock, words.thing_name)
    return AlarmRoom(desk, watch, JudgingWatch(store.health, clock), words, cards, hand_overs)
