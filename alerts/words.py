"""What was heard last about each channel of an alarm, and when it was raised: for the book.

So that what is delivered again or out of order changes nothing, and chattering is noticed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from alerts.alarm import Alarm
from alerts.book_memory import Key, Word
from ops_center.domain.time import MINUTE_US

CHATTERS_TIMES = 3
CHATTERS_WITHIN_US = MINUTE_US
"""three raises within a minute are chattering (ISA-18.2, EEMUA 191)"""


class Words:
    """The newest word about each channel, and the last raises of each alarm."""

    def __init__(
        self, words: Iterable[tuple[Key, dict[str, Word]]] = (), raises: Iterable[tuple[Key, list[int]]] = ()
    ) -> None:
        self._over = dict(words)
        self._raises = dict(raises)

    def newest(self, alarm: Alarm | None, key: Key, channel: str) -> int:
        """Return the newest onset of a channel that is known, whether it stands or is over; -1 of none."""
        over = self._over.get(key, {}).get(channel, Word(-1, 0)).onset_us
        standing = alarm.findings if alarm else ()
        return max((one.onset_us for one in standing if one.channel == channel), default=over)

    def over(self, key: Key, channel: str, word: Word) -> None:
        """Note that a channel's condition is over."""
        self._over.setdefault(key, {})[channel] = word

    def raised(self, key: Key, onset_us: int) -> bool:
        """Note that an alarm was raised; return whether it chatters."""
        times = [*self._raises.get(key, ()), onset_us][-CHATTERS_TIMES:]
        self._raises[key] = times
        return len(times) == CHATTERS_TIMES and times[-1] - times[0] <= CHATTERS_WITHIN_US

    def last_raise(self, key: Key) -> int:
        """Return when an alarm was raised last; 0 where that isn't known."""
        return self._raises.get(key, [0])[-1]

    def forget(self, before_us: int, known: Container[Key]) -> None:
        """Forget what is older, of alarms that nobody knows any more."""
        for key in [
            key for key, said in self._over.items() if max(word.heard_us for word in said.values()) < before_us
        ]:
            if key not in known:
                del self._over[key]
        for key in [key for key, times in self._raises.items() if times[-1] < before_us and key not in known]:
            del self._raises[key]

    def kept(self) -> tuple[list[tuple[Key, dict[str, Word]]], list[tuple[Key, list[int]]]]:
        """Return what another can begin with."""
        words: Mapping[Key, dict[str, Word]] = self._over
        return list(words.items()), list(self._raises.items())
