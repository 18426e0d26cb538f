"""Mutations of valid messages: of their bytes, and, where they are JSON, of what they say. Repeatable by its seed."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.fuzz import oddities
from tests.fuzz.oddities import RAW

MAX_BYTES = 4 << 20
"""no mutation makes more: a message that long is refused unread"""
_RAW_TEXT = re.compile(r'"(?:\\ufdd0|\ufdd0)((?:[^"\\]|\\.)*)"')

_NESTS = (("[", "]"), ('{"a":', "}"), ('[{"a":', "}]"))

Place = tuple[Any, Any]
"""a container and a key or index in it"""


class Mutator:
    """Makes mutated messages of valid ones."""

    def __init__(self, values: Sequence[bytes], chance: Random) -> None:
        self._values = values
        self._trees = [_parsed(value) for value in values]
        self._chance = chance

    def next(self) -> bytes:
        """Return the next message; now and then one of another shape altogether."""
        number = self._chance.randrange(len(self._values))
        value, is_json = self._values[number], self._trees[number] is not None
        way = self._chance.random()
        if way < 0.02:
            return self._chance.choice(_STRANGE)(value, self._chance)
        if is_json and way < 0.72:
            value = mutated_json(value, self._chance)
            if way > 0.12:
                return value[:MAX_BYTES]
        return mutated_bytes(value, self._values, self._chance)[:MAX_BYTES]


def _parsed(value: bytes) -> Any:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def mutated_bytes(value: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """Return ``value`` with a few bytes changed, left out, put in, repeated, or joined with another message."""
    body = bytearray(value)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at, length = chance.randrange(len(body) + 1), 1 + int(chance.expovariate(0.2))
        match chance.randrange(8):
            case 0 if body:
                body[at % len(body)] ^= 1 << chance.randrange(8)
            case 1 if body:
                body[at % len(body)] = chance.randrange(256)
            case 2:
                del body[at : at + length]
            case 3:
                del body[at:]
            case 4:
                body[at:at] = chance.choice(oddities.SPLICES)
            case 5:
                body[at:at] = body[at : at + length] * chance.choice((1, 2, 50))
            case 6:
                other = chance.choice(others)
                body[at:] = other[chance.randrange(len(other) + 1) :]
            case _:
                body[at : at + length] = chance.randbytes(length)
    return bytes(body)


def mutated_json(value: bytes, chance: Random) -> bytes:
    """Return the JSON of ``value`` with a few of its parts changed."""
    box = [json.loads(value)]
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
        chance.choice(_CHANGES)(_place(box, chance), chance)
        box = box or [None]
    return written(box[0], chance)


def written(tree: Any, chance: Random) -> bytes:
    """Return a tree as JSON, texts marked as RAW as they are, halves of surrogate pairs escaped or as bad bytes."""
    text = json.dumps(tree, ensure_ascii=chance.random() < 0.5, separators=(",", ":"))
    if RAW in text or "\\ufdd0" in text:
        text = _RAW_TEXT.sub(_spelled, text)
    return text.encode("utf-8", "surrogatepass")


def _spelled(found: re.Match[str]) -> str:
    """Return what a RAW text stands for: itself, or so many nested containers."""
    text: str = json.loads(f'"{found[1]}"')
    if not text.startswith("@"):
        return text
    depth, kind, closed = map(int, text[1:].split())
    opening, closing = _NESTS[kind]
    return opening * depth + ("1" + closing * depth if closed else "")


def _place(box: list[Any], chance: Random) -> Place:
    """Return a place somewhere in the tree, deep ones as likely as shallow ones."""
    container: Any = box
    key: Any = 0
    while (inner := container[key]) and isinstance(inner, dict | list) and chance.random() < 0.75:
        container = inner
        key = chance.choice(list(inner)) if isinstance(inner, dict) else chance.randrange(len(inner))
    return container, key


def odd(chance: Random) -> Any:
    """Return a value that is seldom meant."""
    match chance.randrange(8):
        case 0 | 1:
            return chance.choice(oddities.NUMBERS)
        case 2:
            return RAW + chance.choice(oddities.SPELLINGS)
        case 3 | 4:
            return chance.choice(oddities.TEXTS)
        case 5:
            return chance.choice(oddities.TIMES)
        case 6:
            return chance.choice((None, True, False, [], {}, [[]], [{}], {"a": None}))
        case _:
            return f"{RAW}@{chance.choice(oddities.DEPTHS)} {chance.randrange(len(_NESTS))} {chance.random() < 0.8:d}"


def _replace(place: Place, chance: Random) -> None:
    container, key = place
    container[key] = odd(chance)


def _wrap(place: Place, chance: Random) -> None:
    container, key = place
    inner = container[key]
    container[key] = chance.choice(([inner], {"a": inner}, [inner, inner], str(inner), [inner] * 7))


def _drop(place: Place, _chance: Random) -> None:
    container, key = place
    del container[key]
    if not container and isinstance(container, list):
        container.append(None)


def _add(place: Place, chance: Random) -> None:
    """Add a member, or one more of one that is there (its name twice)."""
    container, key = place
    if isinstance(container, list):
        container.insert(key, odd(chance))
    elif chance.random() < 0.4:
        container[RAW + json.dumps(key) + " " * chance.randrange(1, 9)] = odd(chance)
    else:
        container[chance.choice(oddities.NAMES)] = odd(chance)


def _length(place: Place, chance: Random) -> None:
    """Make a list (its own, or the one around it) longer or shorter, seldom very long."""
    container, key = place
    found = container[key] if isinstance(container[key], list) else container
    if not isinstance(found, list) or not found:
        return _replace(place, chance)
    if chance.random() < 0.5:
        del found[chance.randrange(len(found)) :]
        return None
    times = chance.choice((1, 1, 2, 3, 10)) if chance.random() < 0.99 else min(100_000, 300_000 // len(repr(found)))
    return found.extend(found[:20] * times)


def _number(place: Place, chance: Random) -> None:
    """Change a number a little or much: signs, factors, offsets of days and centuries."""
    container, key = place
    value = container[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _replace(place, chance)
    factor = chance.choice((-1, 0.5, 10, 1000, 1e6, 1e-6, 1e15, 1e300))
    step = chance.choice(
        (1, -1, 300_000_001, -300_000_001, 86_400_000_000 * 36, -86_400_000_000 * 36, 10**15, -(10**15))
    )
    container[key] = chance.choice((value * factor, value + step, -value, str(value), [value]))
    return None


def _exchange(place: Place, chance: Random) -> None:
    """Put one part in the place of another of the same container."""
    container, key = place
    other = chance.choice(list(container)) if isinstance(container, dict) else chance.randrange(len(container))
    container[key], container[other] = container[other], container[key]


def _time(place: Place, chance: Random) -> None:
    container, key = place
    if isinstance(container, dict):
        container[chance.choice(("t", "rt", "q"))] = chance.choice((*oddities.TIMES, *oddities.NUMBERS))
    else:
        container[key] = chance.choice(oddities.TIMES)


_CHANGES: Sequence[Callable[[Place, Random], None]] = (
    _replace, _replace, _replace, _wrap, _drop, _add, _add, _length, _number, _number, _exchange, _time,
)  # fmt: skip


def _compressed(value: bytes, chance: Random) -> bytes:
    packed = bytearray(zlib.compress(value, wbits=chance.choice((15, 31, -15))))
    packed[chance.randrange(len(packed))] ^= 1 << chance.randrange(8)
    return bytes(packed[: chance.randrange(len(packed) + 1)] if chance.random() < 0.5 else packed)


_STRANGE: Sequence[Callable[[bytes, Random], bytes]] = (
    _compressed,
    lambda value, chance: chance.randbytes(chance.randrange(200)),
    lambda value, chance: b"OPS1" + chance.choice((b"O", b"P")) + bytes(3) + chance.randbytes(chance.randrange(100)),
    lambda value, chance: value + value,
    lambda value, chance: b"[" + value + b"]",
    lambda value, chance: value.decode("utf-8", "replace").encode(chance.choice(("utf-16", "utf-32", "utf-8-sig"))),
    lambda value, chance: (chance.choice((b"[", b'{"t":', b'"', b" ")) * (chance.choice((10, 1000, 300_000)))),
    lambda value, chance: value * (((1 << 20) + chance.choice((-500, 500))) // max(len(value), 1)),
)  # fmt: skip
