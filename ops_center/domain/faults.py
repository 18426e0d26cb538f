"""What is wrong with something that somebody wrote, by field and in both languages.

Whoever checks a form names the field and says in English what was expected there (msgspec's words); here it becomes a
:class:`Fault` that a page can show beside its field. Called by services and pure rooms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from ops_center.domain.text import Label

_FIELD = re.compile(r"[a-z_]+(?:\.\w+|\[[^\]]*\])*")
_MOMENT = re.compile(r"Expected `str` matching regex .*:\[0-5\]\[0-9\].*")
_A_MOMENT = Label("须为时刻，如 07:30", "a time of day is expected, as 07:30")
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Object missing required field `(?P<field>[^`]+)`"), "缺少必填项"),
    (re.compile(r"Object contains unknown field `(?P<field>[^`]+)`"), "没有这一项"),
    (re.compile(r"Expected `(?P<a>[^`]+)` of length (?P<op>[<>]=?) (?P<n>\S+)"), "长度须 {op} {n}"),
    (re.compile(r"Expected `(?P<a>[^`]+)` (?P<op>[<>]=?) (?P<n>\S+)"), "须为 {op} {n} 的数"),
    (re.compile(r"Expected `(?P<a>[^`]+)` matching regex .*"), "格式不符：小写字母开头，其后为小写字母、数字或下划线"),
    (re.compile(r"Expected `(?P<a>[^`]+)`, got `(?P<b>[^`]+)`"), "须为 {a}，却是 {b}"),
    (re.compile(r"Invalid enum value (?P<a>.+)"), "没有 {a} 这个取值"),
    (re.compile(r"(?P<a>'[^']*') is none of (?P<b>.+)"), "{a} 不在以下取值之中：{b}"),
)


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one field."""

    field: str
    """``parameters.above``, ``panels[2].x``; "" where it is the whole"""
    what: Label


def fault_of(text: str) -> Fault:
    """Return the fault that ``field: message`` says."""
    head, colon, rest = text.partition(": ")
    field, message = (head, rest) if colon and _FIELD.fullmatch(head) else ("", text)
    if _MOMENT.fullmatch(message):
        return Fault(field, _A_MOMENT)
    for pattern, words in _WORDS:
        found = pattern.fullmatch(message)
        if found is None:
            continue
        named = found.groupdict()
        if inner := named.get("field"):
            field = f"{field}.{inner}" if field else inner
        return Fault(field, Label(words.format(**named), message))
    return Fault(field, Label(f"不符合要求：{message}", message))


def converted(value: object, into: type[T], prefix: str = "") -> T | Fault:
    """Return decoded JSON or TOML as the structure ``into``, or the first thing that is wrong with it."""
    try:
        return msgspec.convert(value, into, str_keys=True)
    except (msgspec.ValidationError, RecursionError, OverflowError, UnicodeError) as error:
        message, _, path = str(error).partition(" - at `$")
        field = ".".join(part for part in (prefix, path.rstrip("`").lstrip(".")) if part)
        return fault_of(f"{field}: {message}" if field else message)
