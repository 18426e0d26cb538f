"""HTML of the pages that work without script: made of elements, so that nothing reaches a page unescaped.

``el("p", text)`` escapes ``text``; only what an element returned (:class:`Html`) passes as it is.
"""

from __future__ import annotations

from html import escape
from typing import Any

from ops_center.domain.text import Label

_VOID = frozenset({"input", "link", "meta", "br", "img"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def el(tag: str, *children: object, **attributes: Any) -> Html:
    """Return an element. Attributes: ``class_`` is ``class``, ``aria_live`` is ``aria-live``; None and False are left
    out, True stands alone.
    """
    opening = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        return Html(f"<{tag}{opening}>")
    return Html(f"<{tag}{opening}>{together(*children)}</{tag}>")


def together(*children: object) -> Html:
    """Return children side by side; None, and lists within, are understood."""
    return Html("".join(map(_child, children)))


def both(label: Label) -> Html:
    """Return a text in both languages; the style sheet shows the one that is spoken."""
    if label.zh == label.en:
        return el("span", label.zh)
    return together(
        el("span", label.zh, class_="zh", lang="zh-CN"),
        el("span", label.en, class_="en", lang="en"),
    )


def _child(child: object) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, Label):
        return both(child)
    if isinstance(child, list | tuple):
        return together(*child)
    return escape(str(child))


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    named = name.rstrip("_").replace("_", "-")
    return f" {named}" if value is True else f' {named}="{escape(str(value))}"'
