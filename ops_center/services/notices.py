"""What people are told on the pages, held in memory of a web process: the stream reads here, never the database.

One thread listens and looks. What is older than a day is in the journal alone. While the database is away what was
known last stays.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence

from ops_center.domain.audit import by
from ops_center.domain.rights import Asker, Rights, Role
from ops_center.domain.time import DAY_US, MINUTE_US, Clock
from ops_center.services.looking import follow
from ops_center.services.notifications.routes import NOTIFICATIONS
from ops_center.store.notification_port import NoticeStore, Notification, ReadMark
from ops_center.store.port import Ear

TOLD = Rights(see=NOTIFICATIONS.see | {Role.FIELD_UNIT})
"""who is told: also crews in the field, who have no journal to read"""
READING = Rights(see=TOLD.see, change=TOLD.see)
"""who is told may say that they have read it"""
_KEPT_US = DAY_US
_AGAIN_US = MINUTE_US
"""what was finished so shortly before is looked at again: clocks of senders differ, and commits overtake one another"""
_LOOK_EVERY_S = 5.0
"""also without being told: what was said while the connection was away is found then"""
_MOST = 2000
"""of one look, the newest"""


class NoticeWatch:
    """What was told on the pages within a day; safe to use from any thread."""

    def __init__(self, store: NoticeStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._looking = threading.Lock()
        self._told: dict[int, Notification] = {}
        self._read: dict[str, frozenset[int]] = {}
        self._since_us = 0
        self._hearers: list[Callable[[], None]] = []
        self.version = 0
        """grows whenever something was told or read; 0 before the first look"""

    def unread(self, asker: Asker) -> list[Notification]:
        """Return what ``asker`` is told and has not read, newest first."""
        read = self._read.get(asker.account, frozenset())
        found = [one for one in list(self._told.values()) if one.id not in read and is_for(asker, one)]
        return sorted(found, key=lambda one: (one.finished_us, one.id), reverse=True)

    def read(self, asker: Asker, ids: Sequence[int]) -> Sequence[int]:
        """Keep that ``asker`` has read these; return those that they had not. Raises StoreError."""
        theirs = [one for one in ids if one not in self._told or is_for(asker, self._told[one])]
        found = self._store.read(theirs, by(asker, self._clock.now_us(), "notifications.read", asker.account))
        self.look()
        return found

    def hear(self, hearer: Callable[[], None]) -> None:
        """Have ``hearer`` called after every change, in the thread that looks; it must return at once."""
        self._hearers.append(hearer)

    def look(self) -> bool:
        """Take what is new; return whether anything is. Raises StoreError."""
        with self._looking:
            now_us = self._clock.now_us()
            since_us = max(self._since_us - _AGAIN_US, now_us - _KEPT_US)
            told = {one.id: one for one in self._store.told(since_us, _MOST)}
            new = bool(told.keys() - self._told.keys())
            new |= self._take_marks(self._store.marks(since_us))
            kept = {number: one for number, one in self._told.items() if one.finished_us >= now_us - _KEPT_US}
            self._told = {**kept, **told}
            self._since_us = now_us
            changed = new or not self.version
            self.version += changed
        if changed:
            for hearer in self._hearers:
                hearer()
        return changed

    def _take_marks(self, marks: Sequence[ReadMark]) -> bool:
        """Add who has read what; marks of what is forgotten are forgotten with it."""
        read = defaultdict(set, {account: set(ids & self._told.keys()) for account, ids in self._read.items()})
        for mark in marks:
            read[mark.account].add(mark.notification)
        before, self._read = self._read, {account: frozenset(ids) for account, ids in read.items() if ids}
        return any(ids - before.get(account, frozenset()) for account, ids in self._read.items())

    def follow(self, ear: Ear, stop: threading.Event) -> threading.Thread:
        """Look whenever something is said, and now and then, in a thread of its own until ``stop``."""
        return follow(self.look, ear, stop, "notice", _LOOK_EVERY_S)


def is_for(asker: Asker, one: Notification) -> bool:
    """Return whether a notification on the pages is for ``asker``: by name or for all, and of what they may see."""
    if one.wanted.target not in {asker.account, "*"}:
        return False
    return asker.may_see_of(TOLD, one.department, one.district)
