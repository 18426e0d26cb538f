"""How often and how much at once: token buckets and slots by key, in memory, bounded.

The guard asks them by address, for whoever has not signed in; the gate asks them by session. One object per web
process, made by bootstrap. They belong to the event loop: calls from other threads may count one request too few.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

Monotonic = Callable[[], float]
"""seconds that only grow"""

BURST_S = 10.0
"""a browser that opens a page asks for everything on it at once: as much as ten seconds' worth"""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


class Buckets:
    """A token bucket per key: ``per_s`` in the long run, ``burst`` at once."""

    def __init__(self, per_s: float, burst: float, *, keys: int = 50_000, now: Monotonic = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._keys = keys
        self._now = now
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        """oldest use first: what has to go when there are too many has had the longest time to fill again"""

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, cost: float = 1.0) -> float:
        """Take ``cost`` tokens and return 0.0, or take none and return the seconds after which there are enough."""
        bucket = self._filled(key)
        if bucket.tokens >= cost:
            bucket.tokens -= cost
            return 0.0
        return (cost - bucket.tokens) / self._per_s

    def _filled(self, key: str) -> _Bucket:
        now_s = self._now()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._keys:
                self._buckets.popitem(last=False)
            bucket = self._buckets[key] = _Bucket(self._burst, now_s)
            return bucket
        self._buckets.move_to_end(key)
        bucket.tokens = min(self._burst, bucket.tokens + (now_s - bucket.at_s) * self._per_s)
        bucket.at_s = now_s
        return bucket


class Slots:
    """At most ``each`` of something at the same time per key. Whoever took one gives it back."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._held: dict[str, int] = {}

    def take(self, key: str) -> bool:
        """Return whether there was one left; it is taken then."""
        held = self._held.get(key, 0)
        if held >= self._each:
            return False
        self._held[key] = held + 1
        return True

    def give_back(self, key: str) -> None:
        """Give one back."""
        held = self._held[key] - 1
        if held:
            self._held[key] = held
        else:
            del self._held[key]

    def held(self, key: str) -> int:
        """Return how many are taken."""
        return self._held.get(key, 0)


class RateLimits:
    """All limits of one web process.

    The guard takes from ``anonymous``, ``signing_in`` and ``exchanges``. The gate takes from ``session`` for every
    request of a session and from ``sockets`` for every WebSocket of one; for a secret that is not good (any more) it
    takes from ``anonymous``, keyed by :func:`address_key` of ``scope["client"][0]``, so that guessing is not free.
    """

    def __init__(self, requests_per_s: float = 50.0, now: Monotonic = time.monotonic) -> None:
        self.session = Buckets(requests_per_s, requests_per_s * BURST_S, now=now)
        """by public id of the session, or of the API token"""
        self.anonymous = Buckets(requests_per_s, requests_per_s * BURST_S, now=now)
        """by address: requests that carry no session and no token"""
        self.signing_in = Buckets(0.5, 30.0, now=now)
        """by address: forms sent to sign in. A shift that signs in behind one address fits into the burst"""
        self.exchanges = Slots(256)
        """by address: requests being answered and WebSockets"""
        self.sockets = Slots(32)
        """by session: WebSockets, two for each tab of a browser"""


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """Return what an address is counted under: of IPv6 the network, since one customer is given a whole /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ip_address(int(found) >> 64 << 64))
