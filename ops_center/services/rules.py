"""What people do with rules: look, edit, enable, disable, try on history; and how shipped files get into the database.

Called by the rules' screens and by ``run.py rules``; whoever calls has judged that the asker may. Every change is a new
version (``services.versions``). What is wrong with a rule is a value (:class:`Refused`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

import alerts
from alerts.contract import RuleType
from alerts.loading import load_rules, shipped_files
from alerts.rule import Rule
from alerts.surroundings import SurroundingsOf, nowhere
from ops_center.domain.errors import RuleError
from ops_center.domain.time import Clock
from ops_center.services.rule_faults import Fault, checked, fault_of_legs
from ops_center.services.rule_replay import Replayed, replay_rule
from ops_center.services.versions import Form, Imported, Refused, VersionDesk
from ops_center.store.port import Store
from ops_center.store.rule_watching import readable
from ops_center.store.version_port import VersionRow

__all__ = ["Fault", "Imported", "Refused", "Replayed", "RuleDesk"]

MOST_INPUTS = 2_000
"""datastreams or things that a replay reads unless told otherwise: an editor waits for it"""


class RuleDesk(VersionDesk):
    """The rules of one realm; safe to use from any thread."""

    kind = "rule"
    error = RuleError

    def __init__(
        self,
        store: Store,
        clock: Clock,
        types: Mapping[str, RuleType] | None = None,
        surroundings_of: SurroundingsOf = nowhere,
    ) -> None:
        """``surroundings_of``: what rules over neighbours stand on when they are tried on history."""
        super().__init__(store.rules, clock)
        self._store = store
        self._surroundings_of = surroundings_of
        self._types = alerts.registry() if types is None else types

    @property
    def types(self) -> Mapping[str, RuleType]:
        """Return the types there are, by name."""
        return self._types

    def rule(self, name: str) -> VersionRow:
        """Return the newest version of a rule. Raises RuleError."""
        return self.at(name)

    def validate(self, form: Any) -> tuple[Fault, ...]:
        """Return what is wrong with a rule as JSON, beside all others; () where nothing is."""
        found = checked(form, self._types)
        if isinstance(found, Fault):
            return (found,)
        fault = fault_of_legs(found, self._others())
        return () if fault is None else (fault,)

    def replay(
        self,
        rule: str | Mapping[str, Any],
        span_us: tuple[int, int],
        most: int = MOST_INPUTS,
    ) -> Replayed | Refused:
        """Return what a rule, by its name or as JSON that nobody saved yet, would have raised in from → to.

        Raises RuleError, StoreError.
        """
        form = dict(self.rule(rule).form if isinstance(rule, str) else rule)
        found = checked({**form, "enabled": True}, self._types)
        if isinstance(found, Fault):
            return Refused((found,))
        others = self._others()
        if fault := fault_of_legs(found, others):
            return Refused((fault,))
        catalog = self._store.catalog.load()
        around = (self._surroundings_of if found.type.source == "conditions" else nowhere)(catalog)
        return replay_rule(found, others, catalog, self._store.history, span_us, most, around)

    def _read(self, text: str, file: str) -> Iterable[Form]:
        return [msgspec.to_builtins(rule.form) for rule in load_rules(text, file, self._types)]

    def shipped_files(self) -> Sequence[tuple[str, str]]:
        """Return (name, text) of the files that ship."""
        return shipped_files()

    def _numbers(self, expected: int) -> Mapping[str, int]:
        return {"version": expected + 1}

    def _others(self) -> Mapping[str, Rule]:
        return {rule.name: rule for rule in readable(self.list(), self._types)}
