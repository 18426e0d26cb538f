"""docs/security.md says what is so: every requirement has its row, and every row that is done a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]
ASVS = {row[0]: row for row in ROWS if re.fullmatch(r"V\d+\.\d+\.\d+", row[0])}
NATIONAL = {row[0]: row for row in ROWS if re.fullmatch(r"7\.1\.\d+\.\d+( [a-e])?", row[0])}
STATES = {"done", "partly", "not done", "does not apply"}
# How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has.
CHAPTERS = {
    1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7,
    10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7,
}  # fmt: skip


def test_every_requirement_up_to_level_2_has_its_row() -> None:
    counted = {number: sum(name.startswith(f"V{number}.") for name in ASVS) for number in CHAPTERS}
    assert counted == CHAPTERS
    assert len(NATIONAL) >= 30


@pytest.mark.parametrize("row", [*ASVS.values(), *NATIONAL.values()], ids=lambda row: row[0])
def test_a_row_says_what_is_so_and_names_a_test_that_exists(row: list[str]) -> None:
    state, why, named = row[-3:]
    assert state in STATES
    assert why, "what is done, and what is not, is said in words"
    tests = re.findall(r"`(tests/[^`]+)`", named)
    assert bool(tests) == (state == "done") or state == "partly", "what is done has a test, what is not has none"
    for test in tests:
        file, _, function = test.partition("::")
        source = ROOT / file
        assert source.is_file(), file
        assert not function or f"def {function}(" in source.read_text(encoding="utf-8"), test


def test_what_is_worth_protecting_is_there() -> None:
    assert len(section("What is worth protecting")) >= 6


def test_what_talks_to_what_is_there() -> None:
    assert len(section("What talks to what")) >= 6


def test_the_inventory_of_cryptography_is_there() -> None:
    assert len(section("Cryptography")) >= 7


def section(title: str) -> list[str]:
    """Rows of the table under a heading."""
    text = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    return [line for line in text.splitlines() if line.startswith("| ")][1:]
