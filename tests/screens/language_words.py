"""What may stand on a page in whatever language it speaks: names, units, codes. Everything else is a word of one."""

from __future__ import annotations

import re
from collections.abc import Iterable

CHINESE = re.compile("[\u3400-\u9fff]+")
LATIN = re.compile(r"[A-Za-z]{3,}")
ANY = (
    r"^中$",  # the switch to Chinese
    r"[!-~≤≥µ]*\d[!-~]*",  # ids, times, versions, numbers with their units: ever a digit in it
    r"^[a-z_]+: .*$",  # details of the audit, as they are kept
    r"(?:/[a-z_-]+)+",  # addresses
    r"\bdemo-[a-z-]+\b",  # ready accounts
    r"\b[a-z_]+=[a-z_]+\b",
    r"\b[a-z]+(?:[._][a-z]+)+\b",  # codes: water_pressure_low, page.seen
)
"""patterns of what is of no language"""
NAMES = (
    *("中文", "English"),  # the languages themselves
    *(
        "CSV",
        "JSON",
        "GeoPackage",
        "CAP",
        "UCUM",
        "WGS",
        "EEMUA",
        "ISA",
        "IEC",
        "GB",
        "AQI",
        "PDF",
        "GDP",
    ),  # standards, formats
    *("kPa", "MPa", "hPa", "mm", "min", "km", "µg", "veh"),  # units
    *("Esc", "Ctrl", "Home", "Enter", "Space", "Tab", "Shift"),  # keys
    *("Chrome", "Linux", "Synthetic city: nothing in it is real 合成城市，并非真实数据"),
    *("Administrator", "管理员", "Ada", "wang", "chief", "admin", "test"),  # people of the tests
)
"""what has one form"""


def leftovers(texts: Iterable[str], language: str) -> list[str]:
    """Return the texts in which something of the other language is left."""
    other = CHINESE if language == "en" else LATIN
    return sorted({text for text in texts if other.search(_without_names(text))})


def _without_names(text: str) -> str:
    for pattern in ANY:
        text = re.sub(pattern, " ", text)
    for name in sorted(NAMES, key=len, reverse=True):
        text = text.replace(name, " ")
    return text
