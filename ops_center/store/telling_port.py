"""How far people were told of what the log of incidents says. Judged by tests/services/test_incident_telling.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from alerts.notifying import Wanted
from ops_center.store.incident_port import LogLine


class TellingStore(Protocol):
    """Raises StoreUnavailable and StoreError everywhere."""

    def position(self) -> int:
        """Return the last line of the log of which people were told."""
        ...

    def lines(self, after_id: int, limit: int) -> Sequence[LogLine]:
        """Return lines of all incidents behind one, in their order."""
        ...

    def tell(self, before_seq: int, seq: int, wanted: Sequence[Wanted], now_us: int) -> None:
        """Keep who is to be told of the lines up to ``seq``, and that they were looked at. Raises Fenced."""
        ...
