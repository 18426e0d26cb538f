"""Fields and buttons of the sign-in forms: a visible label each, and what password managers need to know."""

from __future__ import annotations

from ops_center.api.markup import Html, both, el
from ops_center.domain.text import Label

_SHOW = Label("显示", "Show")
_HIDE = Label("隐藏", "Hide")
_CAPS = Label("大写锁定已开启", "Caps Lock is on")


def text_field(
    name: str, label: Label, *, value: str = "", complete: str, focused: bool = False, **more: object
) -> Html:
    """Return a field of one line; ``more`` are attributes of the input."""
    field = el(
        "input",
        id=name,
        name=name,
        value=value or None,
        autocomplete=complete,
        autofocus=focused,
        required=True,
        **{"type": "text", "maxlength": 200, "spellcheck": "false", "autocapitalize": "none", **more},
    )
    return el("div", el("label", both(label), for_=name), field, class_="field")


def password_field(name: str, label: Label, *, complete: str, focused: bool = False, **more: object) -> Html:
    """Return a field for a password, with a button that shows it and a hint when Caps Lock is on (both by script)."""
    field = el(
        "input",
        id=name,
        name=name,
        type="password",
        autocomplete=complete,
        autofocus=focused,
        required=True,
        maxlength=1024,
        aria_describedby=f"{name}-caps",
        **more,
    )
    reveal = el(
        "button",
        el("span", both(_SHOW), class_="show"),
        el("span", both(_HIDE), class_="hide"),
        type="button",
        class_="reveal",
        data_act="reveal",
        aria_controls=name,
        aria_pressed="false",
        hidden=True,
    )
    caps = el("p", both(_CAPS), class_="caps", id=f"{name}-caps", role="status", hidden=True)
    box = el("div", field, reveal, class_="box")
    return el("div", el("label", both(label), for_=name), box, caps, class_="field")


def code_field(label: Label, *, longest: int = 6, digits: bool = True, name: str = "code") -> Html:
    """Return a field for a one-time or recovery code: telephones and password managers fill it in."""
    return text_field(
        name,
        label,
        complete="one-time-code" if digits else "off",
        focused=True,
        inputmode="numeric" if digits else "text",
        maxlength=longest,
        class_="code",
    )


def hidden(name: str, value: str) -> Html:
    """Return a value that travels with the form."""
    return el("input", type="hidden", name=name, value=value)


def send_button(label: Label, *, name: str | None = None, value: str | None = None, quiet: bool = False) -> Html:
    """Return the button that sends the form."""
    return el("button", both(label), type="submit", name=name, value=value, class_="quiet" if quiet else "send")
