"""Large lists: columns named in both languages, in the colours of assets/theme.css; assets/desk.js has the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
from dash import Input, Output, State

from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks

_THEME = (
    "themeQuartz.withParams({backgroundColor: 'var(--surface)', foregroundColor: 'var(--text)',"
    " accentColor: 'var(--accent)', browserColorScheme: 'inherit',"
    " headerBackgroundColor: 'var(--bar)', headerTextColor: 'var(--quiet)', headerFontWeight: 500,"
    " borderColor: 'var(--edge)', rowHoverColor: 'color-mix(in srgb, var(--accent) 9%, transparent)',"
    " selectedRowBackgroundColor: 'color-mix(in srgb, var(--accent) 20%, transparent)',"
    " oddRowBackgroundColor: 'var(--surface)',"
    " fontFamily: 'inherit', fontSize: '0.95rem', headerFontSize: '0.88rem', rowHeight: '2.35rem',"
    " headerHeight: '2.3rem', wrapperBorderRadius: '0.55rem', cellHorizontalPadding: '0.8rem', spacing: '0.4rem'})"
)
_UNSAID = ("ariaRowSelect", "ariaRowDeselect", "ariaRowToggleSelection", "ariaRowSelectAll", "noRowsToShow")
"""what the library would say in one language, whatever the page speaks"""


def column(
    field: str, label: Label, *, width: int = 150, grows: int = 0, words: bool = False, **more: Any
) -> dict[str, Any]:
    """Return a column; ``words``: its values are ``{zh, en}`` and perhaps ``tone``."""
    shown: dict[str, Any] = {"field": field, "headerName": label.zh, "context": {"zh": label.zh, "en": label.en}}
    shown |= {"width": width, "minWidth": 80} if not grows else {"flex": grows, "minWidth": width}
    return {**shown, **({"cellRenderer": "Both", "cellDataType": False} if words else {}), **more}


def grid(name: str, columns: Sequence[dict[str, Any]], key: str, **options: Any) -> Any:
    """Return a list; ``key`` is the field that names a row, so that what is chosen stays chosen when rows come anew."""
    return dag.AgGrid(
        id=name,
        columnDefs=list(columns),
        rowData=[],
        getRowId=f"params.data.{key}",
        defaultColDef={"resizable": True, "sortable": False, "suppressHeaderMenuButton": True},
        dashGridOptions={
            "theme": {"function": _THEME},
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "suppressNoRowsOverlay": True,
            "localeText": dict.fromkeys(_UNSAID, " "),
            "loading": False,
            "animateRows": False,
            "suppressCellFocus": False,
            **options,
        },
        className="grid",
        style={"height": "100%"},
    )


def connect_columns(callbacks: Callbacks, name: str) -> None:
    """Let the names of a list's columns follow the language of the page."""
    callbacks.in_browser(
        "desk", "columns", Output(name, "columnDefs"), Input("language", "data"), State(name, "columnDefs")
    )
