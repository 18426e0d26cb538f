"""What the store keeps of crews and the units that they hold. Judged by tests/store/test_sign_ons.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ops_center.domain.audit import AuditEntry

Ended = Literal["", "signed_off", "taken_over", "moved"]
""""": not yet; ``taken_over``: somebody else signed on to the unit; ``moved``: who held it signed on to another one"""


@dataclass(frozen=True, slots=True)
class SignOn:
    """A crew that holds a unit, from a moment to another. Times are µs UTC."""

    unit: str
    """id of the pack's layer ``units``"""
    account: str
    since_us: int
    until_us: int = 0
    """0: they hold it still"""
    ended: Ended = ""


@dataclass(frozen=True, slots=True)
class SignedOn:
    """What a sign-on did."""

    held: SignOn
    took_over: SignOn | None = None
    """from whom"""
    left: SignOn | None = None
    """the unit that the crew held before"""


class SignOnStore(Protocol):
    """Raises StoreUnavailable and StoreError everywhere. A unit has one crew at most, a crew one unit."""

    def held(self) -> Sequence[SignOn]:
        """Return who holds what now, by unit."""
        ...

    def of_unit(self, unit: str, limit: int = 50) -> Sequence[SignOn]:
        """Return who held a unit, newest first."""
        ...

    def sign_on(self, unit: str, entry: AuditEntry) -> SignedOn:
        """Give the unit to the actor of ``entry``; who holds it already keeps it, and nothing is written."""
        ...

    def sign_off(self, entry: AuditEntry) -> SignOn | None:
        """End what the actor of ``entry`` holds; None: nothing."""
        ...
