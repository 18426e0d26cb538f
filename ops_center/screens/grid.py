"""Large lists: columns named in both languages, in the colours of assets/theme.css; assets/desk.js has the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
from dash import Input, Output, State

from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.states import nothing_words

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
_WORDS = {
    "ariaChecked": Label("已选", "checked"),
    "ariaUnchecked": Label("未选", "unchecked"),
    "ariaIndeterminate": Label("部分已选", "partly checked"),
    "ariaHeaderSelection": Label("全选", "select all"),
    "ariaToggleCellValue": Label("按空格键切换", "Space changes it"),
    "ariaSortableColumn": Label("回车键排序", "Enter sorts"),
    "ariaRowSelectAll": Label("按空格键全选", "Space selects all rows"),
    "ariaRowToggleSelection": Label("按空格键选择", "Space selects the row"),
}
"""what the library says of a list, in the page's language; assets/desk.js looks here"""
_UNSAID = ("ariaRowSelect", "ariaRowDeselect", "noRowsToShow")
"""what it would say of every row over and over, and what stands there once it is said stays in one language"""
_NOTHING = Label("没有符合条件的条目。", "Nothing fits.")


def column(
    field: str, label: Label, *, width: int = 150, grows: int = 0, words: bool = False, **more: Any
) -> dict[str, Any]:
    """Return a column; ``words``: its values are ``{zh, en}`` and perhaps ``tone``."""
    shown: dict[str, Any] = {"field": field, "headerName": label.zh, "context": {"zh": label.zh, "en": label.en}}
    shown |= {"width": width, "minWidth": 80} if not grows else {"flex": grows, "minWidth": width}
    return {**shown, **({"cellRenderer": "Both", "cellDataType": False} if words else {}), **more}


def grid(name: str, columns: Sequence[dict[str, Any]], key: str, *, nothing: Label = _NOTHING, **options: Any) -> Any:
    """Return a list; ``key`` is the field that names a row, so that what is chosen stays chosen when rows come anew.

    ``nothing``: the sentence that stands where there are no rows, and what can be done then.
    """
    return dag.AgGrid(
        id=name,
        columnDefs=list(columns),
        rowData=[],
        getRowId=f"params.data.{key}",
        defaultColDef={"resizable": True, "sortable": False, "suppressHeaderMenuButton": True, "cellDataType": False},
        dashGridOptions={
            "theme": {"function": _THEME},
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "noRowsOverlayComponent": "Nothing",
            "noRowsOverlayComponentParams": nothing_words(nothing),
            "context": {"words": _said()},
            "getLocaleText": {"function": "listWords(params)"},
            "tabToNextCell": {"function": "leavesList(params)"},
            "tabToNextHeader": {"function": "leavesList(params)"},
            "loading": False,
            "animateRows": False,
            "suppressCellFocus": False,
            **options,
        },
        className="grid",
        style={"height": "100%"},
    )


def _said() -> dict[str, list[str]]:
    """Return key of the library → its words, Chinese first."""
    return {**{key: [" ", " "] for key in _UNSAID}, **{key: [label.zh, label.en] for key, label in _WORDS.items()}}


def connect_columns(callbacks: Callbacks, name: str) -> None:
    """Let the names of a list's columns follow the language of the page."""
    callbacks.in_browser(
        "desk", "columns", Output(name, "columnDefs"), Input("language", "data"), State(name, "columnDefs")
    )
