"""A line of the activity log as what is made from it reads it, wherever it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ops_center.incidents.incident import Act


class Line(Protocol):
    """A line of the activity log."""

    @property
    def at_us(self) -> int:
        """Return when it happened."""

    @property
    def act(self) -> Act:
        """Return what was done."""

    @property
    def who(self) -> str:
        """Return the account."""

    @property
    def text(self) -> str:
        """Return what its author wrote."""

    @property
    def detail(self) -> Mapping[str, object]:
        """Return what changed."""
