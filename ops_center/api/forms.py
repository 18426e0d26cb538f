"""The panel on a page before the center, the form in it, and the ways out of it."""

from __future__ import annotations

from urllib.parse import urlencode

from ops_center.api.entry_page import Notice, Place, document, framed, notice_box
from ops_center.api.fields import hidden
from ops_center.api.markup import Html, both, el
from ops_center.domain.text import Label


def panel(title: Label, notice: Notice | None, *children: object, wide: bool = False) -> Html:
    """Return the panel: what it is about, what is to be said, and the rest."""
    return el("section", el("h2", both(title)), notice_box(notice), *children, class_="panel wide" if wide else "panel")


def step_page(place: Place, title: Label, notice: Notice | None, said: Label, *children: object) -> str:
    """Return the page of one step: a sentence that says what to do, and what to do it with."""
    return document(place, title, framed(place, panel(title, notice, el("p", both(said), class_="said"), *children)))


def form(place: Place, action: str, *children: object) -> Html:
    """Return a form that carries along where its person wanted to go, and their language."""
    return el(
        "form",
        *children,
        hidden("next", place.next),
        hidden("language", place.language),
        method="post",
        action=action,
    )


def start_again(place: Place) -> Html:
    """Return the way back to the first step."""
    address = f"/sign-in?{urlencode({'next': place.next})}"
    return el("p", el("a", both(Label("重新开始", "Start again")), href=address), class_="again")


def copy_button(target: str) -> Html:
    """Return a button that copies what the element ``target`` says; there only with script."""
    return el(
        "button",
        el("span", both(Label("复制", "Copy")), class_="before"),
        el("span", both(Label("已复制", "Copied")), class_="after"),
        type="button",
        class_="small",
        data_act="copy",
        data_target=target,
        hidden=True,
    )
