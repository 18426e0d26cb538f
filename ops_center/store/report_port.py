"""What the store can do for issued situation reports: numbered by incident, frozen, found by what they hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ops_center.domain.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Issued:
    """A report that was issued; its content is never changed."""

    incident: int
    number: int
    """from 1 on, for each incident"""
    hash: str
    """SHA-256 of the content, hexadecimal"""
    author: str
    at_us: int


class ReportStore(Protocol):
    """Issued reports of one realm."""

    def issue(self, incident: int, author: str, at_us: int, make: Callable[[int], bytes], entry: AuditEntry) -> Issued:
        """Freeze what ``make`` returns for the next number of an incident, with its entry in the audit."""
        ...

    def issued(self, incident: int) -> Sequence[Issued]:
        """Return the reports of an incident, newest first."""
        ...

    def content(self, incident: int, number: int) -> bytes | None:
        """Return what a report holds; None: there is none of that number."""
        ...
