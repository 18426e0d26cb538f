"""The user's menu at the top of every page: who is here, over what, where else to go, and the way out.

A display has none of it: a wall that nobody sits at shows the picture alone.
"""

from __future__ import annotations

from typing import Any

from dash import html

from ops_center.city.scope_names import scope_names
from ops_center.domain.rights import Asker, Role
from ops_center.domain.role_words import ROLE_NAMES, Names, scope_in_words, shown_name
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.navigation import page_list
from ops_center.screens.screen import Center, both, marked, titled
from ops_center.screens.stream.endpoint import LIVE
from ops_center.services.notices import TOLD
from ops_center.services.notifications.routes import NOTIFICATIONS


def user_menu(center: Center, here: str) -> list[Any]:
    """Return the menu of who asks, on the page at the path ``here``; nothing for a display or for nobody."""
    who = asker()
    if not who.is_signed_in or is_display(who):
        return []
    return [
        html.Details(
            [
                html.Summary(
                    [
                        both(_initial(who), className="initial", **marked(aria_hidden="true")),
                        both(shown_name(_shown(who)), className="shown"),
                    ],
                    **titled(Label("账号菜单", "account menu")),
                ),
                html.Div(
                    [_who(who, scope_names(center.pack)), page_list(who, here), _theme(), _way_out()], className="menu"
                ),
            ],
            id="user-menu",
            **marked(data_notices="yes" if _is_told(who) else "no", data_notices_at=_notices_at(who)),
        )
    ]


def _notices_at(who: Asker) -> str:
    """Return where who is told reads it again: crews in the field have their tasks for that."""
    return "/notifications?show=mine" if who.may_see(NOTIFICATIONS) else "/field"


def _is_told(who: Asker) -> bool:
    """Return whether new notices are shown: who may not open the stream over which they come hears of none."""
    return who.may_see(TOLD) and who.may_see(LIVE)


def is_display(who: Asker) -> bool:
    """Return whether a wall asks by itself, with nobody in front of it."""
    return who.roles == {Role.DISPLAY}


def _shown(who: Asker) -> str:
    return who.display_name or who.account


def _initial(who: Asker) -> Label:
    name = shown_name(_shown(who))
    return Label(name.zh[:1].upper(), name.en[:1].upper())


def _who(who: Asker, names: Names) -> Any:
    grants = [
        html.Li([both(ROLE_NAMES[grant.role]), both(scope_in_words(grant, names), className="scope")])
        for grant in who.grants
    ]
    return html.Div(
        [html.B(both(shown_name(_shown(who)))), html.Span(who.account, className="name"), html.Ul(grants)],
        className="who",
    )


def _theme() -> Any:
    """Return the switch between the themes: it says which one it leads to (assets/entry/theme.js)."""
    return html.Button(
        [
            both(Label("浅色界面", "Light theme"), className="to-light"),
            both(Label("深色界面", "Dark theme"), className="to-dark"),
        ],
        type="button",
        **marked(data_act="theme"),
    )


def _way_out() -> Any:
    return html.Form(html.Button(both(Label("退出登录", "Sign out")), type="submit"), action="/sign-out", method="post")
