"""Feeds, one file each: what it sends, units, ranges, how to decode it, what it observes of the model city.

``all_feeds()`` is what the rest of the center sees; ``contract.py`` says what a file has to hold.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache

from feeds.contract import Feed
from ops_center.city.kinds import THING_KINDS
from ops_center.domain.registry import scan
from ops_center.domain.text import Label


@cache
def all_feeds() -> Mapping[str, Feed]:
    """Return name → feed of every file in this package and every installed extension."""
    return scan(sys.modules[__name__], "FEED", Feed)  # type: ignore[type-abstract]


@cache
def kind_names() -> Mapping[str, Label]:
    """Return kind of things → what it is called: those of city packs and those that feeds bring."""
    brought = {kind: label for feed in all_feeds().values() for kind, label in feed.thing_kinds.items()}
    return {**brought, **{name: kind.label for name, kind in THING_KINDS.items()}}


def kind_name(kind: str) -> Label:
    """Return what a kind of things is called; the bare code of one that only its producer knows."""
    return kind_names().get(kind) or Label(kind, kind)
