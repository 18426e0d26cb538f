"""Words that somebody may have meant who mistyped: one letter wrong, missing, too many, or two exchanged; pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

WIDTH = 14
"""letters of a word that are compared"""
SHORTEST = 4
"""shorter words have too many neighbours"""
LONG = 8
"""from here on two mistakes are forgiven"""
MOST = 12


class Vocabulary:
    """Words in order, as a matrix of letters; what is typed may be the begin of one."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted({word[:WIDTH] for word in words if len(word) >= SHORTEST and word.isascii()})
        raw = np.array([word.encode() for word in self.words] or [b""], f"S{WIDTH}")
        self._letters: NDArray[np.uint8] = raw.view(np.uint8).reshape(-1, WIDTH).T.copy()

    def like(self, typed: str) -> list[str]:
        """Return words that ``typed`` is nearly the begin of, the nearest first, at most 12."""
        if not self.words or len(typed) < SHORTEST or not typed.isascii() or typed[0].isdigit():
            return []
        word = typed[:WIDTH]
        rows = self._candidates(word)
        distances = _distances(word.encode(), self._letters[:, rows])
        allowed = 2 if len(word) >= LONG else 1
        best = np.flatnonzero(distances <= allowed)
        best = best[np.argsort(distances[best], kind="stable")][:MOST]
        return [self.words[row] for row in rows[best].tolist()]

    def _candidates(self, word: str) -> NDArray[np.intp]:
        """Return the words that begin as it does, or with its second letter: nobody mistypes both."""
        first = self._letters[0]
        return np.flatnonzero((first == ord(word[0])) | (first == ord(word[1])))


def _distances(typed: bytes, letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the least number of mistakes from ``typed`` to a begin of each word (letters by place, words by column).

    The distance of Damerau and Levenshtein, of neighbours only, a row of its table for each letter, for all words.
    """
    count = letters.shape[1]
    width = min(WIDTH, len(typed) + 2)
    before: list[NDArray[np.uint8]] = []
    row = [np.full(count, place, np.uint8) for place in range(width + 1)]
    for number, letter in enumerate(typed, 1):
        above, row = row, [np.full(count, number, np.uint8)]
        for place in range(1, width + 1):
            here = letters[place - 1]
            best = np.minimum(np.minimum(above[place], row[place - 1]) + 1, above[place - 1] + (here != letter))
            if number > 1 and place > 1:
                exchanged = (here == typed[number - 2]) & (letters[place - 2] == letter)
                best = np.where(exchanged, np.minimum(best, before[place - 2] + 1), best)
            row.append(best.astype(np.uint8))
        before = above
    return np.asarray(np.minimum.reduce(row[max(1, len(typed) - 2) :]), np.uint8)
