"""What the pages before the center need of it. Filled in by bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops_center.domain.people import Account, Session
from ops_center.domain.role_words import Names
from ops_center.domain.text import Label
from ops_center.services.sessions import Sessions
from ops_center.services.signing_in import SigningIn

SIGNED_OUT = "/sign-in?why=left"
FILES = Path(__file__).resolve().parents[2] / "assets" / "entry"


@dataclass(frozen=True, slots=True)
class EntrySystem:
    """The parts that let people and displays in."""

    city: Label
    banner: Label | None
    """what is said where the data isn't real"""
    drawing: str
    """the city as SVG (:mod:`cityscape`)"""
    names: Names
    signing_in: SigningIn
    sessions: Sessions
    demo_accounts: Callable[[], Sequence[Account]] = lambda: ()
    """the ready accounts; only in demo mode; may wait and raise StoreUnavailable"""
    single_sign_on: str | None = None
    """what its button says; None where the city has none"""
    after: Callable[[Session], str] = lambda session: SIGNED_OUT
    """where the browser goes whose session was ended by its owner"""
