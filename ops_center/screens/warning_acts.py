"""Issuing, updating and taking back a public warning: asked about with what leaves, confirmed by a typed word."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from dash import Input, Output, State, html, no_update

from alerts.alarm import Refusal
from alerts.public_warning import Draft
from ops_center.domain.errors import Fenced, OpsCenterError
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.callbacks import Callbacks
from ops_center.screens.desk_parts import said
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, spoken
from ops_center.screens.warning_draft import PAGE, Target, judged, newest_of, safe
from ops_center.screens.warning_parts import heading
from ops_center.services.warnings import PASSED
from ops_center.store.notification_port import WarningMessage

_NOT_YET = Label("尚不能发布：请先改正标出的各处。", "Not yet: correct the fields that are marked first.")
_WRONG_WORD = Label("输入的名称不符，没有发布。", "This is not the name: nothing was issued.")
_NOT_ENDED = Label("输入的名称不符，没有解除。", "This is not the name: nothing was taken back.")
_NO_REASON = Label("请写明解除原因。", "Say why it is taken back.")
_NOTHING = Label("没有任何渠道：预警只保存在本中心。", "There is no way out: the warning is kept here alone.")
REALM_SAID = {
    Realm.LIVE: Label("发布后立即对外发出。", "What is issued here leaves at once."),
    Realm.DRILL: Label("演练：没有任何消息离开本中心。", "A drill: nothing leaves the center."),
    Realm.REPLAY: Label(
        "回放：只发往标明为测试的对象，每条消息都注明。",
        "A replay: only targets marked as tests are told, and told so.",
    ),
    Realm.SIMULATED: Label(
        "模拟数据：只发往标明为测试的对象，每条消息都注明。",
        "Simulated data: only targets marked as tests are told, and told so.",
    ),
}


def connect(callbacks: Callbacks, center: Center) -> None:
    """Register the callbacks."""
    for name in ("warn-ask", "warn-end"):
        callbacks.in_browser(
            "desk",
            "close",
            Output(name, "opened", allow_duplicate=True),
            Input(f"{name}-no", "n_clicks"),
            prevent_initial_call=True,
        )
    _connect_issuing(callbacks, center)
    _connect_ending(callbacks, center)


def _connect_issuing(callbacks: Callbacks, center: Center) -> None:
    values = (State("warn-values", "data"), State("warn-target", "data"))

    @callbacks.add(
        Output("warn-ask", "opened"),
        Output("warn-ask-text", "children"),
        Output("warn-ask-answer", "children", allow_duplicate=True),
        Output("warn-ask-word", "value"),
        Output("warn-faults", "children", allow_duplicate=True),
        Input("warn-issue", "n_clicks"),
        *values,
        rights=PAGE,
        changes=True,
        prevent_initial_call=True,
    )
    def _ask(clicks: object, typed: dict[str, Any] | None, target: Target | None) -> Any:
        if not clicks or typed is None or target is None:
            return (no_update,) * 5
        try:
            draft, _ = judged(center, typed, target)
            if draft is None:
                return no_update, no_update, no_update, no_update, said(_NOT_YET, "wrong")
            return True, _asked(center, draft, target), [], "", no_update
        except OpsCenterError as error:
            return no_update, no_update, no_update, no_update, said(refusal(error), "wrong")

    @callbacks.add(
        Output("warn-ask-answer", "children"),
        Output("warn-ask", "opened", allow_duplicate=True),
        Output("warn-done", "data"),
        Output("warn-told", "children", allow_duplicate=True),
        Output("warn-changed", "data", allow_duplicate=True),
        Input("warn-ask-yes", "n_clicks"),
        State("warn-ask-word", "value"),
        *values,
        rights=PAGE,
        changes=True,
        prevent_initial_call=True,
    )
    def _issue(clicks: object, word: object, typed: dict[str, Any] | None, target: Target | None) -> Any:
        if not clicks or typed is None or target is None:
            return (no_update,) * 5
        outcome = _outcome(partial(_issued, center, word, typed, target))
        if isinstance(outcome, Label):
            return said(outcome, "wrong"), no_update, no_update, no_update, no_update
        return [], False, target.key, said(_told(center, outcome), "good"), outcome.identifier


def _connect_ending(callbacks: Callbacks, center: Center) -> None:
    @callbacks.add(
        Output("warn-end", "opened"),
        Output("warn-end-text", "children"),
        Output("warn-end-answer", "children", allow_duplicate=True),
        Output("warn-end-word", "value"),
        Output("warn-end-of", "data"),
        Input("warn-end-open", "n_clicks"),
        State("warn-rows", "selectedRows"),
        rights=PAGE,
        changes=True,
        prevent_initial_call=True,
    )
    def _ask_end(clicks: object, chosen: object) -> Any:
        first = first_of(chosen)
        try:
            newest = newest_of(center, first) if clicks and first else None
        except OpsCenterError:
            newest = None
        if newest is None:
            return (no_update,) * 5
        text = [heading(Label("解除预警", "Take the warning back")), *_summary(center, newest.draft)]
        return True, text, [], "", [first, newest.number]

    @callbacks.add(
        Output("warn-end-answer", "children"),
        Output("warn-end", "opened", allow_duplicate=True),
        Output("warn-end-note", "value"),
        Output("warn-told", "children", allow_duplicate=True),
        Output("warn-changed", "data", allow_duplicate=True),
        Input("warn-end-yes", "n_clicks"),
        State("warn-end-of", "data"),
        State("warn-end-word", "value"),
        State("warn-end-note", "value"),
        rights=PAGE,
        changes=True,
        prevent_initial_call=True,
    )
    def _end(clicks: object, of: tuple[str, int] | None, word: object, note: object) -> Any:
        if not clicks or of is None:
            return (no_update,) * 5
        outcome = _outcome(partial(_ended, center, of, word, note))
        if isinstance(outcome, Label):
            return said(outcome, "wrong"), no_update, no_update, no_update, no_update
        return [], False, "", said(_told(center, outcome), "good"), outcome.identifier


def first_of(chosen: object) -> str:
    """Return which warning is chosen in the list; "": none."""
    row = chosen[0] if isinstance(chosen, list) and chosen and isinstance(chosen[0], dict) else {}
    first = row.get("first")
    return safe(first) if isinstance(first, str) else ""


def _outcome(act: Callable[[], WarningMessage | Label]) -> WarningMessage | Label:
    """Return what was sent, or why nothing was."""
    try:
        return act()
    except Fenced:
        return PASSED.label
    except OpsCenterError as error:
        return refusal(error)


def _issued(center: Center, word: object, typed: dict[str, Any], target: Target) -> WarningMessage | Label:
    draft, _ = judged(center, typed, target)
    if draft is None:
        return _NOT_YET
    newest = newest_of(center, target.update) if target.update else None
    if target.update and newest is not None and newest.number != target.seen:
        return PASSED.label
    if not _confirms(word, draft):
        return _WRONG_WORD
    desk = center.warning_desk()
    if target.update:
        found = desk.update_warning(asker(), safe(target.update), draft, target.seen)
    else:
        found = desk.issue_warning(asker(), min(max(target.alarm, 0), 2**53), draft)
    return found.label if isinstance(found, Refusal) else found


def _ended(center: Center, of: tuple[str, int], word: object, note: object) -> WarningMessage | Label:
    newest = newest_of(center, of[0])
    if newest is not None and not _confirms(word, newest.draft):
        return _NOT_ENDED
    if not isinstance(note, str) or not note.strip():
        return _NO_REASON
    found = center.warning_desk().cancel_warning(asker(), safe(of[0]), note, of[1])
    return found.label if isinstance(found, Refusal) else found


def _confirms(word: object, draft: Draft) -> bool:
    """Return whether the typed word is what the area is called, in either language."""
    place = draft.area.description
    typed = word.strip().casefold() if isinstance(word, str) else ""
    return typed in {place.zh.strip().casefold(), place.en.strip().casefold()}


def _asked(center: Center, draft: Draft, target: Target) -> list[Any]:
    title = Label("发布更新", "Issue the update") if target.update else Label("发布预警", "Issue the warning")
    return [heading(title), *_summary(center, draft)]


def _summary(center: Center, draft: Draft) -> list[Any]:
    headline, place = draft.headline, draft.area.description
    word = Label(f"区域名称：{place.zh}", f"The area's name: {place.en}")
    return [
        html.P(html.B(spoken(headline.label()))),
        html.P(both(REALM_SAID[center.realm]), className="warn-realm"),
        ways_out(center),
        html.P(both(word), className="warn-word"),
    ]


def ways_out(center: Center) -> Any:
    """Return by which routes a warning would leave now. Raises OpsCenterError."""
    routes = center.warning_desk().ways_out()
    if not routes:
        return html.P(both(_NOTHING), className="warn-ways")
    lines = [
        html.Li(both(Label(f"{one.label.zh}：{', '.join(one.targets)}", f"{one.label.en}: {', '.join(one.targets)}")))
        for one in routes
    ]
    return html.Ul(lines, className="warn-ways")


def _told(center: Center, message: WarningMessage) -> Label:
    count = len(center.warning_desk().sent([message]))
    name = message.identifier
    return Label(f"已发布 {name}，发往 {count} 个对象。", f"Issued as {name}; targets: {count}.")
