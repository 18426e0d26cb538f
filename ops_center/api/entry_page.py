"""The frame of the pages before the center: sign-in and display. Plain HTML that works without script.

The look and the small scripts are files of ``assets/entry``, served under ``/sign-in/`` because nobody who is not
signed in may load anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from ops_center.api.markup import Html, both, el, together
from ops_center.api.own_paths import HOME
from ops_center.domain.text import Label, Language

_CENTER = Label("城市运行中心", "City Operations Center")
_RECORDED = Label("本系统内的查看与操作均有记录。", "What is seen and done here is recorded.")
_OTHER: dict[Language, Language] = {"zh": "en", "en": "zh"}


@dataclass(frozen=True, slots=True)
class Place:
    """What is the same on all steps of one visit."""

    city: Label
    banner: Label | None
    """what is said where the data isn't real"""
    language: Language = "zh"
    next: str = HOME
    """where the visitor wanted to go"""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said above a form, and for how long nothing can be done."""

    text: Label
    tone: Literal["wrong", "wait", "calm"] = "wrong"
    seconds: int = 0
    """until the form may be sent again; they stand for ``{seconds}`` in the text, and the script counts them down"""


def document(place: Place, title: Label, body: Html, *, kind: str = "sign-in") -> str:
    """Return a whole page."""
    names = Label(f"{title.zh} · {place.city.zh}{_CENTER.zh}", f"{title.en} · {place.city.en} {_CENTER.en}")
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="robots", content="noindex"),
        el("title", names.in_language(place.language)),
        el("link", rel="icon", href="/sign-in/icon.svg", type="image/svg+xml"),
        el("script", src="/sign-in/theme.js"),
        el("link", rel="stylesheet", href="/sign-in/theme.css"),
        el("link", rel="stylesheet", href="/sign-in/entry.css"),
        el("script", src="/sign-in/entry.js", defer=True),
        el("script", src="/sign-in/display.js", defer=True) if kind == "display" else None,
    )
    page = el(
        "html",
        head,
        el("body", body, class_=f"entry {kind}"),
        lang="zh-CN" if place.language == "zh" else "en",
        data_language=place.language,
        data_theme="dark",
        data_title_zh=names.zh,
        data_title_en=names.en,
    )
    return f"<!DOCTYPE html>\n{page}\n"


def framed(place: Place, *main: object) -> Html:
    """Return what stands around the middle of a sign-in page: the city, its map, the language, a warning."""
    return together(
        el("div", el("img", src="/sign-in/city.svg", alt=""), class_="ground", aria_hidden="true"),
        el("div", class_="shade", aria_hidden="true"),
        el("header", _city(place), el("div", class_="spring"), _language_link(place)),
        el("main", *main),
        el("footer", both(_RECORDED)),
    )


def notice_box(notice: Notice | None) -> Html | None:
    """Return what is said above a form; read out at once to those who don't see it."""
    if notice is None:
        return None
    seconds = str(notice.seconds) if notice.seconds else None
    role = "status" if notice.tone == "calm" else "alert"
    text = together(
        el("span", _counted(notice.text.zh, seconds), class_="zh", lang="zh-CN"),
        el("span", _counted(notice.text.en, seconds), class_="en", lang="en"),
    )
    return el("p", text, class_=f"notice {notice.tone}", role=role, id="notice", data_seconds=seconds)


def _counted(text: str, seconds: str | None) -> Html:
    """Return a text with its seconds where the script finds them."""
    before, place, after = text.partition("{seconds}")
    return together(before, el("span", seconds, class_="seconds num") if place else None, after)


def _city(place: Place) -> Html:
    return el(
        "div",
        el("h1", both(place.city)),
        el("span", both(_CENTER), class_="center"),
        el("span", both(place.banner), class_="realm") if place.banner else None,
        class_="city",
    )


def _language_link(place: Place) -> Html:
    """Return the way to the other language: a link, which the script makes a switch that loads nothing."""
    other = _OTHER[place.language]
    return el(
        "a",
        el("span", "中文", class_="en", lang="zh-CN"),
        el("span", "English", class_="zh", lang="en"),
        href=f"/sign-in?{urlencode({'language': other, 'next': place.next})}",
        class_="language",
        data_act="language",
    )
