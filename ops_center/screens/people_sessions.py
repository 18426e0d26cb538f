"""Who is signed in at this moment, everywhere; each can be ended."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, html

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import said
from ops_center.screens.people_acts import act_button
from ops_center.screens.people_parts import RIGHTS
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both
from ops_center.screens.session_lines import session_lines

_MOST = 200


def layout() -> Any:
    """Return the place of the list."""
    return html.Section(
        [html.Div(id="sessions-list"), html.P(id="sessions-count", className="quiet")], className="panel"
    )


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callback."""

    @callbacks.add(
        Output("sessions-list", "children"),
        Output("sessions-count", "children"),
        Input("people-changed", "data"),
        Input("people-tick", "n_intervals"),
        rights=RIGHTS,
    )
    def _list(_changed: object, _tick: object) -> Any:
        try:
            sessions = center.staffed().people.accounts.sessions()
        except OpsCenterError as error:
            return said(refusal(error), "wrong"), []
        lines = session_lines(
            sessions[:_MOST],
            center.pack.manifest.timezone,
            lambda session: act_button("end", session.id, label=Label("结束", "End")),
            own=asker().session,
            named=True,
        )
        count = Label(f"共 {len(sessions)} 个会话", f"{len(sessions)} sessions")
        if len(sessions) > _MOST:
            count = Label(f"{count.zh}，显示最近的 {_MOST} 个", f"{count.en}; the newest {_MOST} are shown")
        return lines, both(count)
