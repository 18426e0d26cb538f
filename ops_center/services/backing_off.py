"""How failures slow down whoever fails: by account and address, by account, by address; kept in the store.

An attempt is counted before it is judged and taken back when it was right, so that many at once get no more than one
after the other, in however many processes. Waits double with every failure:

==================  ====  =========  ======  =============================================================
counted by          free  first      most    so that
==================  ====  =========  ======  =============================================================
account + address      3  2 s        15 min  guessing one account from one place is hopeless
account               20  2 s        5 min   from many places too: at most some 40 guesses an hour (OWASP
                                             ASVS 4.0.3, 2.2.1: at most 100)
address               30  1 s        60 s    trying one password on all accounts is slow; a room behind one
                                             address goes on working
one-time codes         5  5 s        15 min  only who has the password gets here
known browser          5  2 s        15 min  see below
==================  ====  =========  ======  =============================================================

Nobody is locked out by somebody else's guesses: a browser on which the account has signed in before shows a sealed
proof of it (a device cookie, as OWASP describes it) and is counted by itself alone. Sessions that go on are never
touched. Names that don't exist are counted like names that do. What is typed is kept as a digest only: people type
passwords into the field for the name.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address, ip_network

from ops_center.domain.time import DAY_US, HOUR_US, Clock
from ops_center.people.keys import Keys
from ops_center.people.sealing import Sealer
from ops_center.services.sign_in_tickets import opened_text, sealed_text
from ops_center.store.people_port import AttemptStore, Patience

_HOUR_S = 3600.0
BY_PAIR = Patience(free=3, first_s=2.0, most_s=900.0, forget_s=_HOUR_S)
BY_ACCOUNT = Patience(free=20, first_s=2.0, most_s=300.0, forget_s=_HOUR_S)
BY_ADDRESS = Patience(free=30, first_s=1.0, most_s=60.0, forget_s=900.0)
BY_CODE = Patience(free=5, first_s=5.0, most_s=900.0, forget_s=_HOUR_S)
BY_DEVICE = Patience(free=5, first_s=2.0, most_s=900.0, forget_s=_HOUR_S)

_KEEP_US = 2 * HOUR_US
_DEVICE_LASTS_US = 180 * DAY_US
_DEVICES_MOST = 6
"""accounts that one browser is known for: operators share a workstation"""
_LONGEST = 2048


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try that was counted."""

    counted: Mapping[str, Patience]
    own: tuple[str, ...]
    """subjects that are wholly forgiven when it was right"""


class BackOff:
    """Counts attempts."""

    def __init__(self, store: AttemptStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def password(self, name: str, address: str, device: str | None) -> Attempt | float:
        """Count an attempt with a password, or return how many seconds to wait. ``device``: of a known browser."""
        if device is not None:
            known = _subject("device", device)
            return self._take({known: BY_DEVICE}, (known,))
        place = network_of(address)
        pair = _subject("pair", name, place)
        subjects = {pair: BY_PAIR, _subject("account", name): BY_ACCOUNT, _subject("address", place): BY_ADDRESS}
        return self._take(subjects, (pair,))

    def code(self, account: int) -> Attempt | float:
        """Count an attempt with a one-time or recovery code, or return how many seconds to wait."""
        subject = _subject("code", str(account))
        return self._take({subject: BY_CODE}, (subject,))

    def confirmation(self, account: int) -> Attempt | float:
        """Count an attempt of somebody signed in to prove it is them, or return how many seconds to wait."""
        subject = _subject("confirmation", str(account))
        return self._take({subject: BY_DEVICE}, (subject,))

    def was_right(self, attempt: Attempt) -> None:
        """Take it back, and forget the failures of the same person from the same place."""
        self._store.forgive(attempt.counted, wholly=attempt.own)

    def was_not_judged(self, attempt: Attempt) -> None:
        """Take it back."""
        self._store.forgive(attempt.counted)

    def _take(self, subjects: Mapping[str, Patience], own: tuple[str, ...]) -> Attempt | float:
        now_us = self._clock.now_us()
        wait_s = self._store.take(subjects, now_us)
        if wait_s > 0:
            return wait_s
        if secrets.randbelow(100) == 0:
            self._store.sweep(now_us - _KEEP_US)
        return Attempt(subjects, own)


class Devices:
    """Proofs that somebody signed in on a browser before: a cookie with a few sealed lines, one for each account."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._sealer = Sealer(keys.derived("known browser"))
        self._clock = clock

    def known(self, cookie: str, account: int) -> str | None:
        """Return the mark of a browser that ``account`` has signed in on; None: it is new to it."""
        if len(cookie) > _LONGEST:
            return None
        return next((mark for proof in cookie.split(".") if (mark := self._mark(proof, account))), None)

    def with_proof(self, cookie: str, account: int) -> str:
        """Return the cookie with a fresh proof for ``account`` in front of the others'."""
        plain = f"{self._clock.now_us()} {secrets.token_hex(8)}"
        fresh = sealed_text(self._sealer, plain.encode(), _about(account))
        proofs = cookie.split(".") if 0 < len(cookie) <= _LONGEST else []
        others = [proof for proof in proofs if self._mark(proof, account) is None]
        return ".".join([fresh, *others[: _DEVICES_MOST - 1]])

    def _mark(self, proof: str, account: int) -> str | None:
        plain = opened_text(self._sealer, proof, _about(account))
        if plain is None:
            return None
        made_us, mark = plain.decode().split(" ")
        return mark if abs(self._clock.now_us() - int(made_us)) < _DEVICE_LASTS_US else None


def network_of(address: str) -> str:
    """Return whom an address belongs to: itself, or the /64 that one subscriber of IPv6 has at least."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "?"
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((parsed, 64), strict=False))


def _about(account: int) -> str:
    return f"browser of {account}"


def _subject(kind: str, *parts: str) -> str:
    typed = "\0".join(parts).encode("utf-8", "surrogatepass")
    return f"{kind}:{sha256(typed).hexdigest()[:32]}"
