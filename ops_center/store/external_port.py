"""What the store keeps of sessions that the city's single sign-on vouches for. Judged by tests/store.

Called by ``ops_center/services/single_sign_on.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """What a session of ours has at the provider."""

    sid: str | None
    """the provider's name for its own session; None: it has none, or doesn't say"""
    hint: bytes | None
    """sealed; what the provider wants back when somebody signs out there too"""


class ExternalSessionStore(Protocol):
    """Sessions of ours by what the provider calls theirs."""

    def keep(self, session_id: str, provider: ProviderSession) -> None:
        """Note what a session that was just started has at the provider."""
        ...

    def of(self, session_id: str) -> ProviderSession | None:
        """Return what a session has, or had, at the provider; None: nothing, or there is no such session."""
        ...

    def going_on(self, issuer: str, subject: str | None, sid: str | None, until_us: int) -> Sequence[str]:
        """Return the ids of sessions that go on and began before ``until_us``: of a subject, of a sid, or both."""
        ...
