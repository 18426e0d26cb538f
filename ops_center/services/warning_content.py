"""What each way out is given of a public warning: a text for people, the CAP message for programs."""

from __future__ import annotations

from alerts.cap import MsgType, readable
from alerts.notification_text import Content, mark, one_line
from alerts.route import Route
from ops_center.domain.realms import Realm
from ops_center.domain.text import Label
from ops_center.store.notification_port import WarningMessage

KINDS = {
    MsgType.ALERT: Label("预警", "warning"),
    MsgType.UPDATE: Label("更新", "update"),
    MsgType.CANCEL: Label("解除", "all clear"),
}


def content_of(route: Route, message: WarningMessage, realm: Realm) -> Content:
    """Return the warning for people; programs and the drop folder take the CAP message."""
    draft = message.draft
    said = [
        words.label().in_language(route.language)
        for words in (draft.headline, draft.description, draft.instruction, draft.area.description)
    ]
    subject = f"{mark(realm, route.language)}{KINDS[message.msg_type].in_language(route.language)}: {said[0]}"
    text = "\n\n".join(filter(None, (subject, *said[1:], message.note)))
    facts = {"identifier": message.identifier, "department": message.department, "district": message.district}
    if route.channel in {"webhook", "folder"}:
        facts["cap"] = message.message
    return Content(one_line(subject), readable(text), facts)
