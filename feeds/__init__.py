"""Feeds, one file each: what it sends, units, ranges, how to decode it, what it observes of the model city.

``all_feeds()`` is what the rest of the center sees; ``contract.py`` says what a file has to hold.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache

from feeds.contract import Feed
from ops_center.domain.registry import scan


@cache
def all_feeds() -> Mapping[str, Feed]:
    """Return name → feed of every file in this package and every installed extension."""
    return scan(sys.modules[__name__], "FEED", Feed)  # type: ignore[type-abstract]
