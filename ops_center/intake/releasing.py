"""Lets out of quarantine what was registered since: decode again, publish, then record what became of it.

Runs in a thread of the intake process, and when somebody asks over HTTP. What is
published twice, by a crash in between or by two at once, is recognised as a repeat by everybody behind the log.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence

import structlog

from feeds.contract import Feed
from ops_center.bus.port import Bus
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.messages import Decoded, RejectReason
from ops_center.domain.time import Clock
from ops_center.intake.canonical import publish
from ops_center.store.port import Held, Quarantined, QuarantineStore, Release
from ops_center.store.watching import CatalogWatch

log = structlog.get_logger(__name__)

_PAGE = 500
"""messages looked at in one transaction"""
_LOOK_EVERY_S = 1.0
_LATE_IDS = 1_000
"""an id is given before its transaction commits: that many are looked at again, so that none is overlooked"""


class Releaser:
    """Looks through the quarantine with the present catalog."""

    def __init__(
        self, feeds: Mapping[str, Feed], bus: Bus, store: QuarantineStore, watch: CatalogWatch, clock: Clock
    ) -> None:
        self._feeds = feeds
        self._bus = bus
        self._store = store
        self._watch = watch
        self._clock = clock
        self._looked_to = 0
        self._looked_for = -1

    def run(self, stop: threading.Event) -> None:
        """Look about once a second until ``stop``; what fails is tried again."""
        failed = False
        while not stop.wait(_LOOK_EVERY_S):
            try:
                self.turn()
            except OpsCenterError as error:
                if not failed:
                    log.warning("release.failed", error=str(error))
                failed = True
                continue
            if failed:
                log.info("release.works_again")
            failed = False

    def turn(self) -> int:
        """Look at what is new, or at everything where the catalog changed; return how many were released.

        What is new is looked at even if the catalog is not: an intake worker may have refused it a moment ago by
        the version before.
        """
        self._watch.look()
        version = self._watch.catalog.version
        if version != self._looked_for:
            self._looked_to = 0
        released, after_id = 0, max(0, self._looked_to - _LATE_IDS)
        while page := self._store.releasable(_PAGE, after_id):
            released += self._release(page)
            after_id = page[-1].id
        self._looked_to, self._looked_for = max(after_id, self._looked_to), version
        if released:
            log.info("release.done", messages=released, catalog=version)
        return released

    def release(self, limit: int) -> int:
        """Release what can be released of the ``limit`` oldest; return how many messages. May raise and wait."""
        self._watch.look()
        return self._release(self._store.releasable(limit))

    def _release(self, page: Sequence[Held]) -> int:
        known = [held for held in page if held.quarantined.feed in self._feeds]
        found = [(held, self._decode(held)) for held in known]
        mended = [(held, decoded) for held, decoded in found if _unknown(decoded) < held.quarantined.count]
        if not mended:
            return 0
        producer = self._bus.producer()
        try:
            publish(producer, [(held.quarantined.message.partition, decoded) for held, decoded in mended])
        finally:
            producer.close()
        self._store.release([became(held, decoded) for held, decoded in mended])
        return len(mended)

    def _decode(self, held: Held) -> Decoded:
        feed = self._feeds[held.quarantined.feed]
        return feed.decode([held.quarantined.message], self._watch.catalog, self._clock.now_us())


def became(held: Held, decoded: Decoded) -> Release:
    """Return what became of a held message; of the rest of the message nothing changes."""
    unknown = _unknown(decoded)
    counts = Counter[RejectReason]()
    for reject in decoded.rejects:
        counts[reject.reason] += reject.count
    details = {reject.reason: reject.detail for reject in decoded.rejects}
    one = held.quarantined
    refused = [
        Quarantined(one.feed, one.message, reason, more, details[reason])
        for reason, count in counts.items()
        if reason is not one.reason and (more := count - held.beside.get(reason, 0)) > 0
    ]
    accepted = one.count - unknown - sum(more.count for more in refused)
    return Release(held, max(accepted, 0), unknown, refused)


def _unknown(decoded: Decoded) -> int:
    return sum(reject.count for reject in decoded.rejects if reject.reason is RejectReason.UNKNOWN_DATASTREAM)
