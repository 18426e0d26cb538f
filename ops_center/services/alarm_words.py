"""What alarms are called where they are shown: the rule's name and the thing's, beside the alarm's own fields.

One JSON object per alarm, the same for the list, the map and ``/api``; made once for each state of an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from alerts.alarm import Alarm
from alerts.contract import SubjectKind
from alerts.rule import Rule
from alerts.subjects import feed, group_key
from feeds.contract import Feed
from ops_center.domain.catalog import Catalog
from ops_center.domain.text import Label

_HELD = 20_000
"""encoded alarms that are remembered; more are encoded again"""


class AlarmWords:
    """Rules and things by their names. Safe to use from any thread."""

    def __init__(
        self,
        rules: Callable[[], Mapping[str, Rule]],
        catalog: Callable[[], Catalog],
        groups: Mapping[int, Label] | None = None,
    ) -> None:
        """``groups``: key of a subject that is no thing → what it is called (:func:`feed_names`)."""
        self._groups = groups or {}
        self._rules = rules
        self._catalog = catalog
        self._held: dict[int, tuple[Alarm, object, object, msgspec.Raw]] = {}

    def rule(self, name: str) -> Rule | None:
        """Return the rule as it is now; None: it was removed."""
        return self._rules().get(name)

    def label(self, alarm: Alarm) -> Label:
        """Return what an alarm is called: as its rule."""
        return self.rule_label(alarm.rule)

    def rule_label(self, name: str) -> Label:
        """Return what a rule is called; its bare name where it was removed."""
        rule = self.rule(name)
        return rule.form.label.label() if rule else Label(name, name)

    def thing_name(self, alarm: Alarm) -> Label | None:
        """Return what its thing is called, or the feed that it is about; None where it has neither."""
        return self._catalog().name_of(alarm.thing) or group_name(alarm, self._groups)

    def row(self, alarm: Alarm) -> dict[str, Any]:
        """Return the alarm as JSON values, with ``label``, ``name`` and ``unit``; null where there is none."""
        fields: dict[str, Any] = msgspec.to_builtins(alarm)
        name, rule = self.thing_name(alarm), self.rule(alarm.rule)
        unit = rule.form.parameters.get("unit") if rule else None
        return fields | {"label": _both(self.label(alarm)), "name": _both(name) if name else None, "unit": unit}

    def encoded(self, alarm: Alarm) -> msgspec.Raw:
        """Return the row as JSON; NaN is null."""
        rules, catalog = self._rules(), self._catalog()
        held = self._held.get(alarm.id)
        if held is not None and held[0] is alarm and held[1] is rules and held[2] is catalog:
            return held[3]
        if len(self._held) >= _HELD:
            self._held.clear()
        text = msgspec.Raw(msgspec.json.encode(self.row(alarm)))
        self._held[alarm.id] = (alarm, rules, catalog, text)
        return text


def feed_names(feeds: Mapping[str, Feed]) -> Mapping[int, Label]:
    """Return what subjects that are feeds are called."""
    return {group_key(feed(name)): one.label for name, one in feeds.items()}


def group_name(alarm: Alarm, groups: Mapping[int, Label]) -> Label | None:
    """Return what the subject of an alarm is called, where it is a group."""
    return groups.get(alarm.subject) if alarm.subject_kind == SubjectKind.GROUP else None


def _both(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}
