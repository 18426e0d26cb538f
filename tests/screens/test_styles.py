"""Style sheets of all pages are loaded together: what one page calls its own, no other may style by accident."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from ops_center.screens import chart_colors

ASSETS = Path(__file__).parents[2] / "assets"
SHEETS = sorted(ASSETS.glob("*.css"))
BARE = re.compile(r"^\.([a-z][a-z0-9-]*)(?=[\s,{:.>\[])", re.MULTILINE)
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])|(?:rgb|hsl)a?\(|:\s*(?:white|black)\b")
SHARED = {"mantine-": "another's names, refined where they are used", "badge": "one look, with kinds of its own"}


def test_a_bare_class_is_styled_in_one_sheet() -> None:
    homes = defaultdict(set)
    for sheet in SHEETS:
        for name in BARE.findall(sheet.read_text("utf-8")):
            homes[name].add(sheet.name)
    shared = {name: sheets for name, sheets in homes.items() if len(sheets) > 1}
    assert {name for name in shared if not name.startswith(tuple(SHARED))} == set()
    assert len(homes) > 50, "the pattern finds what it looks for"


def test_colours_are_named_in_the_theme_alone() -> None:
    named = {
        (sheet.name, number): line.strip()
        for sheet in [*SHEETS, ASSETS / "entry" / "entry.css"]
        for number, line in enumerate(sheet.read_text("utf-8").splitlines(), 1)
        if COLOUR.search(_declarations(line)) and sheet.name != "theme.css"
    }
    assert named == {}, "use a variable of assets/theme.css, or a tint of one by color-mix"
    assert COLOUR.search(_declarations(".a { color: #fff; }")), "the pattern finds what it looks for"


def test_both_themes_name_the_same_colours() -> None:
    text = (ASSETS / "theme.css").read_text("utf-8")
    blocks = re.findall(r'\[data-theme="\w+"\] \{([^}]*)\}', text)
    dark, light = (set(re.findall(r"(--[a-z0-9-]+):", block)) for block in blocks)
    assert dark - light == {"--paper", "--ink", "--print-line", "--notice-fill", "--on-notice"}, "what is alike in both"
    assert light <= dark


def test_every_variable_that_is_used_exists() -> None:
    texts = {sheet.name: sheet.read_text("utf-8") for sheet in SHEETS}
    named = set(re.findall(r"(--[a-z0-9-]+):", " ".join(texts.values())))
    named |= {f"--{name}" for name in re.findall(r"@property --([a-z-]+)", " ".join(texts.values()))}
    used = {(name, word) for name, text in texts.items() for word in re.findall(r"var\((--[a-z0-9-]+)\)", text)}
    assert {(name, word) for name, word in used if word not in named} == set()


def _declarations(line: str) -> str:
    """Return what a line of a sheet declares, without the selectors before it: ids look like colours."""
    return " ".join(re.findall(r"[a-z-]+:\s[^;{}]+[;}]", line))


def test_every_colour_of_a_chart_is_repainted() -> None:
    sheet = (ASSETS / "charts.css").read_text("utf-8")
    for colour, variable in chart_colors.VARIABLES.items():
        channels = ", ".join(str(int(colour[n : n + 2], 16)) for n in (1, 3, 5))
        for kind in ("stroke", "fill"):
            assert f'[style*="{kind}: rgb({channels})"] {{ {kind}: var(--{variable}) !important; }}' in sheet
