"""A process's copy of the rules: read, checked, and read again when there is a new version.

Used by the rules worker and by the book, through the port alone. A rule that this program can't read (its type came
from a package that is gone, or a newer program wrote it) is left out and said, and stops nobody else's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import structlog

from alerts.contract import RuleType
from alerts.loading import read_rule
from alerts.rule import Rule
from ops_center.domain.errors import ConfigurationError, StoreError
from ops_center.store.version_port import VersionRow, VersionStore

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0


class RuleWatch:
    """The newest rules that are known. ``look`` is called by whoever owns the watch, about once a second."""

    def __init__(self, store: VersionStore, types: Mapping[str, RuleType]) -> None:
        self._store = store
        self._types = types
        self._failed = False
        self.version = -1
        """of the set of rules; -1: never loaded"""
        self.rules: tuple[Rule, ...] = ()
        self.by_name: Mapping[str, Rule] = {}
        """the same by name; another mapping whenever they changed"""

    def must_load(self) -> None:
        """Load them if they were never loaded. Raises StoreError."""
        if self.version < 0:
            self._load()

    def look(self) -> bool:
        """Load them again where they changed; keep what is known while the database is away. Return if they did."""
        try:
            if self._store.version() == self.version:
                return False
            self._load()
        except StoreError as error:
            if not self._failed:
                log.warning("rules.cannot_look", error=str(error), version=self.version)
            self._failed = True
            return False
        self._failed = False
        log.info("rules.loaded", version=self.version, rules=len(self.rules))
        return True

    def follow(self, stop: threading.Event) -> threading.Thread:
        """Look once a second in a thread of its own until ``stop``."""

        def run() -> None:
            while not stop.wait(_LOOK_EVERY_S):
                self.look()

        thread = threading.Thread(target=run, name="rule watch", daemon=True)
        thread.start()
        return thread

    def _load(self) -> None:
        found = self._store.load()
        self.rules, self.version = readable(found.rows, self._types), found.version
        self.by_name = {rule.name: rule for rule in self.rules}


def readable(rows: Iterable[VersionRow], types: Mapping[str, RuleType]) -> tuple[Rule, ...]:
    """Return the rules of rows that can be read, disabled ones too."""
    rules = []
    for row in rows:
        try:
            rules.append(read_rule(row.form, f"rule {row.name}", types))
        except ConfigurationError as error:
            log.error("rules.cannot_read", rule=row.name, version=row.version, why=str(error))
    return tuple(rules)
