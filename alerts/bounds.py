"""Bounds of what a rule may say, and the parameters that rules of every type have.

Named once, so that screens, files and types mean the same. Called by every rule type and by ``alerts.rule``.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from ops_center.domain.observations import Quality

Seconds = Annotated[float, msgspec.Meta(ge=0, le=31 * 86_400)]
Finite = Annotated[float, msgspec.Meta(gt=-1e15, lt=1e15)]
Positive = Annotated[float, msgspec.Meta(gt=0, lt=1e15)]
NotNegative = Annotated[float, msgspec.Meta(ge=0, lt=1e15)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[a-z][a-z0-9_]*$")]
Ring = Annotated[
    list[tuple[Annotated[float, msgspec.Meta(ge=-180, le=180)], Annotated[float, msgspec.Meta(ge=-90, le=90)]]],
    msgspec.Meta(min_length=3, max_length=10_000),
]
"""the outline of an area: longitude, latitude; the last point need not repeat the first"""


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every type's parameters have; a type's own add to it, each with its bounds."""

    on_delay_s: Seconds = 0.0
    """it must lie beyond for so long before the condition is entered"""
    off_delay_s: Seconds = 0.0
    """it must be back for so long before the condition is left"""
    max_gap_s: Seconds | None = None
    """the on-delay starts anew after so long without an observation; None: the last one counts until the next"""
    skip_quality: list[Literal["OUT_OF_RANGE", "STUCK", "JUMP", "LATE", "SUSPECT", "ESTIMATED"]] = []
    """observations with one of these flags are not judged"""

    @property
    def skipped(self) -> int:
        """Return the flags of ``skip_quality`` as one number."""
        return int(sum(Quality[name] for name in set(self.skip_quality)))
