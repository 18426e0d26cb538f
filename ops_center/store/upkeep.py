"""The UpkeepStore: rollups and retention on whichever edition the server is. Called by ``services.upkeep``."""

from __future__ import annotations

from ops_center.domain.realms import Realm
from ops_center.store import capabilities, retention, rollups
from ops_center.store.port import Keep
from ops_center.store.session import Session

# A pass after a long absence reads hours of observations.
_TIMEOUT_S = 300.0


class PostgresUpkeepStore:
    """Used by one thread. Two processes may both have one: an advisory lock lets one of them work."""

    def __init__(self, url: str, realm: Realm, name: str = "ops-center upkeep") -> None:
        self._session = Session(url, realm, name, _TIMEOUT_S)

    def refresh_rollups(self, now_us: int) -> int:
        """Make the rollups of all buckets that have ended and changed; return how many, where that is known."""
        if self._session.run(capabilities.ask).continuous_aggregates:
            return rollups.refresh_aggregates(self._session, now_us)
        return rollups.refresh_tables(self._session, now_us)

    def drop_old(self, now_us: int, keep: Keep) -> int:
        """Drop what is older than it is kept; return how many chunks, or rows of what has none."""
        return retention.drop_old(self._session, self._session.run(capabilities.ask), now_us, keep)

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()
