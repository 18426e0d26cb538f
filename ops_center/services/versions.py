"""What the desks of rules, scenes and plans share: look, keep versions, and how shipped files get into the database.

A document is a form (JSON) with a name; a desk says what a form of its kind has to be. Every change is a new version
with its entry in the audit, in one transaction. What is wrong with a document is a value (:class:`Refused`). Whoever
calls has judged that the asker may.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from ops_center.domain.audit import AuditEntry, by
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.faults import Fault
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import Clock
from ops_center.store.version_port import NewVersion, VersionRow, VersionStore

Form = Mapping[str, Any]
Files = Iterable[tuple[str, str]]
"""(name, text)"""

_NO_REASON = Fault("reason", Label("请说明原因", "say why"))


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was saved."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the documents in files."""

    new: tuple[str, ...]
    renewed: tuple[str, ...]
    """nobody had edited them, and the file says something else now"""
    left: tuple[str, ...]
    """the file says something else, and the database wins since somebody edited them"""


class VersionDesk(ABC):
    """The documents of one kind and one realm; safe to use from any thread."""

    kind: str
    """``rule``: the word in messages and in the acts of the audit"""
    error: type[OpsCenterError]
    """raised where a document can't be found"""

    def __init__(self, versions: VersionStore, clock: Clock) -> None:
        self._versions = versions
        self._clock = clock

    @abstractmethod
    def validate(self, form: Any) -> tuple[Fault, ...]:
        """Return what is wrong with a document as JSON; () where nothing is."""

    @abstractmethod
    def _read(self, text: str, file: str) -> Iterable[Form]:
        """Return the documents of a file. Raises ConfigurationError that names file and field."""

    @abstractmethod
    def shipped_files(self) -> Sequence[tuple[str, str]]:
        """Return (name, text) of the files that ship."""

    # ---- looking ----

    def version(self) -> int:
        """Return a number that grows with every change of any document: cheap."""
        return self._versions.version()

    def list(self) -> Sequence[VersionRow]:
        """Return the newest version of every document, by name."""
        return self._versions.load().rows

    def history(self, name: str) -> Sequence[VersionRow]:
        """Return all versions of a document, newest first. Raises the desk's error."""
        found = self._versions.history(name)
        if not found:
            raise self.error(f"there is no {self.kind} {name}")
        return found

    def at(self, name: str, version: int | None = None) -> VersionRow:
        """Return one version of a document, the newest (which is not gone) where none is named. Raises the error."""
        rows = self.history(name)
        if version is None:
            if rows[0].gone:
                raise self.error(f"there is no {self.kind} {name}")
            return rows[0]
        row = next((row for row in rows if row.version == version), None)
        if row is None:
            raise self.error(f"there is no version {version} of {self.kind} {name}")
        return row

    # ---- changing ----

    def save(
        self, asker: Asker, form: Form, expected: int, reason: str, origin: str = "editor"
    ) -> VersionRow | Refused:
        """Save a document as its next version; ``expected``: the newest that its author saw, 0 for a new one.

        Raises RuleChanged, SceneChanged, PlanChanged where somebody saved another meanwhile.
        """
        if faults := (*self.validate(form), *said(reason)):
            return Refused(faults)
        return self._add(asker, form, expected, reason, origin, "saved")

    def set_enabled(
        self, asker: Asker, name: str, enabled: bool, reason: str, origin: str = "editor"
    ) -> VersionRow | Refused:
        """Enable or disable a document: a version of its own. Raises the desk's errors."""
        newest = self.at(name)
        if faults := said(reason):
            return Refused(faults)
        if newest.enabled == enabled:
            return newest
        form = {**newest.form, "enabled": enabled}
        return self._add(asker, form, newest.version, reason, origin, "enabled" if enabled else "disabled")

    def revert(self, asker: Asker, name: str, version: int, expected: int, reason: str) -> VersionRow | Refused:
        """Make an old version the newest. Raises the desk's errors."""
        old = self.at(name, version)
        if faults := (*self.validate(old.form), *said(reason)):
            return Refused(faults)
        return self._add(asker, old.form, expected, reason, "editor", "reverted")

    def as_shipped(self, asker: Asker, name: str, expected: int, reason: str) -> VersionRow | Refused:
        """Make what its file says the newest version, and follow the file again. Raises the desk's errors."""
        file, form = next(((file, form) for file, form in self._shipped() if form["name"] == name), ("", None))
        if form is None:
            raise self.error(f"no {self.kind} {name} ships")
        if faults := said(reason):
            return Refused(faults)
        return self._add(asker, form, expected, reason, f"file:{file}", "reverted")

    def ships(self, name: str) -> bool:
        """Return whether a file ships that says a document of this name."""
        return name in self.shipped_names

    @cached_property
    def shipped_names(self) -> frozenset[str]:
        """Return the names of the documents that ship; read once, since editors ask again and again."""
        return frozenset(str(form["name"]) for _, form in self._shipped())

    # ---- files ----

    def import_shipped(self) -> Imported:
        """Import the files that ship. Raises RuleChanged … where somebody edits at this very moment: try again."""
        return self.import_files(self.shipped_files(), Asker("system"))

    def import_files(self, files: Files, asker: Asker) -> Imported:
        """Import files: what is new, and what changed where nobody edited it since its last import.

        Raises ConfigurationError that names file and field, and RuleChanged ….
        """
        forms = [(name, form) for name, text in files for form in self._read(text, name)]
        rows = {row.name: row for row in self._versions.load().rows}
        news: list[str] = []
        renewed: list[str] = []
        left: list[str] = []
        versions: list[NewVersion] = []
        for file, form in forms:
            name, digest = str(form["name"]), hash_of(form)
            row = rows.get(name)
            if row is not None and row.hash == digest:
                continue
            if row is not None and not row.is_as_shipped:
                left.append(name)
                continue
            (news if row is None else renewed).append(name)
            now_us, seen = self._clock.now_us(), row.version if row else 0
            versions.append(NewVersion(form, f"file:{file}", digest, asker.account, f"file {file}", now_us, seen))
        if versions:
            detail = {"new": news, "renewed": renewed, "left": left}
            entry = by(asker, self._clock.now_us(), f"{self.kind}.imported", f"{len(versions)}", detail=detail)
            self._versions.add(versions, [entry])
        return Imported(tuple(news), tuple(renewed), tuple(left))

    def _shipped(self) -> Iterator[tuple[str, Form]]:
        for file, text in self.shipped_files():
            for form in self._read(text, file):
                yield file, form

    def _numbers(self, expected: int) -> Mapping[str, int]:
        """Return what the audit says of the version: the one that its author saw."""
        return {"expected": expected}

    def _add(
        self, asker: Asker, form: Form, expected: int, reason: str, origin: str, did: str, gone: bool = False
    ) -> VersionRow:
        now_us, name = self._clock.now_us(), str(form["name"])
        version = NewVersion(form, origin, hash_of(form), asker.account, reason.strip(), now_us, expected, gone)
        detail = {**self._numbers(expected), "reason": reason.strip(), "hash": version.hash.hex()}
        entry = AuditEntry(now_us, asker.account, f"{self.kind}.{did}", name, session=asker.session, detail=detail)
        return self._versions.add([version], [entry])[0]


def said(reason: str) -> tuple[Fault, ...]:
    """Return the fault of a reason that isn't one."""
    return () if reason.strip() else (_NO_REASON,)


def hash_of(form: Form) -> bytes:
    """Return what tells apart what documents say, whatever their number."""
    without = {name: value for name, value in form.items() if name != "version"}
    return hashlib.sha256(msgspec.json.encode(without, order="sorted")).digest()
