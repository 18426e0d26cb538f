"""A situation report as data: sections of facts, texts and tables in one language.

Page, print and what is frozen when it is issued are made from it. Made by ``report``.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ops_center.domain.text import Language

Mark = Literal["", "late", "done"]


class Fact(msgspec.Struct, frozen=True):
    """A name and what it is."""

    name: str
    value: str


class Row(msgspec.Struct, frozen=True):
    """A row of a table."""

    cells: tuple[str, ...]
    mark: Mark = ""
    """what is overdue says so in words too"""


class Table(msgspec.Struct, frozen=True):
    """Rows under heads."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]


class Section(msgspec.Struct, frozen=True):
    """A part of the report."""

    id: str
    title: str
    facts: tuple[Fact, ...] = ()
    text: tuple[str, ...] = ()
    table: Table | None = None


class Document(msgspec.Struct, frozen=True):
    """A situation report in one language."""

    language: Language
    number: int
    """0: it is not issued"""
    title: str
    kicker: str
    """city and kind of document, above the title"""
    state: str
    """live as of …, or issued by whom and when"""
    banner: str
    """of a drill or a simulation; "" none"""
    sections: tuple[Section, ...]
