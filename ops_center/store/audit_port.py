"""What the store can do with the audit. Judged by tests/store/test_auditing.py on every edition.

A file of its own beside ``port.py``, which names it: the audit is the whole center's, not one realm's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ops_center.domain.audit import AuditEntry
from ops_center.domain.audit_form import AuditRow, Checkpoint, End

__all__ = ["AuditRow", "AuditStore"]


class AuditStore(Protocol):
    """The chain: appended to, read, verified; never changed."""

    def append(self, entries: Sequence[AuditEntry]) -> None:
        """Write ``entries`` in a transaction of their own. Raises StoreUnavailable, StoreError.

        For what has no transaction; who changes something in the store calls ``auditing.append`` within it.
        """
        ...

    def page(
        self,
        *,
        before: int | None = None,
        limit: int = 100,
        actor: str | None = None,
        action: str | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> Sequence[AuditRow]:
        """Return the newest first, below ``before``, in [since, until); an ``action`` ending in ``.`` is a prefix."""
        ...

    def walk(self, after_seq: int = 0) -> Iterator[AuditRow]:
        """Yield all rows behind ``after_seq`` in the order of the chain, reading a few thousand at a time."""
        ...

    def end(self) -> End:
        """Return where the chain ends, as the database keeps it beside the rows: cheap, for polling."""
        ...

    def checkpoints(self) -> Sequence[Checkpoint]:
        """Return where archived rows ended, oldest first."""
        ...

    def span(self, since_us: int | None = None, until_us: int | None = None) -> tuple[int, int] | None:
        """Return the first and last seq of what happened in [since, until); None: nothing did."""
        ...

    def all_older(self, before_us: int) -> int:
        """Return up to which row all happened before that; 0: not even the first."""
        ...

    def archive(self, checkpoint: Checkpoint, entry: AuditEntry) -> int:
        """Drop the rows up to ``checkpoint`` in one transaction with ``entry``; return how many.

        Raises StoreError where the database refuses: one of them is younger than six months, or the hash is another.
        """
        ...
