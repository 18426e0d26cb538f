"""Colours of plotly's charts. They are written in the dark theme's values, and assets/charts.css repaints exactly these
by the theme's variables: a figure needs no theme, and follows a switch at once. Judged by tests/screens/test_styles.py.
"""

from __future__ import annotations

from typing import Final

TEXT: Final = "#e4edf6"
QUIET: Final = "#9fb2c6"
GRID: Final = "#1c2937"
LINE: Final = "#56b4e9"
GOOD: Final = "#2dbe8c"
NOTICE: Final = "#fad64a"
SEVERE: Final = "#ee344b"
AGED: Final = "#8692a0"
BAND: Final = "#2b4a63"
"""of a band of uncertainty or the usual range: filled, behind a line"""
BEFORE: Final = "#b9a2ff"
"""of an earlier time beside this one: dashed or thinner as well"""
HOVER: Final = "#0c131c"

VARIABLES: Final = {
    TEXT: "text",
    QUIET: "quiet",
    GRID: "chart-grid",
    LINE: "accent",
    GOOD: "good",
    NOTICE: "notice",
    SEVERE: "severe",
    AGED: "aged",
    BAND: "chart-band",
    BEFORE: "p4",
    HOVER: "raised",
}
"""colour → the variable of assets/theme.css that stands for it"""
