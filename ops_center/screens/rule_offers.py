"""What the fields of a scope offer: by the catalog, the feeds and the other rules. Called by ``rule_editor``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from alerts.contract import RuleType
from feeds import all_feeds
from ops_center.city.scope_names import scope_names
from ops_center.domain.catalog import Catalog
from ops_center.domain.text import Label
from ops_center.screens.desk_parts import Options
from ops_center.screens.rule_fields import Field
from ops_center.screens.rule_words import value_of
from ops_center.screens.screen import Center
from ops_center.store.version_port import VersionRow

_MOST_VALUES = 30
"""of an attribute: one that has more tells things apart and scopes nothing"""


def words_of_feeds() -> Mapping[str, Mapping[str, Label]]:
    """Return field of a scope → code → name, as the feeds declare them."""
    feeds = all_feeds().values()
    return {
        "feed": {feed.name: feed.label for feed in feeds},
        "observed_property": {kind.observed_property: kind.label for feed in feeds for kind in feed.kinds},
        "kind": {code: label for feed in feeds for code, label in feed.thing_kinds.items()},
        "kinds": {code: label for feed in feeds for code, label in feed.event_kinds.items()},
    }


def names_of_scopes(center: Center) -> Mapping[str, Mapping[str, Label]]:
    """Return field of a scope → code → name, with districts and departments of the city."""
    names = scope_names(center.pack)
    return {**words_of_feeds(), "district": names.districts, "department": names.departments}


def offers(
    center: Center, catalog: Catalog, rows: Iterable[VersionRow], types: Mapping[str, RuleType]
) -> Mapping[str, Options]:
    """Return name of a field → what it offers."""
    offered = {name: tuple(words.items()) for name, words in names_of_scopes(center).items()}
    return {**offered, "attributes": _attributes(catalog), "legs": _legs(rows, types)}


def offered(field: Field, all_: Mapping[str, Options]) -> Options:
    """Return what one field offers."""
    if field.choices:
        return tuple((one, value_of(one)) for one in field.choices)
    return all_.get("legs" if field.kind == "legs" else field.name, ())


def _legs(rows: Iterable[VersionRow], types: Mapping[str, RuleType]) -> Options:
    """Return the conditions of rules of the first stage: of each level and worse."""
    found = []
    for row in rows:
        type_ = types.get(str(row.form.get("type")))
        if type_ is None or type_.source == "conditions":
            continue
        label = label_of(row)
        found.append((row.name, label))
        levels = sorted({channel.level for channel in type_.channels} - {1})
        found += [
            (f"{row.name}@{n}", Label(f"{label.zh}（{n}级及以上）", f"{label.en} (level {n} up)")) for n in levels
        ]
    return tuple(found)


def label_of(row: VersionRow) -> Label:
    """Return the name of a rule; its code where its form can't be read."""
    words = row.form.get("label")
    zh, en = (words.get("zh"), words.get("en")) if isinstance(words, Mapping) else (None, None)
    return Label(str(zh or row.name), str(en or row.name))


@lru_cache(maxsize=2)
def _attributes(catalog: Catalog) -> Options:
    counts: dict[str, Counter[str]] = {}
    for thing in catalog.things.values():
        for name, given in thing.attributes.items():
            held = counts.setdefault(name, Counter())
            if len(held) <= _MOST_VALUES:
                held.update(_written(one) for one in (given if isinstance(given, list) else [given]) if _is_plain(one))
    pairs = [
        (f"{name}={value}") for name, held in counts.items() if len(held) <= _MOST_VALUES for value in sorted(held)
    ]
    return tuple((pair, Label(pair, pair)) for pair in sorted(pairs))


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool) and value != ""


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def scope_in_words(form: Mapping[str, Any], names: Mapping[str, Mapping[str, Label]]) -> Label:
    """Return over what a rule holds, in a few words."""
    scope = form.get("scope")
    parts: list[Label] = []
    for name, given in scope.items() if isinstance(scope, Mapping) else ():
        if given is None or given == {}:
            continue
        if name == "area":
            parts.append(Label("手绘区域", "an outline"))
        elif name == "attributes" and isinstance(given, Mapping):
            parts += [Label(text, text) for text in (f"{key}={_listed(value)}" for key, value in given.items())]
        elif name != "subject":
            codes = given if isinstance(given, list) else [given]
            some = [names.get(name, {}).get(str(code)) or Label(str(code), str(code)) for code in codes]
            parts.append(Label("、".join(one.zh for one in some), ", ".join(one.en for one in some)))
    if not parts:
        return Label("全部", "everything")
    return Label(" · ".join(one.zh for one in parts), " · ".join(one.en for one in parts))


def _listed(value: Any) -> str:
    values: Sequence[Any] = value if isinstance(value, list) else [value]
    return "|".join(_written(one) for one in values)
