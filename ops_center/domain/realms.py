"""Realms: live, drill, replay and simulated data never touch (topic prefix, schema, key prefix, banner)."""

from __future__ import annotations

from enum import Enum

from ops_center.domain.text import Label


class Realm(Enum):
    """One of the four worlds that data belongs to; its value is the prefix of topics, keys and schemas."""

    LIVE = "live"
    DRILL = "drill"
    REPLAY = "replay"
    SIMULATED = "simulated"

    @property
    def schema(self) -> str:
        """Return the database schema that holds this realm's observations."""
        return f"realm_{self.value}"

    @property
    def banner(self) -> Label | None:
        """Return what every screen of this realm says at the top; None for the live one."""
        return _BANNERS.get(self)

    def topic(self, name: str) -> str:
        """Return the bus topic ``name`` of this realm, e.g. ``simulated.raw.traffic``."""
        return f"{self.value}.{name}"

    def key(self, name: str) -> str:
        """Return the cache key ``name`` of this realm, e.g. ``simulated:live:blocks``."""
        return f"{self.value}:{name}"


_BANNERS = {
    Realm.DRILL: Label("演练", "DRILL"),
    Realm.REPLAY: Label("回放", "REPLAY"),
    Realm.SIMULATED: Label("模拟数据", "SIMULATED DATA"),
}
