"""What a model of the world is, and how it is plugged in.

A model owns one side of the city's truth (traffic, water, air …) and the devices that measure it. It is made
from :class:`~ops_center.world.ground.Ground` and from the models it depends on, and is stepped after them.
To add one: write the class, make it in ``World.from_pack`` behind the models it needs, and append it to
``World.models``. All its randomness comes from ``ground.chance(purpose, …)``; all that happens to it comes from
``ground.story``; a step of any length, also of none, must be accepted.
"""

from __future__ import annotations

from typing import Protocol

from ops_center.world.ground import Moment


class Model(Protocol):
    """One side of the city's truth."""

    def step(self, moment: Moment) -> None:
        """Advance to ``moment.now_us``; ``moment.elapsed_s`` may be 0 or hours."""
        ...
