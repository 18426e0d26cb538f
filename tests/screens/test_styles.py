"""Style sheets of all pages are loaded together: what one page calls its own, no other may style by accident."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

SHEETS = sorted((Path(__file__).parents[2] / "assets").glob("*.css"))
BARE = re.compile(r"^\.([a-z][a-z0-9-]*)(?=[\s,{:.>\[])", re.MULTILINE)
SHARED = {"mantine-": "another's names, refined where they are used", "badge": "one look, with kinds of its own"}


def test_a_bare_class_is_styled_in_one_sheet() -> None:
    homes = defaultdict(set)
    for sheet in SHEETS:
        for name in BARE.findall(sheet.read_text("utf-8")):
            homes[name].add(sheet.name)
    shared = {name: sheets for name, sheets in homes.items() if len(sheets) > 1}
    assert {name for name in shared if not name.startswith(tuple(SHARED))} == set()
    assert len(homes) > 50, "the pattern finds what it looks for"
