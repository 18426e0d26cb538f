"""Where names begin: sorted arrays in which whatever begins with some letters is found by two binary searches; pure.

A key is a place in a long text from which somebody may begin to type: the begin of a name, of a word in it, of a
syllable. Its first letters are packed into 64 bits, eight of ASCII or four of others, so that keys are compared as
numbers; what is longer is compared in the text itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
END = "\n"
_LATIN, _OTHER = 8, 4
"""letters in a key"""
_ASCII = 0x80


class Kind(IntEnum):
    """What begins at a key."""

    NAME = 0
    ID = 1
    ENGLISH = 2
    PINYIN = 3
    INITIALS = 4
    OTHER_PINYIN = 5
    """of a second spelling"""
    OTHER_INITIALS = 6
    WITHIN_NAME = 7
    WITHIN_ID = 8
    WITHIN_ENGLISH = 9
    """a word of it"""
    WITHIN_PINYIN = 10
    WITHIN_INITIALS = 11


_WITHIN = np.arange(len(Kind), dtype=np.uint8)
for _kind, _inner in {
    Kind.NAME: Kind.WITHIN_NAME,
    Kind.ID: Kind.WITHIN_ID,
    Kind.ENGLISH: Kind.WITHIN_ENGLISH,
    Kind.PINYIN: Kind.WITHIN_PINYIN,
    Kind.INITIALS: Kind.WITHIN_INITIALS,
}.items():
    _WITHIN[_kind] = _inner


@dataclass(slots=True)
class Draft:
    """Fields of entries while they are gathered."""

    texts: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    syllables: list[int] = field(default_factory=list)
    """where syllables begin within a spelling, its first aside: places in the whole text"""
    length: int = 0

    def add(self, owner: int, text: str, kind: Kind, syllables: Sequence[int] = ()) -> None:
        """Add a field of an entry; what begins within it is found by its kind, syllables aside."""
        if not text:
            return
        self.texts.append(text)
        self.owners.append(owner)
        self.kinds.append(kind)
        self.syllables.extend([self.length + place for place in syllables])
        self.length += len(text) + 1


@dataclass(frozen=True, slots=True, eq=False)
class Begins:
    """Places from which somebody may type; arrays of one length."""

    owner: NDArray[np.int32]
    place: NDArray[np.int32]
    kind: NDArray[np.uint8]
    length: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Keys:
    """Keys by their first letters, arrays of one length."""

    key: NDArray[np.uint64]
    owner: NDArray[np.int32]
    place: NDArray[np.int32]
    kind: NDArray[np.uint8]
    length: NDArray[np.float32]
    """of the field, characters"""
    width: int

    @classmethod
    def of(cls, letters: NDArray[np.uint32], begins: Begins, width: int) -> Keys:
        """Return the places that begin with a letter of this width, in the order of what begins there."""
        first = letters[begins.place]
        mine = np.flatnonzero(first < _ASCII if width == _LATIN else first >= _ASCII)
        key = _keys(letters, begins.place[mine], width)
        order = np.argsort(key, kind="stable")
        mine = mine[order]
        return cls(key[order], begins.owner[mine], begins.place[mine], begins.kind[mine], begins.length[mine], width)

    def beginning(self, typed: str, text: str) -> tuple[Rows, NDArray[np.bool_]]:
        """Return the rows whose text begins with ``typed``, and which of them are nothing more than that."""
        low = packed(typed)
        fits = _fitting(typed)
        span = (1 << (64 - fits * (64 // self.width))) - 1 if fits < self.width else 0
        begin = int(np.searchsorted(self.key, np.uint64(low), "left"))
        end = int(np.searchsorted(self.key, np.uint64(low | span), "right"))
        rows = np.arange(begin, end)
        if fits < len(typed):
            there = [text.startswith(typed, place) for place in self.place[begin:end].tolist()]
            rows = rows[np.array(there, bool)]
        whole = self.kind[rows] < Kind.WITHIN_NAME
        if fits == len(typed) and fits < self.width:
            whole &= self.key[rows] == np.uint64(low)
        ended = [text[place + len(typed)] == END for place in self.place[rows[whole]].tolist()]
        whole[whole] = ended
        return rows, whole


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Everything that can be typed, and where it begins."""

    text: str
    latin: Keys
    other: Keys

    @classmethod
    def of(cls, draft: Draft) -> Text:
        """Return a draft, finished."""
        text = END.join(draft.texts) + END
        letters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        begins = _begins(letters, draft)
        return cls(text, Keys.of(letters, begins, _LATIN), Keys.of(letters, begins, _OTHER))

    def keys_for(self, typed: str) -> Keys:
        """Return the keys among which ``typed`` would be."""
        return self.latin if typed[0] < "\x80" else self.other


