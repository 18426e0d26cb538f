"""Which topics exist and who writes them. Names are without the realm, which the bus adds.

``raw.<feed>``: bytes as the devices send them, written by gateways, the simulator and outside producers.
The canonical topics: what intake made of them, columnar (``ops_center.domain.wire``). All have the same
number of partitions, and intake writes what it read from raw partition p to canonical partition p, so that
the order of a thing's records never changes and nothing is hashed twice.
"""

from __future__ import annotations

OBSERVATIONS = "observations"
POSITIONS = "positions"
EVENTS = "events"
CATALOG = "catalog"
"""registrations by outside producers: one JSON object per record (docs/feeds.md)"""

CANONICAL = (OBSERVATIONS, POSITIONS, EVENTS)


def raw(feed: str) -> str:
    """Return the raw topic of a feed."""
    return f"raw.{feed}"


def feed_of(topic: str) -> str:
    """Return the feed of a raw topic."""
    return topic.removeprefix("raw.")
