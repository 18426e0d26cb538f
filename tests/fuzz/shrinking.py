"""The fewest and shortest messages that still break the same thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
_TRIES = 1_500


def smallest(values: Sequence[bytes], breaks: Callable[[Sequence[bytes]], bool]) -> Sequence[bytes]:
    """Return as few and as short messages as can be found; ``values`` themselves if not even those break it again."""
    if not breaks(values):
        return values
    budget = _Budget(_TRIES)
    few = _without(list(values), lambda those: bool(those) and budget.spend() and breaks(those))
    for number in range(len(few)):

        def still(body: list[int], number: int = number) -> bool:
            return budget.spend() and breaks([*few[:number], bytes(body), *few[number + 1 :]])

        few[number] = bytes(_without(list(few[number]), still))
    return few


class _Budget:
    def __init__(self, tries: int) -> None:
        self._left = tries

    def spend(self) -> bool:
        self._left -= 1
        return self._left >= 0


def _without(parts: list[T], breaks: Callable[[list[T]], bool]) -> list[T]:
    """Leave out runs of parts, long ones first, as long as it still breaks."""
    length = len(parts) // 2
    while length:
        at = 0
        while at < len(parts):
            shorter = parts[:at] + parts[at + length :]
            if breaks(shorter):
                parts = shorter
            else:
                at += length
        length //= 2
    return parts
