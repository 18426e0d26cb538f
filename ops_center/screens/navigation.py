"""The way to other pages: the groups of pages in the line of desk pages, and the same as a list in the user's menu.

A group is a menu (``assets/navigation.js`` walks it by keyboard); where somebody may see one page of it only, that page
stands there itself. Screens without a group are one's own matter and stand in the user's menu alone.
"""

from __future__ import annotations

from typing import Any

from dash import html

from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.screens import app
from ops_center.screens.groups import Group
from ops_center.screens.screen import Screen, both, marked


def pages_for(who: Asker) -> list[Screen]:
    """Return the screens that somebody may see, in the order of the navigation."""
    shown = sorted(app.screens().values(), key=lambda screen: screen.order)
    return [screen for screen in shown if screen.listed and who.may_see(screen.rights)]


def grouped(who: Asker) -> dict[Group, list[Screen]]:
    """Return group → its screens that somebody may see; groups without any are left out."""
    shown = pages_for(who)
    groups = {group: [screen for screen in shown if screen.group is group] for group in Group}
    return {group: screens for group, screens in groups.items() if screens}


def page_groups(who: Asker, here: str) -> Any:
    """Return the line of groups on the page at the path ``here``."""
    groups = [_group(group, screens, here) for group, screens in grouped(who).items()]
    return html.Nav(groups, id="pages")


def page_list(who: Asker, here: str) -> Any:
    """Return all pages under the names of their groups, one's own last: for where there is no line of groups."""
    groups = [
        html.Div([both(group.value, className="heading"), *(_link(screen, here) for screen in screens)], className="of")
        for group, screens in grouped(who).items()
    ]
    own = [_link(screen, here) for screen in pages_for(who) if screen.group is None]
    return html.Nav([*groups, html.Div(own, className="own")])


def _group(group: Group, screens: list[Screen], here: str) -> Any:
    if len(screens) == 1:
        return _link(screens[0], here)
    shown = next((screen for screen in screens if screen.path == here), None)
    where = [both(_name(shown), className="where")] if shown else []
    return html.Details(
        [
            html.Summary([both(group.value), *where], **(marked(aria_current="true") if shown else {})),
            html.Div([_link(screen, here) for screen in screens], className="pages-menu"),
        ],
        className="pages-group",
    )


def _link(screen: Screen, here: str) -> Any:
    """Return the link to a screen; the one that is shown says so."""
    current = marked(aria_current="page") if screen.path == here else {}
    return html.A(both(_name(screen)), href=screen.path, **current)


def _name(screen: Screen) -> Label:
    return screen.menu or screen.title
