"""Time: microseconds since the epoch inside, aware UTC at the borders, the city's zone on screens.

The clock is injected everywhere, so that tests and replays run on a time of their own.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Says what time it is."""

    def now_us(self) -> int:
        """Return microseconds since the epoch, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_us(self) -> int:
        """Return microseconds since the epoch, UTC."""
        return time.time_ns() // 1000


@dataclass(slots=True)
class ManualClock:
    """A clock that moves when it is told to: tests and replays."""

    us: int = field(default=1_700_000_000 * SECOND_US)

    def now_us(self) -> int:
        """Return microseconds since the epoch, UTC."""
        return self.us

    def advance(self, seconds: float) -> None:
        """Move forward (or, negative, back) by ``seconds``."""
        self.us += round(seconds * SECOND_US)


def to_datetime(us: int) -> datetime:
    """Return the aware UTC datetime of ``us``, exact to the microsecond."""
    return _EPOCH + timedelta(microseconds=us)


def from_datetime(moment: datetime) -> int:
    """Return microseconds since the epoch; ValueError for a naive ``moment``."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def in_zone(us: int, zone: str) -> datetime:
    """Return ``us`` as a datetime in the city's zone, e.g. ``Asia/Shanghai``: for screens only."""
    return to_datetime(us).astimezone(ZoneInfo(zone))
