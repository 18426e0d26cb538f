"""Names in Chinese and English: whatever an operator reads exists in both. And texts of others, made fit to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
MAX_SHOWN = 200
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Label:
    """One text in both languages; neither may be empty."""

    zh: str
    en: str

    def __post_init__(self) -> None:
        if not self.zh.strip() or not self.en.strip():
            raise ValueError(f"a label needs both languages: {self!r}")

    def in_language(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.zh if language == "zh" else self.en


def shown(text: str) -> str:
    """Return a text of others that any database and screen can take: bounded, visible characters and whole ones."""
    clean = text[:MAX_SHOWN].encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() else "?" for c in clean)
