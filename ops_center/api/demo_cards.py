"""The demo's ready accounts on the sign-in page: one card per role, one click to enter."""

from __future__ import annotations

from collections.abc import Sequence

from ops_center.api.entry_page import Place
from ops_center.api.fields import hidden
from ops_center.api.markup import Html, both, el
from ops_center.domain.people import Account
from ops_center.domain.rights import Role
from ops_center.domain.role_words import ROLE_NAMES, ROLE_SENTENCES, Names, scope_in_words
from ops_center.domain.text import Label

_SIGNS = {
    Role.OPERATOR: "M3 5h18v11H3z M9 20h6 M12 16v4 M7 12l3-3 2.5 2L17 8",
    Role.COORDINATOR: (
        "M12 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z M5 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4z "
        "M19 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M10.6 9.2 6 16.2 M13.4 9.2l4.6 7 M7 18h10"
    ),
    Role.COMMANDER: "M6 21V4 M6 5h11l-2.5 3.5L17 12H6",
    Role.DEPARTMENT: "M4 20h16 M6 20V9l6-4 6 4v11 M10 20v-5h4v5 M10 11.5h.01 M14 11.5h.01",
    Role.LEADER: "M4 19h16 M7 19v-6 M12 19V6 M17 19v-9",
    Role.ADMINISTRATOR: "M14.5 13.5a4.5 4.5 0 1 0-4-4L4 16v4h4v-2.5h2.5V15h2z M16.5 7.5h.01",
    Role.DISPLAY: "M3 5h18v10H3z M8 19h8 M12 15v4 M3 10h18 M12 5v10",
    Role.FIELD_UNIT: (
        "M3 7h10v9H3z M13 10h4l4 3v3h-8z M7 18.5a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z "
        "M17 18.5a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z"
    ),
    Role.AUDITOR: (
        "M6 3h9l4 4v6 M6 3v18h6 M15 3v4h4 M9 9h3 M9 13h3 "
        "M16.5 20a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z M18.6 19.2 21 21.6"
    ),
}
"""strokes in a square of 24, drawn for this page"""


def demo_section(place: Place, accounts: Sequence[Account], names: Names) -> Html:
    """Return the cards in one form; each is the button that enters."""
    title = Label("演示账号", "Demo accounts")
    said = Label(
        "点选一个角色即可进入。仅演示模式、仅本机可用。", "Choose a role to enter. Demo mode on this machine only."
    )
    form = el(
        "form",
        [_card(account, names) for account in sorted(accounts, key=_place)],
        hidden("next", place.next),
        hidden("language", place.language),
        method="post",
        action="/sign-in/demo",
        class_="cards",
    )
    heading = el("div", el("h2", both(title)), el("p", both(said), class_="said"), class_="heading")
    return el("section", heading, form, class_="demo")


def _place(account: Account) -> int:
    """Return where an account's card stands: roles in their own order, who works in front of the picture first."""
    return list(Role).index(account.grants[0].role) if account.grants else len(Role)


def _card(account: Account, names: Names) -> Html:
    grant = account.grants[0] if account.grants else None
    if grant is None:
        return el("button", account.display_name, name="account", value=account.name, class_="card")
    return el(
        "button",
        _sign(grant.role),
        el("b", both(ROLE_NAMES[grant.role])),
        el("span", both(ROLE_SENTENCES[grant.role]), class_="sentence"),
        el("span", both(scope_in_words(grant, names)), class_="scope"),
        type="submit",
        name="account",
        value=account.name,
        class_="card",
    )


def _sign(role: Role) -> Html:
    return el("svg", el("path", d=_SIGNS[role]), viewBox="0 0 24 24", class_="sign", aria_hidden="true")
