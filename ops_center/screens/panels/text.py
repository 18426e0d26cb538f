"""A text in both languages: what a scene is for, a phone number, an instruction of the shift."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from dash import html

from ops_center.domain.rights import PICTURE, Rights
from ops_center.domain.text import Label
from ops_center.screens.panels.kind import PanelKind, PanelOptions, Shown, named
from ops_center.screens.screen import Center, spoken

Lines = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text of several lines in both languages."""

    zh: Lines
    en: Lines

    def __post_init__(self) -> None:
        Label(self.zh, self.en)


class TextOptions(PanelOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of a text."""

    text: Annotated[Body, named("文字", "text")]
    size: Annotated[Literal["small", "medium", "large"], named("字号", "size")] = "medium"
    align: Annotated[Literal["left", "middle"], named("对齐", "aligned")] = "left"


def render(_center: Center, options: TextOptions) -> Shown:
    """Return the text; each line is a paragraph."""
    pairs = _paired(options.text)
    lines: list[Any] = [html.P(spoken(label)) for label in pairs]
    return Shown([html.Div(lines, className=f"sp-text {options.size} {options.align}")], title=Label("说明", "Note"))


def _paired(text: Body) -> list[Label]:
    zh, en = text.zh.strip().splitlines(), text.en.strip().splitlines()
    if len(zh) != len(en) or not all(line.strip() for line in (*zh, *en)):
        return [Label(text.zh, text.en)]
    return [Label(one, other) for one, other in zip(zh, en, strict=True)]


PANEL = PanelKind(
    "text",
    Label("文字", "text"),
    Label("固定文字：提示、电话、要求", "a fixed text: an instruction, a number to call"),
    Rights(see=PICTURE),
    TextOptions,
    render,
    order=70,
    size=(8, 3),
)
