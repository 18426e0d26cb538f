"""Tickets between the steps of signing in: what was proved so far, sealed, so that no process has to remember it.

A ticket names the version of the account that it was made for: a new password, an enrolled telephone, a disabled
account make all tickets before them worthless, so none can be used twice for what it is good for.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from typing import Literal

from ops_center.domain.time import MINUTE_US, Clock
from ops_center.people.keys import Keys
from ops_center.people.sealing import Sealer

Step = Literal["code", "password", "enrolment"]

LASTS_US = 10 * MINUTE_US
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who is on the way in, and how far."""

    account: int
    version: int
    step: Step
    """the only one it is good for"""
    until_us: int
    code_given: bool = False
    secret: str = ""
    """of one-time codes, while it is enrolled"""


class Tickets:
    """Seals and opens tickets; all processes of a center read each other's."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._sealer = Sealer(keys.derived("sign-in ticket"))
        self._clock = clock

    def make(self, account: int, version: int, step: Step, *, code_given: bool = False, secret: str = "") -> str:
        """Return a ticket for ``step``."""
        ticket = Ticket(account, version, step, self._clock.now_us() + LASTS_US, code_given, secret)
        return sealed_text(self._sealer, json.dumps(asdict(ticket)).encode(), "ticket")

    def open(self, text: str, step: Step) -> Ticket | None:
        """Return what a ticket says; None: it is no ticket for ``step``, or too old."""
        plain = opened_text(self._sealer, text, "ticket") if len(text) <= _LONGEST else None
        if plain is None:
            return None
        ticket = Ticket(**json.loads(plain))
        now_us = self._clock.now_us()
        # One that lasts longer than any was made before the clock was set back.
        is_good = ticket.step == step and now_us < ticket.until_us <= now_us + LASTS_US
        return ticket if is_good else None


def sealed_text(sealer: Sealer, plain: bytes, about: str) -> str:
    """Return ``plain`` sealed, as text for forms and cookies."""
    return urlsafe_b64encode(sealer.seal(plain, about)).rstrip(b"=").decode()


def opened_text(sealer: Sealer, text: str, about: str) -> bytes | None:
    """Return what :func:`sealed_text` sealed; None if it is none such."""
    try:
        sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return None
    return sealer.open(sealed, about)
