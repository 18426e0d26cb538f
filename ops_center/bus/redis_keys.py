"""Names of everything that the bus keeps on a Redis server, in one realm. Used by the Redis adapter alone."""

from __future__ import annotations

from dataclasses import dataclass

from ops_center.domain.messages import TopicPartition
from ops_center.domain.realms import Realm


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of everything the bus keeps on the server, in one realm."""

    realm: Realm

    @property
    def topics(self) -> str:
        """Hash topic → partitions."""
        return self.realm.key("bus:topics")

    @property
    def totals(self) -> str:
        """Hash stream → records ever appended."""
        return self.realm.key("bus:totals")

    @property
    def progress(self) -> str:
        """Hash ``group|stream`` → position that is done."""
        return self.realm.key("bus:progress")

    def stream(self, partition: TopicPartition) -> str:
        """Stream of a partition."""
        return self.realm.key(f"bus:stream:{partition.topic}:{partition.partition}")

    def members(self, group: str) -> str:
        """Sorted set member → end of its life."""
        return self.realm.key(f"bus:members:{group}")

    def leases(self, group: str) -> str:
        """Hash partition → lease."""
        return self.realm.key(f"bus:leases:{group}")