def packed(text: str) -> int:
    """Return the first letters as a number that sorts as they do; ends where letters of the other kind begin."""
    key = 0
    width = _LATIN if text[:1] < "\x80" else _OTHER
    bits = 64 // width
    count = _fitting(text)
    for letter in text[:count]:
        key = (key << bits) | (min(ord(letter), 0xFFFF) if width == _OTHER else ord(letter))
    return key << (bits * (width - count))


def _fitting(text: str) -> int:
    """Return how many of its first letters are in its key."""
    if text[:1] >= "\x80":
        return min(len(text), _OTHER)
    return next((i for i, letter in enumerate(text[:_LATIN]) if letter >= "\x80"), min(len(text), _LATIN))


def _keys(letters: NDArray[np.uint32], places: NDArray[np.int32], width: int) -> NDArray[np.uint64]:
    """Return :func:`packed` of what begins at each place."""
    key = np.zeros(len(places), np.uint64)
    going = np.ones(len(places), bool)
    for step in range(width):
        at = letters[np.minimum(places + step, len(letters) - 1)]
        going &= at != ord(END)
        if width == _LATIN:
            going &= at < _ASCII
        key <<= np.uint64(64 // width)
        key |= np.where(going, np.minimum(at, 0xFFFF), 0).astype(np.uint64)
    return key


def _begins(letters: NDArray[np.uint32], draft: Draft) -> Begins:
    """Return every place from which somebody may type: begins of fields, and those within them that their kind has."""
    lengths = np.fromiter(map(len, draft.texts), np.int64, len(draft.texts))
    starts = np.cumsum(lengths + 1) - lengths - 1
    field_of = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths + 1)
    kinds = np.array(draft.kinds, np.uint8)
    kind = kinds[field_of]
    first = np.zeros(len(letters), bool)
    first[starts] = True
    within = ~first & (letters != ord(END)) & _is_begun(letters, kind)
    syllable = np.zeros(len(letters), bool)
    syllable[np.array(draft.syllables, np.int64)] = True
    place = np.flatnonzero(first | within | (syllable & (kind == Kind.PINYIN)))
    inside = ~first[place]
    return Begins(
        np.array(draft.owners, np.int32)[field_of[place]],
        place.astype(np.int32),
        np.where(inside, _WITHIN[kind[place]], kind[place]).astype(np.uint8),
        lengths[field_of[place]].astype(np.float32),
    )


def _is_begun(letters: NDArray[np.uint32], kind: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where something begins within a field: words and numbers; in Chinese every character; every initial."""
    digit = (letters >= ord("0")) & (letters <= ord("9"))
    word = digit | ((letters >= ord("a")) & (letters <= ord("z"))) | (letters >= _ASCII)
    before_word, before_digit = np.roll(word, 1), np.roll(digit, 1)
    words = word & (~before_word | (before_digit != digit))
    spoken = np.isin(kind, (Kind.NAME, Kind.ID, Kind.ENGLISH))
    every = ((kind == Kind.NAME) & (letters >= _ASCII)) | (kind == Kind.INITIALS)
    return np.asarray((spoken & words) | every, bool)
