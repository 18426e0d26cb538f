"""What people do with rules: look, edit, enable, disable, try on history; and how shipped files get into the database.

Called by the rules' screens and by ``run.py rules``; whoever calls has judged that the asker may. Every change is a new
version with its entry in the audit, in one transaction. What is wrong with a rule is a value (:class:`Refused`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

import alerts
from alerts.contract import RuleType
from alerts.loading import load_rules, shipped_files
from alerts.rule import Rule
from alerts.surroundings import SurroundingsOf, nowhere
from ops_center.domain.audit import AuditEntry, by
from ops_center.domain.errors import RuleError
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.services.rule_faults import Fault, checked, fault_of_legs
from ops_center.services.rule_replay import Replayed, replay_rule
from ops_center.store.port import Store
from ops_center.store.rule_port import NewVersion, RuleRow
from ops_center.store.rule_watching import readable

__all__ = ["Fault", "Imported", "Refused", "Replayed", "RuleDesk"]

MOST_INPUTS = 2_000
"""datastreams or things that a replay reads unless told otherwise: an editor waits for it"""
_NO_REASON = Fault("reason", Label("请说明原因", "say why"))


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was saved."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rules in files."""

    new: tuple[str, ...]
    renewed: tuple[str, ...]
    """nobody had edited them, and the file says something else now"""
    left: tuple[str, ...]
    """the file says something else, and the database wins since somebody edited them"""


class RuleDesk:
    """The rules of one realm; safe to use from any thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        types: Mapping[str, RuleType] | None = None,
        surroundings_of: SurroundingsOf = nowhere,
    ) -> None:
        """``surroundings_of``: what rules over neighbours stand on when they are tried on history."""
        self._store = store
        self._clock = clock
        self._surroundings_of = surroundings_of
        self._types = alerts.registry() if types is None else types

    @property
    def types(self) -> Mapping[str, RuleType]:
        """Return the types there are, by name."""
        return self._types

    def list(self) -> Sequence[RuleRow]:
        """Return the newest version of every rule, by name."""
        return self._store.rules.load().rows

    def rule(self, name: str) -> RuleRow:
        """Return the newest version of a rule. Raises RuleError."""
        return self.history(name)[0]

    def history(self, name: str) -> Sequence[RuleRow]:
        """Return all versions of a rule, newest first. Raises RuleError."""
        found = self._store.rules.history(name)
        if not found:
            raise RuleError(f"there is no rule {name}")
        return found

    def validate(self, form: Any) -> tuple[Fault, ...]:
        """Return what is wrong with a rule as JSON, beside all others; () where nothing is."""
        found = checked(form, self._types)
        if isinstance(found, Fault):
            return (found,)
        fault = fault_of_legs(found, self._others())
        return () if fault is None else (fault,)

    def save(
        self, asker: Asker, form: Mapping[str, Any], expected: int, reason: str, origin: str = "editor"
    ) -> RuleRow | Refused:
        """Save a rule as its next version; ``expected``: the newest that its author saw, 0 for a rule that is new.

        Raises RuleChanged where somebody saved another meanwhile.
        """
        faults = [*self.validate(form), *([] if reason.strip() else [_NO_REASON])]
        if faults:
            return Refused(tuple(faults))
        return self._add(asker, form, expected, reason, origin, "rule.saved")

    def set_enabled(
        self, asker: Asker, name: str, enabled: bool, reason: str, origin: str = "editor"
    ) -> RuleRow | Refused:
        """Enable or disable a rule: a version of its own. Raises RuleError, RuleChanged."""
        newest = self.rule(name)
        if not reason.strip():
            return Refused((_NO_REASON,))
        if newest.enabled == enabled:
            return newest
        form = {**newest.form, "enabled": enabled}
        return self._add(asker, form, newest.version, reason, origin, "rule.enabled" if enabled else "rule.disabled")

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

    def import_shipped(self) -> Imported:
        """Import the files that ship. Raises RuleChanged where somebody edits at this very moment: try again."""
        return self.import_files(shipped_files(), Asker("system"))

    def import_files(self, files: Iterable[tuple[str, str]], asker: Asker) -> Imported:
        """Import files (name, text): what is new, and what changed where nobody edited it since its last import.

        Raises ConfigurationError that names file, rule and field, and RuleChanged.
        """
        rules = [(name, rule) for name, text in files for rule in load_rules(text, name, self._types)]
        rows = {row.name: row for row in self.list()}
        news: list[str] = []
        renewed: list[str] = []
        left: list[str] = []
        versions: list[NewVersion] = []
        for file, rule in rules:
            row, form = rows.get(rule.name), msgspec.to_builtins(rule.form)
            digest = _hash(form)
            if row is not None and row.hash == digest:
                continue
            if row is not None and not row.is_as_shipped:
                left.append(rule.name)
                continue
            (news if row is None else renewed).append(rule.name)
            now_us, seen = self._clock.now_us(), row.version if row else 0
            versions.append(NewVersion(form, f"file:{file}", digest, asker.account, f"file {file}", now_us, seen))
        if versions:
            detail = {"new": news, "renewed": renewed, "left": left}
            entry = by(asker, self._clock.now_us(), "rule.imported", f"{len(versions)}", detail=detail)
            self._store.rules.add(versions, [entry])
        return Imported(tuple(news), tuple(renewed), tuple(left))

    def _others(self) -> Mapping[str, Rule]:
        return {rule.name: rule for rule in readable(self.list(), self._types)}

    def _add(
        self, asker: Asker, form: Mapping[str, Any], expected: int, reason: str, origin: str, action: str
    ) -> RuleRow:
        now_us, name = self._clock.now_us(), str(form["name"])
        version = NewVersion(form, origin, _hash(form), asker.account, reason.strip(), now_us, expected)
        detail = {"version": expected + 1, "reason": reason.strip(), "hash": version.hash.hex()}
        entry = AuditEntry(now_us, asker.account, action, name, session=asker.session, detail=detail)
        return self._store.rules.add([version], [entry])[0]


def _hash(form: Mapping[str, Any]) -> bytes:
    """Return what tells apart what rules say, whatever their number."""
    said = {name: value for name, value in form.items() if name != "version"}
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).digest()
