"""A way out of the center: given one notification, it says what became of it. It never raises for the other side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ops_center.store.notification_port import Notification


@dataclass(frozen=True, slots=True)
class Delivered:
    """The other side has it and said so."""

    detail: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be handed over; later it may."""

    detail: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side does not want it, whenever it comes."""

    detail: str


Outcome = Delivered | Failed | Refused


class Door(Protocol):
    """One channel. Safe to use from any thread; returns within :data:`WITHIN_S`."""

    def send(self, notification: Notification) -> Outcome:
        """Hand it over once."""
        ...


WITHIN_S = 30.0
"""whatever the other side does, an attempt is over by then"""


class Closed:
    """The door of a channel that nobody has set up."""

    def __init__(self, setting: str) -> None:
        self._setting = setting

    def send(self, notification: Notification) -> Outcome:
        """Say what is missing; somebody may set it."""
        return Failed(f"{self._setting} is not set")


class Pages:
    """The browser: the row of the journal is what pages show, so it is delivered when it is kept."""

    def send(self, notification: Notification) -> Outcome:
        """Say so."""
        return Delivered("on the pages")
