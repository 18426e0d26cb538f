"""Sessions as a short list: since when, last sign of a person, from where, with which program."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from dash import html

from ops_center.domain.people import Session
from ops_center.domain.role_words import shown_name
from ops_center.domain.text import Label
from ops_center.screens.desk_parts import badge, table, when
from ops_center.screens.screen import both

_HEADS = (
    Label("登录时间", "signed in"),
    Label("最近操作", "last seen"),
    Label("地址", "from"),
    Label("浏览器", "with"),
    Label("操作", "end it"),
)
_WHO = Label("账号", "account")
_NOBODY = Label("没有在线会话。", "Nobody is signed in.")
_THIS = Label("本会话", "this one")
_DISPLAY = Label("显示屏", "display")
_PROGRAMS = (
    ("Edge", re.compile(r"Edg/([\d]+)")),
    ("Chrome", re.compile(r"Chrome/([\d]+)")),
    ("Firefox", re.compile(r"Firefox/([\d]+)")),
    ("Safari", re.compile(r"Version/([\d]+).*Safari")),
)
_SYSTEMS = ("Windows", "Android", "iPhone", "Mac OS X", "Linux")


def session_lines(
    sessions: Sequence[Session],
    zone: str,
    end: Callable[[Session], Any],
    *,
    own: str = "",
    named: bool = False,
) -> Any:
    """Return the list; ``end`` gives the button that ends one, ``own`` is the session that asks."""
    heads = [_WHO, *_HEADS] if named else list(_HEADS)
    return table(heads, [_line(session, zone, end, own, named) for session in sessions], _NOBODY)


def _line(session: Session, zone: str, end: Callable[[Session], Any], own: str, named: bool) -> list[Any]:
    name = [
        html.Span(
            [both(shown_name(session.account.display_name)), " ", html.Code(session.account.name, className="quiet")]
        )
    ]
    seen = badge(_DISPLAY) if session.kind == "display" else html.Span(when(session.seen_us, zone), className="num")
    last = badge(_THIS, "good") if session.id == own else end(session)
    return [
        *(name if named else []),
        html.Span(when(session.started_us, zone), className="num"),
        seen,
        html.Span(session.address or "—", className="num"),
        html.Span(program_of(session.agent), title=session.agent),
        last,
    ]


def program_of(agent: str) -> str:
    """Return browser and system in two words; the whole text where neither is known."""
    name = next((f"{name} {found[1]}" for name, shape in _PROGRAMS if (found := shape.search(agent))), "")
    system = next((system for system in _SYSTEMS if system in agent), "")
    return " · ".join(filter(None, (name, system))) or agent[:40] or "—"
