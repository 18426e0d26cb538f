"""Lets out of quarantine what was registered since: decode again, publish, then record what became of it.

Runs in a thread of the intake process whenever the catalog changed, and when somebody asks over HTTP. What is
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

    def run(self, stop: threading.Event) -> None:
        """Release after every change of the catalog until ``stop``; what fails is tried again."""
        released_for, failed = -1, False
        while not stop.wait(_LOOK_EVERY_S):
            self._watch.look()
            version = self._watch.catalog.version
            if not version or version == released_for:
                continue
            try:
                self.release_all(stop)
            except OpsCenterError as error:
                if not failed:
                    log.warning("release.failed", error=str(error))
                failed = True
                continue
            released_for, failed = version, False

    def release_all(self, stop: threading.Event) -> int:
        """Look at every standing message that registering can mend; return how many were released."""
        released, after_id = 0, 0
        while not stop.is_set():
            page = self._store.releasable(_PAGE, after_id)
            if not page:
                break
            released += self._release(page)
            after_id = page[-1].id
        if released:
            log.info("release.done", messages=released, catalog=self._watch.catalog.version)
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
