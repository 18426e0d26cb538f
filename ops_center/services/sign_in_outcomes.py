"""What can become of signing in: values, consumed by ``match``. Faults (the database is away) are exceptions.

``ticket`` is a sealed text that the next step hands back: it says what was proved so far, is good for a few minutes,
and for nothing else than the account as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from ops_center.domain.people import Session
from ops_center.domain.text import Label
from ops_center.people.passwords import PasswordFault


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody is in."""

    secret: str
    """for the cookie; nobody but the browser keeps it"""
    session: Session
    device: str = ""
    """what the browser may show next time to be one that is known (:mod:`sign_in_devices`); "" where there is none"""
    recovery_codes: tuple[str, ...] = ()
    """to be shown this once, after enrolment"""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Name, password or code is wrong, or the account is disabled: which of them is not said."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing was judged: too many failures, or too much to do."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Expired:
    """The one-time password was right and is too old: an administrator makes another."""


@dataclass(frozen=True, slots=True)
class StartAgain:
    """The ticket is too old, or the account was changed meanwhile."""


@dataclass(frozen=True, slots=True)
class NeedsCode:
    """A one-time code, or a recovery code, is asked for."""

    ticket: str


@dataclass(frozen=True, slots=True)
class NeedsNewPassword:
    """The password must be replaced by one that only its owner knows."""

    ticket: str
    name: str
    fault: PasswordFault | None = None
    """why the one that was given isn't taken"""


@dataclass(frozen=True, slots=True)
class NeedsEnrolment:
    """The roles demand one-time codes: the telephone has to learn the secret, and a code shows that it did."""

    ticket: str
    secret: str
    """base32, to be typed where nothing can be scanned"""
    uri: str
    """the same for the QR code"""


@dataclass(frozen=True, slots=True)
class Refused:
    """It can't be done, because …"""

    reason: Label


Outcome = SignedIn | Wrong | Wait | Expired | StartAgain | NeedsCode | NeedsNewPassword | NeedsEnrolment | Refused
