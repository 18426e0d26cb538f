"""Names in Chinese and English: whatever an operator reads exists in both. And texts of others, made fit to be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

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


class _Worded:
    """A form of a label that is read through the installed wording; written as ever."""

    def __init__(self, language: Language, say: Callable[[str, str, Language], str]) -> None:
        self._language = language
        self._say = say

    def __get__(self, label: Label | None, owner: type) -> Any:
        if label is None:
            return self
        return self._say(_FORMS["zh"].__get__(label), _FORMS["en"].__get__(label), self._language)

    def __set__(self, label: Label, text: str) -> None:
        _FORMS[self._language].__set__(label, text)


_FORMS: dict[Language, Any] = {"zh": Label.__dict__["zh"], "en": Label.__dict__["en"]}


def use_wording(say: Callable[[str, str, Language], str] | None) -> None:
    """Let every label, those that exist already too, say what ``say(zh, en, language)`` returns; None: its own forms.

    Called once when a process starts. Without it a label is read as fast as any attribute.
    """
    for language, form in _FORMS.items():
        setattr(Label, language, form if say is None else _Worded(language, say))
