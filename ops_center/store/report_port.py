"""What the store can do for issued situation reports: numbered by incident, frozen, found by what they hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ops_center.domain.audit import AuditEntry
from ops_center.incidents.incident import Refusal
from ops_center.store.incident_port import Locked, Work


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


@dataclass(frozen=True, slots=True)
class Issuing:
    """How a report is issued."""

    incident: int
    author: str
    at_us: int
    make: Callable[[int], bytes]
    """number → its content"""
    tell: Callable[[Locked, int], Work | Refusal]
    """the incident while nobody else can change it, number → the line that says so, or why it isn't issued"""


class ReportStore(Protocol):
    """Issued reports of one realm."""

    def issue(self, issuing: Issuing, entry: AuditEntry) -> Issued | Refusal:
        """Freeze a report under the next number of its incident: content, line of the log and audit, or none of them.

        Reports of a realm take turns; commands of incidents go on until the line is written.
        """
        ...

    def issued(self, incident: int) -> Sequence[Issued]:
        """Return the reports of an incident, newest first."""
        ...

    def content(self, incident: int, number: int) -> bytes | None:
        """Return what a report holds; None: there is none of that number."""
        ...
