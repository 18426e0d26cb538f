"""All versions of the opened rule: who saved each, when and why, and what was otherwise than before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import msgspec
from dash import Input, Output, html

from ops_center.domain.errors import OpsCenterError
from ops_center.domain.text import Label
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import badge, empty, said, when
from ops_center.screens.refusals import refusal
from ops_center.screens.rule_words import name_of
from ops_center.screens.screen import Center, both
from ops_center.screens.version_words import author_in_words, reason_in_words
from ops_center.services.rule_bench import RULES
from ops_center.store.version_port import VersionRow

_MOST = 100
_LONGEST = 160
_NONE = Label("新规则还没有版本。", "A new rule has no version yet.")
_UNSAID = frozenset({"version", "name"})


def layout() -> Any:
    """Return the place of the list."""
    return html.Div(id="rule-versions", className="versions")


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callback."""
    zone = center.pack.manifest.timezone

    @callbacks.add(
        Output("rule-versions", "children"),
        Input("rule-name", "data"),
        Input("rules-changed", "data"),
        rights=RULES,
    )
    def _versions(name: object, _changed: object) -> Any:
        if not isinstance(name, str) or not name or name.startswith("+"):
            return empty(_NONE)
        try:
            rows = center.bench().desk.history(name)
        except OpsCenterError as error:
            return said(refusal(error), "wrong")
        return [_version(row, before, zone) for row, before in zip_longest(rows[:_MOST], rows[1:_MOST])]


def _version(row: VersionRow, before: VersionRow | None, zone: str) -> Any:
    author = author_in_words(row.author)
    origin = row.origin.removeprefix("file:")
    marks = [badge(Label(f"第 {row.version} 版", f"version {row.version}"), "good" if row.enabled else "quiet")]
    if not row.enabled:
        marks.append(badge(Label("停用", "disabled"), "quiet"))
    if row.is_as_shipped:
        marks.append(badge(Label(f"随系统 {origin}", f"shipped: {origin}")))
    lines = list(differences(before.form, row.form)) if before else []
    return html.Section(
        [
            html.Div([*marks, html.Span(when(row.at_us, zone)), html.B(both(author))], className="row"),
            html.P(both(reason_in_words(row)), className="quiet"),
            *([_lines(lines)] if lines else []),
        ],
        className="version",
    )


def _lines(lines: Sequence[tuple[str, Any, Any]]) -> Any:
    rows = [
        html.Tr([html.Td(_path(path)), html.Td(_text(old), className="old"), html.Td(_text(new), className="new")])
        for path, old, new in lines
    ]
    head = html.Tr([html.Th(both(label)) for label in (Label("项", "what"), Label("原值", "was"), Label("新值", "is"))])
    return html.Table([html.Thead(head), html.Tbody(rows)], className="list diff")


def _path(path: str) -> Any:
    *_, last = [part for part in path.split(".") if part not in {"zh", "en"}]
    language = path.rpartition(".")[2]
    label = name_of("enabled" if last == "enabled" else last)
    if last == "enabled":
        label = Label("启用", "enabled")
    if language in {"zh", "en"}:
        return both(Label(f"{label.zh}（{'中' if language == 'zh' else '英'}）", f"{label.en} ({language})"))
    return both(label)


def _text(value: Any) -> str:
    if value is None:
        return "—"
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def differences(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, old, new) of every value of a rule that differs; None where there is none."""
    for name in dict.fromkeys((*old, *new)):
        where = f"{path}.{name}" if path else name
        was, is_ = old.get(name), new.get(name)
        if isinstance(was, Mapping | None) and isinstance(is_, Mapping | None) and (was or is_):
            yield from differences(was or {}, is_ or {}, where)
        elif was != is_ and (was or is_ or where == "enabled") and where not in _UNSAID:
            yield where, was, is_
