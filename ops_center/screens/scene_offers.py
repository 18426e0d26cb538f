"""What the fields of a panel's options are chosen from: by the catalog, the feeds and the city as they are now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alerts.alarm import Priority
from feeds import all_feeds
from ops_center.city.kinds import FEEDS
from ops_center.city.scope_names import scope_names
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.legend import looks_of
from ops_center.screens.panels.figures_of import name_of
from ops_center.screens.property_words import property_names
from ops_center.screens.screen import Center

Offer = list[Any]
"""[value, Chinese, English]"""
_AGGREGATES = ("city_figures", "vital_signs")
_MOST = 3000


def scene_offers(center: Center) -> dict[str, list[Offer]]:
    """Return list → what it offers to whoever asks."""
    who = asker()
    events = {kind: label for feed in all_feeds().values() for kind, label in feed.event_kinds.items()}
    layers = {name: layer.label for name, layer in center.layers.items() if who.may_see(layer.rights)}
    looks = {name: label for layer in center.layers.values() for name, label in looks_of(layer).items()}
    return {
        "references": _references(center),
        "properties": _offers(property_names().items()),
        "layers": _offers(layers.items()),
        "looks": _offers(looks.items()),
        "feeds": _offers(FEEDS.items()),
        "departments": _offers(scope_names(center.pack).departments.items()),
        "event_kinds": _offers(events.items()),
        "priorities": [[int(one), one.label.zh, one.label.en] for one in Priority],
    }


def _offers(pairs: Iterable[tuple[str, Label]]) -> list[Offer]:
    return [[value, label.zh, label.en] for value, label in pairs]


def _references(center: Center) -> list[Offer]:
    """Return the figures of the whole city; a sensor's series is typed in, as its page names it."""
    catalog = center.frame().catalog
    found: list[Offer] = []
    for stream in catalog.datastreams.values():
        thing = catalog.things.get(stream.thing)
        if thing is None or thing.producer not in _AGGREGATES or stream.retired or len(found) >= _MOST:
            continue
        name = name_of(stream.observed_property)
        value = f"{thing.producer}/{thing.thing_id}#{stream.observed_property}"
        found.append([value, f"{thing.name.zh} · {name.zh}", f"{thing.name.en} · {name.en}"])
    return found
