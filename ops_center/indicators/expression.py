"""Formulas of indicators: a language of numbers, names, ``+ - * / ( )`` and a few functions. Nothing is ever executed.

``100 * in_time / all`` is parsed once into a tree of our own, whose leaves are numbers and the names of inputs; it
works on numbers and on whole series alike. What can't be known stays NaN: a division by zero, and whatever a NaN goes
into.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ops_center.domain.observations import Float64

MAX_CHARACTERS = 500
_MAX_DEPTH = 30
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?P<name>[a-z][a-z0-9_]*)|(?P<sign>[-+*/(),]))")

Values = Mapping[str, Float64]
Node = Callable[[Values], Float64]


@dataclass(frozen=True, slots=True)
class _Function:
    arguments: tuple[int, int]
    """least and most"""
    of: Callable[[Sequence[Float64]], Float64]


def _clip(given: Sequence[Float64]) -> Float64:
    return np.asarray(np.minimum(np.maximum(given[0], given[1]), given[2]))


FUNCTIONS: Mapping[str, _Function] = {
    "min": _Function((2, 8), lambda given: np.asarray(np.minimum.reduce(np.broadcast_arrays(*given)))),
    "max": _Function((2, 8), lambda given: np.asarray(np.maximum.reduce(np.broadcast_arrays(*given)))),
    "mean": _Function((2, 8), lambda given: np.asarray(sum(given) / len(given))),
    "abs": _Function((1, 1), lambda given: np.asarray(np.abs(given[0]))),
    "clip": _Function((3, 3), _clip),
}
"""``clip(x, low, high)``; all of them know nothing where one of their arguments is not known"""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was understood."""

    text: str
    names: frozenset[str]
    """the inputs that it speaks of"""
    _node: Node

    def __call__(self, values: Values) -> Float64:
        """Return its value, float64 of the shape of the inputs; NaN where it can't be known."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            found = np.asarray(self._node(values), np.float64)
        return np.where(np.isfinite(found), found, np.nan)


def parse(text: str) -> Formula:
    """Return the formula that ``text`` writes. Raises ValueError that says where it is not understood."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a formula has at most {MAX_CHARACTERS} characters")
    parser = _Parser(text)
    node = parser.sum(0)
    if parser.at < len(parser.tokens):
        raise ValueError(f"{parser.tokens[parser.at][1]!r} is not expected there")
    return Formula(text, frozenset(parser.names), node)


class _Parser:
    """Recursive descent: sums of products of atoms."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.at = 0
        self.names: set[str] = set()

    def sum(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise ValueError("brackets are nested too deeply")
        left = self._product(depth)
        while (sign := self._take("+", "-")) is not None:
            left = _both(left, self._product(depth), sign)
        return left

    def _product(self, depth: int) -> Node:
        left = self._atom(depth)
        while (sign := self._take("*", "/")) is not None:
            left = _both(left, self._atom(depth), sign)
        return left

    def _atom(self, depth: int) -> Node:
        if self._take("-") is not None:
            return _both(_constant(0.0), self._atom(depth + 1), "-")
        if depth > _MAX_DEPTH or self.at >= len(self.tokens):
            raise ValueError("the formula ends too early" if depth <= _MAX_DEPTH else "nested too deeply")
        kind, word = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return _constant(float(word))
        if kind == "name":
            return self._call(word, depth) if self._take("(") is not None else self._name(word)
        if word != "(":
            raise ValueError(f"{word!r} is not expected there")
        inside = self.sum(depth + 1)
        self._want(")")
        return inside

    def _name(self, word: str) -> Node:
        self.names.add(word)
        return lambda values: values[word]

    def _call(self, word: str, depth: int) -> Node:
        if (function := FUNCTIONS.get(word)) is None:
            raise ValueError(f"{word!r} is no function: {', '.join(FUNCTIONS)}")
        arguments = [self.sum(depth + 1)]
        while self._take(",") is not None:
            arguments.append(self.sum(depth + 1))
        self._want(")")
        least, most = function.arguments
        if not least <= len(arguments) <= most:
            raise ValueError(f"{word} takes {least} to {most} arguments")
        return lambda values: function.of([argument(values) for argument in arguments])

    def _take(self, *signs: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at][1] in signs:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def _want(self, sign: str) -> None:
        if self._take(sign) is None:
            raise ValueError(f"{sign!r} is missing")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"not understood from {text[at:].strip()[:20]!r} on")
        kind = match.lastgroup or ""
        found.append((kind, match.group(kind)))
        at = match.end()
    return found


def _constant(value: float) -> Node:
    number = np.float64(value)
    return lambda _values: np.asarray(number)


def _both(left: Node, right: Node, sign: str) -> Node:
    of: Callable[[Float64, Float64], Float64] = _SIGNS[sign]
    return lambda values: of(left(values), right(values))


_SIGNS: Mapping[str, Callable[[Float64, Float64], Float64]] = {
    "+": lambda a, b: np.asarray(a + b),
    "-": lambda a, b: np.asarray(a - b),
    "*": lambda a, b: np.asarray(a * b),
    "/": lambda a, b: np.asarray(np.asarray(a) / np.asarray(b)),
}
