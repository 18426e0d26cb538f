"""What is shown of routes: rows of the list, the versions of one with what each changed, what became of a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import msgspec

from alerts.route import Route
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.screens.desk_parts import Mark, badge, table, when
from ops_center.screens.notification_rows import ACTS, CHANNELS, STATES, why_of
from ops_center.screens.route_words import FIELD_LABELS, LISTS
from ops_center.screens.screen import Center, both
from ops_center.store.notification_port import Notification, RouteVersion

OVER = frozenset({"sent", "digested", "void", "dead"})
"""states after which nothing more becomes of one"""
_TONES: Mapping[str, Mark] = {"sent": "good", "dead": "severe", "void": "notice", "waiting": "notice"}
_MOST_VERSIONS = 50
_ON, _OFF = Label("启用", "enabled"), Label("停用", "disabled")
_NOT_HERE = Label("此处不外发", "not told here")


def row_of(route: Route, version: RouteVersion | None, realm: Realm, zone: str) -> dict[str, Any]:
    """Return a row of the list."""
    state, tone = (_ON, "good") if route.enabled else (_OFF, "quiet")
    if route.enabled and not route.told_in(realm):
        state, tone = _NOT_HERE, "notice"
    return {
        "name": route.name,
        "label": _words(Label(route.label.zh, route.label.en)),
        "channel": _words(CHANNELS[route.channel]),
        "to": ", ".join(route.targets),
        "acts": _words(_listed([ACTS[act] for act in route.acts])),
        "priorities": _words(_priorities(route)),
        "state": {**_words(state), "tone": tone},
        "version": route.version,
        "author": version.author if version else "—",
        "changed": when(version.at_us, zone) if version else "—",
    }


def _priorities(route: Route) -> Label:
    names = dict(LISTS["priorities"][1])
    return _listed([names[str(one)] for one in sorted(route.priorities)]) if route.priorities else Label("全部", "all")


def versions(found: Sequence[RouteVersion], zone: str) -> list[Any]:
    """Return the versions, newest first, with the fields that each changed."""
    shown = list(zip_longest(found[:_MOST_VERSIONS], found[1:_MOST_VERSIONS]))
    heads = [Label("版本", "no."), Label("时间", "time"), Label("谁", "who"), Label("改动", "what changed")]
    lines = [
        (str(one.route.version), when(one.at_us, zone), one.author, both(_changes(one, before)))
        for one, before in shown
        if one is not None
    ]
    return [table(heads, lines, Label("保存后有第一个版本。", "The first is made when it is saved."))]


def _changes(one: RouteVersion, before: RouteVersion | None) -> Label:
    if before is None:
        return Label("新建", "made")
    fields = [FIELD_LABELS.get(name, Label(name, name)) for name in _differing(before.route, one.route)]
    if before.route.enabled != one.route.enabled:
        fields = [
            _ON if one.route.enabled else _OFF,
            *(label for label in fields if label is not FIELD_LABELS["enabled"]),
        ]
    return _listed(fields)


def _differing(old: Route, new: Route) -> Iterator[str]:
    was, is_ = msgspec.structs.asdict(old), msgspec.structs.asdict(new)
    yield from (name for name in is_ if name != "version" and was[name] != is_[name])


def outcomes(center: Center, found: Sequence[Notification]) -> Any:
    """Return what became of a test for each target."""
    zone = center.pack.manifest.timezone
    heads = [Label("对象", "to"), Label("状态", "state"), Label("结果", "outcome"), Label("时间", "time")]
    lines = [
        (
            one.wanted.target,
            badge(STATES[one.state], _TONES.get(one.state, "quiet")),
            both(why_of(one)),
            when(one.finished_us or None, zone),
        )
        for one in found
    ]
    return table(heads, lines, Label("没有对象。", "There is no target."))


def _listed(labels: Sequence[Label]) -> Label:
    return Label("、".join(one.zh for one in labels), ", ".join(one.en for one in labels))


def _words(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}
