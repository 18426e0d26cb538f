"""A value that changes slowly, worked out anew only every so often: keeps a second's step cheap in a large city."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from ops_center.domain.time import SECOND_US

T = TypeVar("T")


class Held(Generic[T]):
    """The last result of a function of time, as of the beginning of its slot of ``seconds``.

    The slot's beginning is asked for, so that the result doesn't depend on when somebody asked.
    """

    def __init__(self, seconds: float, work: Callable[[int], T]) -> None:
        self._slot_us = round(seconds * SECOND_US)
        self._work = work
        self._held: tuple[int, T] | None = None

    def at(self, time_us: int) -> T:
        """Return the result of the slot that ``time_us`` lies in."""
        slot = time_us // self._slot_us
        if self._held is None or self._held[0] != slot:
            self._held = (slot, self._work(slot * self._slot_us))
        return self._held[1]
