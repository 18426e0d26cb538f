"""What the file of a panel kind holds. Judged by tests/contracts/test_every_panel.py."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec

from ops_center.domain.rights import Rights
from ops_center.domain.text import Label
from ops_center.domain.words import ShortWords
from ops_center.screens.screen import Center

Decimals = Annotated[int, msgspec.Meta(ge=0, le=4)]
LayerName = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Layers = Annotated[tuple[LayerName, ...], msgspec.Meta(max_length=64)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Codes = Annotated[tuple[Code, ...], msgspec.Meta(max_length=50)]
State = Literal["ok", "empty", "aged", "failed", "forbidden", "loading"]


def named(zh: str, en: str, **bounds: Any) -> msgspec.Meta:
    """Return the bounds of an option with the name that the editor's form gives it."""
    return msgspec.Meta(extra={"zh": zh, "en": en}, **bounds)


class PanelOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every panel may be told; a kind's own options add to it, each with bounds and a name."""

    title: Annotated[ShortWords | None, named("标题", "title")] = None
    """instead of the kind's own"""
    bare: Annotated[bool, named("无边框", "no frame")] = False
    """neither ground nor heading: it stands on what lies below"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a panel shows now."""

    body: Sequence[Any]
    state: State = "ok"
    title: Label | None = None
    """instead of the kind's own, where its options say none"""
    aside: Sequence[Any] = field(default_factory=tuple)
    """stands at the right of the heading: how many there are, the unit"""


@dataclass(frozen=True, slots=True)
class PanelKind:
    """One kind of panel."""

    name: str
    label: Label
    purpose: Label
    """what it shows, in one sentence, for whoever arranges a scene"""
    rights: Rights
    options: type[PanelOptions]
    render: Callable[[Center, Any], Shown]
    """returns what is shown with these options to whoever asks (``people.asking``); may raise OpsCenterError"""
    refresh_s: float | None = None
    """how often the server is asked again; None: what changes in it comes over ``/live``"""
    order: int = 50
    """place in the editor's list"""
    size: tuple[int, int] = (8, 6)
    """width and height in cells when it is added, of a grid of 32 × 18"""
    offered: Callable[[Center], bool] = lambda _center: True
    """whether this center has what it shows"""


def painted(painter: str, said: Any = None, **attributes: Any) -> Any:
    """Return a place that ``opsCenter.painters[painter]`` (assets/scene_panels.js) fills in, given ``said`` as JSON."""
    from dash import html

    from ops_center.screens.screen import marked

    more = {"className": f"sp-painted sp-{painter}", **attributes}
    return html.Div(**more, **marked(data_painter=painter, data_said=msgspec.json.encode(said).decode()))
