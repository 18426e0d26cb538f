"""Texts in both languages as people write them in files and editors: bounded, and never blank."""

from __future__ import annotations

from typing import Annotated

import msgspec

from ops_center.domain.text import Label

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    zh: Text
    en: Text

    def __post_init__(self) -> None:
        self.label()

    def label(self) -> Label:
        """Return it as the center passes texts around; raises ValueError for one of blanks alone."""
        return Label(self.zh, self.en)


class ShortWords(Words, frozen=True, forbid_unknown_fields=True):
    """One short text in both languages: a name, a line on a panel."""

    zh: ShortText
    en: ShortText
