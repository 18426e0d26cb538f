"""The glossary's words are the code's words."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
ROWS = [line.split("|")[1:-1] for line in GLOSSARY.read_text().splitlines() if line.startswith("| ")][1:]
NAMED = [(row[0].strip(), found.group(1)) for row in ROWS if (found := re.search(r"`([\w.]+)`", row[3]))]


def test_the_glossary_has_every_column_filled_except_the_code() -> None:
    assert len(ROWS) > 20
    assert all(len(row) == 4 and all(cell.strip() for cell in row[:3]) for row in ROWS)


@pytest.mark.parametrize(("word", "name"), NAMED)
def test_what_the_glossary_names_exists(word: str, name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert hasattr(importlib.import_module(module), attribute), f"{word}: {name} is gone"


def test_no_word_is_given_twice() -> None:
    words = [row[0].strip() for row in ROWS]
    assert len(words) == len(set(words))
