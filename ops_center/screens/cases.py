"""Cases (``/cases``): closed incidents, found by words, type, level, place and time; one of them at ``/cases/<id>``.

This module is the page's frame: ``assets/incident_cases.js`` lists what ``/api/cases`` finds, ``incident_case.js``
shows one and lets its lessons be written anew, so that nothing that somebody types is lost to an answer.
"""

from __future__ import annotations

from typing import Any

from dash import Input, Output, dcc, html

from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.case_words import CASE_WORDS
from ops_center.screens.desk import framed
from ops_center.screens.groups import Group
from ops_center.screens.incident_words import pairs, script_config
from ops_center.screens.screen import Center, Screen, titled
from ops_center.services.incidents.reports import REPORTS

_TITLE = Label("案例", "Cases")


def layout(center: Center) -> Any:
    """Return the page."""
    known = script_config(center)
    return framed(
        center,
        "/cases",
        _TITLE,
        dcc.Store(id="cases-config", data={**known, "words": {**known["words"], **pairs(CASE_WORDS)}}),
        dcc.Store(id="cases-ready"),
        html.Div(
            [
                html.Section(id="cases-side", **titled(Label("查找案例", "find cases"))),
                html.Article(id="case-view", tabIndex=-1, **titled(Label("所选案例", "the case that is open"))),
            ],
            id="cases-page",
        ),
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    callbacks.in_browser("cases", "mount", Output("cases-ready", "data"), Input("cases-config", "data"))


SCREEN = Screen("cases", "/cases", _TITLE, REPORTS, layout, connect, order=48, group=Group.RULES, below=1)
