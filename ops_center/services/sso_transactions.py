"""What a browser carries while its person is at the single sign-on: sealed, short-lived, for this one sign-in.

The cookie binds the answer to the browser that asked: state, nonce and verifier are in it and nowhere else, so no
process has to remember them, and an answer that is brought to another browser is worth nothing there.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field

from ops_center.domain.text import Language
from ops_center.domain.time import MINUTE_US, Clock
from ops_center.people.keys import Keys
from ops_center.people.sealing import Sealer
from ops_center.services.sign_in_tickets import opened_text, sealed_text

LASTS_US = 10 * MINUTE_US
_LONGEST = 3000
_ABOUT = "transaction"


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One sign-in that is under way."""

    redirect_uri: str
    next: str
    language: Language
    until_us: int
    state: str = field(default_factory=_random, repr=False)
    nonce: str = field(default_factory=_random, repr=False)
    verifier: str = field(default_factory=_random, repr=False)
    """of PKCE (RFC 7636): who has the code alone gets no token for it"""

    def is_answered_by(self, state: str) -> bool:
        """Return whether an answer is the one to this."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "replace"))


class Transactions:
    """Seals and opens them; all processes of a center read each other's."""

    def __init__(self, keys: Keys, clock: Clock) -> None:
        self._sealer = Sealer(keys.derived("sso"))
        self._clock = clock

    def begin(self, redirect_uri: str, next_path: str, language: Language) -> tuple[Transaction, str]:
        """Return a new one, and the cookie that carries it."""
        begun = Transaction(redirect_uri, next_path, language, self._clock.now_us() + LASTS_US)
        return begun, sealed_text(self._sealer, json.dumps(asdict(begun)).encode(), _ABOUT)

    def open(self, cookie: str) -> Transaction | None:
        """Return what the cookie carries; None: nothing of ours, or it took too long."""
        plain = opened_text(self._sealer, cookie, _ABOUT) if len(cookie) <= _LONGEST else None
        if plain is None:
            return None
        found = Transaction(**json.loads(plain))
        return found if self._clock.now_us() < found.until_us <= self._clock.now_us() + LASTS_US else None
