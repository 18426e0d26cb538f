"""How old the feeds are, also when clocks jump."""

from __future__ import annotations

import numpy as np

from ops_center.domain.observations import ObservationBatch
from ops_center.live.latest import rows_of_observations, take
from ops_center.live.port import Changed, LatestPositions, LatestValues, LiveHealth
from ops_center.screens.stream.feed_ages import FeedAges
from tests.live.batches import T0, event, observations
from tests.screens.stream.plane import catalog

SECOND = 1_000_000


class Held:
    """What a mirror holds, in memory alone."""

    def __init__(self) -> None:
        self.values = LatestValues()
        self.positions = LatestPositions()
        self.events = ()

    def take(self, batch: ObservationBatch, now_us: int) -> Changed:
        keys = take(self.values, batch.datastream, rows_of_observations(batch), now_us)
        return Changed(keys, np.empty(0, np.int32), ())

    def load(self) -> Changed:
        raise NotImplementedError

    def follow(self, timeout_s: float) -> Changed | None:
        raise NotImplementedError

    def health(self) -> LiveHealth:
        return LiveHealth("ok", 0.0)

    def close(self) -> None: ...


def test_the_newest_observation_of_a_feed_is_its_age() -> None:
    held, ages = Held(), FeedAges()
    ages.reset(held, catalog(1, 4), T0)
    assert ages.ages(T0) == {"dots": {"age_s": None, "aged": True}}
    assert ages.take(held.take(observations([0, 1], [-2, -1], [1, 1]), T0), held, T0) == {"dots"}
    assert ages.ages(T0) == {"dots": {"age_s": 1.0, "aged": False}}
    assert ages.ages(T0 + 10 * SECOND) == {"dots": {"age_s": 11.0, "aged": True}}


def test_after_the_clock_was_set_back_the_feed_is_not_young_for_ever() -> None:
    held, ages = Held(), FeedAges()
    ages.reset(held, catalog(1, 4), T0)
    hour_later = T0 + 3600 * SECOND
    ages.take(held.take(observations([0], [3600], [1]), hour_later), held, hour_later)
    ages.take(held.take(observations([1], [0], [1]), T0), held, T0)
    assert ages.ages(T0 + 20 * SECOND)["dots"] == {"age_s": 20.0, "aged": True}


def test_events_and_keys_nobody_registered_do_no_harm() -> None:
    held, ages = Held(), FeedAges()
    ages.reset(held, catalog(1, 4), T0)
    assert ages.take(held.take(observations([900], [0], [1]), T0), held, T0) == frozenset()
    happened = Changed(np.empty(0, np.int32), np.empty(0, np.int32), (event("e", -3.0),))
    assert ages.take(happened, held, T0) == {"video"}
    assert ages.ages(T0)["video"]["age_s"] == 3.0
