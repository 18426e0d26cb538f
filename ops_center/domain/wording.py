"""Other wording for the texts of the code, from translation catalogs: which text stands where another is written.

A text is known by both its forms, as the code has them: ``(zh, en)``. What the code fills in (``f"{count} alarms"``) is
known by its pattern: ``{0}`` stands for what is filled in first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ops_center.domain.text import Language

PLACE = re.compile(r"\{(\d+)\}")


@dataclass(frozen=True, slots=True)
class Worded:
    """One text of the code, and what is said instead of it in one language."""

    zh: str
    en: str
    language: Language
    text: str

    @property
    def written(self) -> str:
        """Return the form of the code in this language."""
        return self.zh if self.language == "zh" else self.en


class Wording:
    """All that is said otherwise. Immutable; asked at every reading of a text, so it remembers."""

    def __init__(self, entries: Iterable[Worded]) -> None:
        known = [one for one in entries if one.text and one.text != one.written]
        self._exact = {(one.zh, one.en, one.language): one.text for one in known if not PLACE.search(one.written)}
        filled = [one for one in known if PLACE.search(one.written)]
        self._filled = [(one.language, _pattern(one.written), one.text) for one in filled]
        self.say = lru_cache(maxsize=10_000)(self._say)

    def _say(self, zh: str, en: str, language: Language) -> str:
        """Return what is said for a text in a language: the form of the code where nothing else is known."""
        written = zh if language == "zh" else en
        exact = self._exact.get((zh, en, language))
        if exact is not None:
            return exact
        for spoken, pattern, text in self._filled:
            found = pattern.fullmatch(written) if spoken == language else None
            if found:
                return _filled(text, found.groups())
        return written


def places(text: str) -> set[int]:
    """Return which places of a text are filled in."""
    return {int(number) for number in PLACE.findall(text)}


def _filled(text: str, values: tuple[str, ...]) -> str:
    return PLACE.sub(lambda place: values[int(place[1])], text)


def _pattern(written: str) -> re.Pattern[str]:
    """Return what finds a filled text again; its groups are in the order of the places' numbers."""
    parts = PLACE.split(written)[::2]
    return re.compile("(.*?)".join(map(re.escape, parts)), re.DOTALL)
