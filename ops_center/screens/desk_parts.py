"""Parts that pages for a desk are made of: panels, fields, lists, answers. Texts in both languages, sizes in rem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html

from ops_center.domain.text import Label
from ops_center.domain.time import in_zone
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.screen import both, marked, spoken, titled

Tone = Literal["good", "wrong", "calm"]
Mark = Literal["good", "notice", "severe", "quiet"]
Options = Sequence[tuple[str, Label]]
"""value and what it is called"""


def panel(title: Label, *children: Any, **attributes: Any) -> Any:
    """Return a panel with a heading."""
    return html.Section([html.H2(spoken(title)), *children], **{"className": "panel", **attributes})


def text_input(name: str, label: Label, *, said: Label | None = None, **more: Any) -> Any:
    """Return a field of one line with its label, and a sentence under it where one helps."""
    return dmc.TextInput(id=name, label=both(label), description=both(said) if said else None, size="sm", **more)


def password_input(name: str, label: Label, *, complete: str, **more: Any) -> Any:
    """Return a field for a password; ``complete`` is what browsers fill it in with."""
    shown = titled(Label("显示或隐藏", "show or hide"))
    return dmc.PasswordInput(
        id=name, label=both(label), autoComplete=complete, size="sm", visibilityToggleButtonProps=shown, **more
    )


def button(name: str, label: Label, *, kind: Literal["main", "plain", "risky"] = "plain", **more: Any) -> Any:
    """Return a button."""
    looks: dict[str, dict[str, Any]] = {
        "main": {},
        "plain": {"variant": "default"},
        "risky": {"variant": "outline", "color": "red"},
    }
    return dmc.Button(both(label), id=name, size="sm", **looks[kind], **more)


def choice(name: str, label: Label, options: Options, value: str | None = None, **more: Any) -> list[Any]:
    """Return a choice among named things; :func:`connect_choices` makes it speak both languages."""
    shown = [{"value": option, "label": words.zh} for option, words in options]
    return [
        dmc.Select(id=name, label=both(label), data=shown, value=value, allowDeselect=False, size="sm", **more),
        dcc.Store(id=f"{name}-words", data=[[option, words.zh, words.en] for option, words in options]),
    ]


def connect_pressed(callbacks: Callbacks, store: str, buttons: Mapping[str, Any]) -> None:
    """Write the id of the button that is pressed, among all of a pattern, into a store.

    Buttons of a pattern that appear ask for a callback as well; one that waits for the server then would be asked
    again, and its answer to the click forgotten.
    """
    callbacks.in_browser(
        "desk", "pressed", Output(store, "data"), Input(dict(buttons), "n_clicks"), prevent_initial_call=True
    )


def connect_choices(callbacks: Callbacks, *names: str) -> None:
    """Let choices follow the language of the page; their options are plain text and can't hold both."""
    for name in names:
        callbacks.in_browser(
            "desk", "options", Output(name, "data"), Input("language", "data"), State(f"{name}-words", "data")
        )


def connect_page(callbacks: Callbacks) -> None:
    """Let pages for a desk take up the language that the browser remembers. Called once for all of them."""
    callbacks.in_browser("desk", "mount", Output("desk-ready", "data"), Input("desk-ready", "id"))


def answer(name: str) -> Any:
    """Return the place where a page says what became of an act; read out to those who don't see it."""
    return html.Div(id=name, className="answer-place", role="status", **marked(aria_live="polite"))


def said(label: Label, tone: Tone = "calm") -> Any:
    """Return what is said there."""
    return html.P(spoken(label), className=f"answer {tone}")


def empty(label: Label) -> Any:
    """Return what stands where a list has nothing."""
    return html.P(spoken(label), className="empty")


def table(heads: Sequence[Label], rows: Iterable[Sequence[Any]], nothing: Label) -> Any:
    """Return a short list, or the word that there is nothing."""
    lines = [html.Tr([html.Td(cell) for cell in row]) for row in rows]
    if not lines:
        return empty(nothing)
    head = html.Thead(html.Tr([html.Th(spoken(label), scope="col") for label in heads]))
    return html.Table([head, html.Tbody(lines)], className="list")


def when(us: int | None, zone: str) -> str:
    """Return a time as people of the city write it, alike in both languages; a dash where there is none."""
    return "—" if us is None else f"{in_zone(us, zone):%Y-%m-%d %H:%M:%S}"


def badge(label: Label, tone: Mark = "quiet") -> Any:
    """Return a word that stands out by colour and by itself."""
    return both(label, className=f"badge {tone}")


def copied(name: str, text: str, whose: str = "") -> Any:
    """Return a text that is shown once, with a button that copies it; ``whose`` says what it belongs to."""
    words = [
        both(Label("复制", "Copy"), className="before"),
        both(Label("已复制", "Copied"), className="after"),
    ]
    return html.Div(
        [
            *([html.Span(whose)] if whose else []),
            html.Code(text, id=name),
            html.Button(
                words, className="copy", **marked(data_act="copy", data_target=name), **titled(Label("复制", "copy"))
            ),
        ],
        className="once",
    )
