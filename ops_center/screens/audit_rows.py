"""What the audit page shows: which rows were asked for, a row in words, all of a row, and what verifying it found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from ops_center.domain.audit_form import AuditRow
from ops_center.domain.audit_words import GROUPS, action_in_words, outcome_in_words
from ops_center.domain.errors import OpsCenterError
from ops_center.domain.rights import Asker
from ops_center.domain.text import Label
from ops_center.domain.time import DAY_US, HOUR_US
from ops_center.people.audit_chain import Verification
from ops_center.screens.desk_parts import said, when
from ops_center.screens.pages import LIMIT
from ops_center.screens.refusals import refusal
from ops_center.screens.screen import Center, both, spoken
from ops_center.screens.session_lines import program_of

PERIODS_US: Mapping[str, int | None] = {"hour": HOUR_US, "day": DAY_US, "week": 7 * DAY_US, "all": None}
_TONES = {"refused": "notice", "failed": "severe"}
_LONGEST_WHO = 64
_BRIEF = 160
_FINDINGS = 20
_NAMELESS = {"": Label("未知", "unknown"), "system": Label("系统", "the center")}


@dataclass(frozen=True, slots=True)
class Looked:
    """What somebody looks for, and on what page of it they are."""

    who: str = ""
    what: str = ""
    period: str = "day"
    page: Sequence[int] = ()
    """the page that is looked at (:mod:`ops_center.screens.pages`)"""

    @classmethod
    def parse(cls, who: object, what: object, period: object, page: Sequence[int]) -> Looked:
        """Return what a browser says; what it may not say is taken for nothing."""
        return cls(
            who.strip().lower()[:_LONGEST_WHO] if isinstance(who, str) else "",
            what if isinstance(what, str) and what in GROUPS else "",
            period if isinstance(period, str) and period in PERIODS_US else "day",
            page,
        )


def in_words(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Return what is said beside the buttons of a page."""
    if not rows:
        return both(Label("没有符合条件的记录。", "Nothing was recorded that fits."))
    first, last = rows[0]["seq"], rows[-1]["seq"]
    return both(Label(f"第 {last} 至 {first} 号", f"numbers {last} to {first}"))


def look(center: Center, looked: Looked, asker: Asker, *, by_itself: bool) -> Sequence[AuditRow]:
    """Return the rows, one more than a page holds where there are more. Raises StoreUnavailable."""
    office = center.staffed()
    period_us = PERIODS_US[looked.period]
    rows = office.audit.store.page(
        before=looked.page[-1] if looked.page else None,
        limit=LIMIT + 1,
        actor=looked.who or None,
        action=looked.what or None,
        since_us=None if period_us is None else office.clock.now_us() - period_us,
    )
    if not by_itself:
        office.auditor.saw(asker, "audit.searched", looked.who, detail={"what": looked.what, "when": looked.period})
    return rows


def row_of(row: AuditRow, zone: str) -> dict[str, Any]:
    """Return a row as the list shows it."""
    action, outcome = action_in_words(row.action), outcome_in_words(row.outcome)
    who = _NAMELESS.get(row.actor) or Label(row.actor, row.actor)
    return {
        "key": str(row.seq),
        "seq": row.seq,
        "at": when(row.at_us, zone),
        "who": {"zh": who.zh, "en": who.en},
        "action": {"zh": action.zh, "en": action.en},
        "code": row.action,
        "subject": row.subject,
        "outcome": {"zh": outcome.zh, "en": outcome.en, "tone": _TONES.get(row.outcome, "quiet")},
        "address": row.address,
        "session": row.session,
        "brief": _brief(row.detail),
        "detail": dict(row.detail),
        "hash": row.hash.hex(),
    }


def _brief(detail: Mapping[str, Any]) -> str:
    """Return the details on one line: what changed, then the rest."""
    rest = {name: value for name, value in detail.items() if name not in {"before", "after"}}
    told = [*_changes(detail.get("before"), detail.get("after")), *(f"{k}: {_plain(k, v)}" for k, v in rest.items())]
    text = ", ".join(part for part in told if not part.endswith(": "))
    return text if len(text) <= _BRIEF else f"{text[:_BRIEF]}…"


def _changes(before: object, after: object) -> list[str]:
    """Return what is otherwise than before, field by field; all that there is where there was nothing."""
    was = before if isinstance(before, dict) else {}
    now = after if isinstance(after, dict) else {}
    differing = [name for name in now if was.get(name) != now[name] and now[name] not in ("", None, [], False)]
    return [f"{name}: {_turned(was.get(name), now[name])}" for name in differing]


def _turned(was: object, now: object) -> str:
    return _plain("", now) if was in ("", None, [], False) else f"{_plain('', was)} → {_plain('', now)}"


def _plain(name: str, value: object) -> str:
    if name == "agent" and isinstance(value, str):
        return program_of(value)
    if isinstance(value, list):
        return " + ".join(_plain("", each) for each in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def details_of(row: Mapping[str, Any]) -> list[Any]:
    """Return all that a row says, as the browser holds it."""
    detail = row.get("detail")
    shown = json.dumps(detail, ensure_ascii=False, indent=2) if detail else "—"
    lines: tuple[tuple[Label, Any], ...] = (
        (Label("序号", "number"), str(row.get("seq", ""))),
        (Label("时间", "time"), str(row.get("at", ""))),
        (Label("谁", "who"), _words(row.get("who"))),
        (Label("做了什么", "what"), [_words(row.get("action")), " ", html.Code(str(row.get("code", "")))]),
        (Label("对象", "to what"), str(row.get("subject") or "—")),
        (Label("结果", "outcome"), _words(row.get("outcome"))),
        (Label("地址", "from"), str(row.get("address") or "—")),
        (Label("会话", "session"), html.Code(str(row.get("session") or "—"))),
        (Label("详情", "details"), html.Pre(shown)),
        (Label("哈希", "hash"), html.Code(str(row.get("hash", "")))),
    )
    terms = [part for label, value in lines for part in (html.Dt(both(label)), html.Dd(value))]
    return [html.H2(spoken(Label("这条记录", "This entry"))), html.Dl(terms)]


def _words(value: object) -> Any:
    if not isinstance(value, dict):
        return "—"
    return both(Label(str(value.get("zh") or "—"), str(value.get("en") or "—")))


def verdict(center: Center, asker: Asker) -> Any:
    """Verify the whole audit and return what is said of it. Takes a second for every hundred thousand entries."""
    office = center.staffed()
    try:
        found = office.audit.review()
        detail = {"rows": found.verification.rows, "findings": len(found.findings)}
        office.auditor.did(asker, "audit.verified", detail=detail)
    except OpsCenterError as error:
        return said(refusal(error), "wrong")
    if not found.findings:
        return said(_sound(found.verification), "good")
    count = len(found.findings)
    word = Label(f"审计记录被动过：{count} 处。", f"The audit was tampered with: {count} findings.")
    shown = [html.Li(html.Code(str(finding))) for finding in found.findings[:_FINDINGS]]
    return html.Div([said(word, "wrong"), html.Ul(shown, className="findings")])


def _sound(found: Verification) -> Label:
    rows, heads, open_ = found.rows, found.heads, found.rows_after_head
    zh, en = (
        f"完整：{rows} 条记录前后相扣，{heads} 个签名与之相符",
        f"Untouched: {rows} entries follow one another, {heads} signed heads agree",
    )
    if open_:
        zh, en = f"{zh}，最后 {open_} 条尚待签名", f"{en}, the last {open_} are not signed yet"
    return Label(f"{zh}。", f"{en}.")
