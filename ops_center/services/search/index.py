"""An index of names: which entries somebody may mean by what they typed, and how well each fits; pure, immutable.

Every word typed gives each entry a score, as an array over all entries: so a query costs the same few array operations
however many answer it. How well a word fits comes first (``Fit``); within that, the share of the name that was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from ops_center.services.search.entries import Entry
from ops_center.services.search.keys import END, Draft, Kind, Text
from ops_center.services.search.spelling import folded, is_han, spellings
from ops_center.services.search.typos import Vocabulary

Scores = NDArray[np.float32]
MAX_QUERY = 100
STEP = 1000.0
"""between one fit and the next"""
_FEW = 3
"""with fewer entries that fit, likeness is asked for too"""
_LOOKED_AT = 2000
"""begins of names that are looked at for one with its letters in order"""


class Fit(IntEnum):
    """How well what was typed fits a name."""

    NONE = 0
    ALIKE = 1
    """a letter is wrong, missing or too many, or it only sounds the same"""
    WITHIN = 2
    INITIALS = 3
    PREFIX = 4
    EXACT = 5


_FITS = np.full(len(Kind), STEP * Fit.WITHIN, np.float32)
"""of a name that goes on after what was typed"""
_FITS[: Kind.WITHIN_NAME] = STEP * Fit.PREFIX
_FITS[[Kind.INITIALS, Kind.OTHER_INITIALS]] = STEP * Fit.INITIALS
_WHOLE = _FITS.copy()
"""of one that ends there"""
_WHOLE[[Kind.NAME, Kind.ID, Kind.ENGLISH, Kind.PINYIN]] = STEP * Fit.EXACT
_WHOLE[[Kind.OTHER_PINYIN, Kind.INITIALS, Kind.OTHER_INITIALS]] += 300
_SHARES = np.full(len(Kind), 200.0, np.float32)
"""what it counts that much of the name was typed"""
_SHARES[[Kind.OTHER_PINYIN, Kind.OTHER_INITIALS, Kind.WITHIN_INITIALS]] = 50.0


class NameIndex:
    """Made once for the entries of one version of the catalog."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        self.row_of_thing = {entry.thing: row for row, entry in enumerate(self.entries) if entry.thing >= 0}
        draft = Draft()
        words: set[str] = set()
        for row, entry in enumerate(self.entries):
            _add(draft, words, row, entry)
        self._text = Text.of(draft)
        self._words = Vocabulary(words)

    def __len__(self) -> int:
        return len(self.entries)

    def scores(self, query: str) -> Scores:
        """Return how well each entry fits, float32[n]; 0: not at all."""
        typed = folded(query[:MAX_QUERY])
        if not typed:
            return np.zeros(len(self), np.float32)
        scores = self._said(typed)
        joined = typed.replace(" ", "").replace("'", "")
        words = typed.split(" ")
        if joined and joined != typed:
            np.maximum(scores, self._said(joined), out=scores)
        if len(words) > 1:
            np.maximum(scores, self._every(words), out=scores)
        if np.count_nonzero(scores) < _FEW:
            np.maximum(scores, self._alike(typed, words), out=scores)
        return scores

    def _said(self, typed: str) -> Scores:
        """Return scores of what begins with ``typed``, anywhere that a name may be begun."""
        scores = np.zeros(len(self), np.float32)
        keys = self._text.keys_for(typed)
        rows, whole = keys.beginning(typed, self._text.text)
        if len(rows):
            kinds = keys.kind[rows]
            fits = np.where(whole, _WHOLE[kinds], _FITS[kinds])
            share = _SHARES[kinds] * len(typed) / np.maximum(keys.length[rows], len(typed))
            np.maximum.at(scores, keys.owner[rows], (fits + share).astype(np.float32))
        return scores

    def _every(self, words: Sequence[str], alike: bool = False) -> Scores:
        """Return scores of what fits every word: as the worst of them, at the end of those that fit as well."""
        least: Scores | None = None
        for word in words:
            one = self._said(word)
            if alike and not one.any():
                one = self._alike_word(word)
            least = one if least is None else np.minimum(least, one)
        assert least is not None  # noqa: S101 - there is a word
        return np.where(least > 0, np.maximum(least - 300, np.floor(least / STEP) * STEP), 0).astype(np.float32)

    def _alike(self, typed: str, words: Sequence[str]) -> Scores:
        scores = self._alike_word(typed.replace(" ", ""))
        return np.maximum(scores, self._every(words, alike=True)) if len(words) > 1 else scores

    def _alike_word(self, word: str) -> Scores:
        """Return scores of what sounds the same, has its characters in order, or differs by a letter."""
        scores = np.zeros(len(self), np.float32)
        if any(map(is_han, word)):
            for syllables in spellings(word)[:1]:
                np.maximum(scores, 0.5 * self._said("".join(syllables)), out=scores)
            np.maximum(scores, self._with_gaps(word), out=scores)
        else:
            for other in self._words.like(word):
                np.maximum(scores, self._said(other), out=scores)
        most = float(scores.max(initial=0))
        return scores if most == 0 else (scores / most * (STEP - 1) + STEP * (Fit.ALIKE - 1)).astype(np.float32)

    def _with_gaps(self, word: str) -> Scores:
        """Return scores of names that hold all characters of ``word`` in order, others between them."""
        scores = np.zeros(len(self), np.float32)
        text = self._text.text
        keys = self._text.keys_for(word)
        rows, _ = keys.beginning(word[0], text)
        for row in rows[:_LOOKED_AT].tolist():
            place = int(keys.place[row])
            end = text.find(END, place)
            if _in_order(word, text[place:end]):
                scores[keys.owner[row]] = len(word) / (end - place)
        return scores


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _add(draft: Draft, words: set[str], row: int, entry: Entry) -> None:
    zh, en = folded(entry.name.zh), folded(entry.name.en)
    chinese = any(map(is_han, zh))
    draft.add(row, zh, Kind.NAME if chinese else Kind.ENGLISH)
    if en != zh:
        draft.add(row, en, Kind.ENGLISH)
    draft.add(row, folded(entry.id.partition("/")[2] or entry.id.partition(":")[2]), Kind.ID)
    for number, syllables in enumerate(spellings(zh)):
        usual = number == 0
        spelled = "".join(syllables)
        begins = list(accumulate(map(len, syllables)))[:-1] if usual else []
        draft.add(row, spelled, Kind.PINYIN if usual else Kind.OTHER_PINYIN, begins)
        draft.add(row, "".join([one[0] for one in syllables]), Kind.INITIALS if usual else Kind.OTHER_INITIALS)
        words.add(spelled)
    if entry.initials and not chinese:
        draft.add(row, folded(entry.initials), Kind.INITIALS)
    words.update([word for word in en.split(" ") if len(word) > 3])
    if entry.street is not None:
        _add_street(draft, row, folded(entry.street.zh), folded(entry.street.en))


def _add_street(draft: Draft, row: int, zh: str, en: str) -> None:
    """A thing is found by its road as by a word within its name."""
    draft.add(row, zh, Kind.WITHIN_NAME)
    if en != zh:
        draft.add(row, en, Kind.WITHIN_ENGLISH)
    for syllables in spellings(zh)[:1]:
        draft.add(row, "".join(syllables), Kind.WITHIN_PINYIN)
        draft.add(row, "".join([one[0] for one in syllables]), Kind.WITHIN_INITIALS)
