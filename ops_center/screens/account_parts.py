"""What the parts of the account page share."""

from __future__ import annotations

from math import ceil
from typing import Any

from dash import html

from ops_center.domain.errors import Forbidden
from ops_center.domain.people import Account, Session
from ops_center.domain.rights import EVERYBODY, Rights, Role
from ops_center.domain.text import Label
from ops_center.people.asking import asker
from ops_center.screens.desk_parts import said
from ops_center.screens.screen import Center
from ops_center.services.own_account import Done, NotTaken
from ops_center.services.sign_in_outcomes import Refused, Wait, Wrong

PEOPLE = EVERYBODY - {Role.DISPLAY}
"""a display has nobody in front of it who could do anything with an account"""
RIGHTS = Rights(see=PEOPLE, change=PEOPLE)

_KEEP = Label(
    "新的恢复码，仅显示这一次。手机丢失时可代替验证码，请妥善保管。",
    "New recovery codes, shown this once. Each stands in for a code if you lose the telephone.",
)
_AGAIN = Label("超时或账号刚有变更，请重新开始。", "This took too long, or the account was just changed. Begin again.")


def own_session(center: Center) -> Session:
    """Return the session of who asks. Raises Forbidden where it is none of a person (any more)."""
    session = center.staffed().people.sessions.by_id(asker().session)
    if session is None or session.kind != "person":
        raise Forbidden("only somebody who is signed in has an account of their own")
    return session


def own_account(center: Center) -> Account:
    """Return the account of who asks as the store has it: what was just changed is in it. Raises StoreUnavailable."""
    session = own_session(center)
    fresh = (one.account for one in center.staffed().people.own.sessions(session) if one.id == session.id)
    return next(fresh, session.account)


def told(outcome: object, done: Label, wrong: Label) -> Any:
    """Return what is said of an outcome of :mod:`ops_center.services.own_account`."""
    if isinstance(outcome, Done) and outcome.recovery_codes:
        listed = [html.Li(html.Code(code)) for code in outcome.recovery_codes]
        return html.Div([said(_KEEP, "good"), html.Ol(listed, className="codes", id="own-codes")])
    if isinstance(outcome, Done):
        return said(done, "good")
    return said(_why_not(outcome, wrong), "wrong")


def _why_not(outcome: object, wrong: Label) -> Label:
    match outcome:
        case NotTaken(fault):
            return fault.value
        case Refused(reason):
            return reason
        case Wait(seconds):
            whole = ceil(seconds)
            return Label(f"尝试过多，请在 {whole} 秒后再试。", f"Too many attempts. Try again in {whole} s.")
        case Wrong():
            return wrong
    return _AGAIN
