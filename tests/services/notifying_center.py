"""A center that notifies: a real database, doors to servers of the test, a clock that moves when it is told to."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from alerts.alarm import Act, Alarm, Turn
from alerts.route import Channel, Route, read_route
from ops_center.domain.audit import AuditEntry
from ops_center.domain.mail_server import MailServer
from ops_center.domain.text import Label
from ops_center.domain.time import ManualClock, SystemClock
from ops_center.services.bounded_http import BoundedHttp
from ops_center.services.notifications.door import Door, Pages
from ops_center.services.notifications.mail import Mail
from ops_center.services.notifications.peers import Peer
from ops_center.services.notifications.planning import Planner
from ops_center.services.notifications.sending import Sender
from ops_center.services.notifications.webhook import Webhook
from ops_center.store.alarm_port import BookWork
from ops_center.store.booking import PostgresBookStore
from ops_center.store.notification_port import Notification, NotificationQuery
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.alerts.test_cap import RULES
from tests.store.alarm_shapes import entry
from tests.store.shapes import REALM

ZONE = "Asia/Shanghai"
SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class Center:
    """One of everything."""

    store: Store
    book: PostgresBookStore
    clock: ManualClock
    planner: Planner
    sender: Sender

    def happens(self, one: Alarm, *acts: Act) -> None:
        """Let the book write what happened to an alarm."""
        entries = tuple(entry(one, act) for act in acts)
        self.book.commit(lambda _: BookWork([Turn(one, entries)]))

    def goes(self, seconds: float = 0.0) -> None:
        """Let time pass; plan and send what there is then."""
        self.clock.advance(seconds)
        while self.planner.turn() + self.sender.turn():
            self.sender.finish()
        self.sender.finish()

    def route(self, **changed: Any) -> Route:
        """Save a route for the realm of the tests, which is not the live one."""
        form = {"name": "duty", "label": {"zh": "值班", "en": "duty"}, "channel": "mail", "test_target": True}
        form |= {"targets": ["duty@city.example"], **changed}
        said = AuditEntry(self.clock.us, "li", "notifications.route_saved", str(form["name"]))
        return self.store.routes.save_route(read_route(form), said)

    def journal(self, **query: Any) -> list[Notification]:
        """Oldest first."""
        return [*self.store.notifications.journal(NotificationQuery(**query))][::-1]

    def states(self) -> list[str]:
        return [one.state for one in self.journal()]


def make_center(store: Store, book: PostgresBookStore, doors: Mapping[Channel, Door], clock: ManualClock) -> Center:
    planner = Planner(store, REALM, ZONE, clock, RULES.get, lambda _: Label("鼓楼区", "Gulou"))
    return Center(store, book, clock, planner, Sender(store, doors, REALM, ZONE, clock))


def doors_to(mail_port: int = 1, hook_port: int = 1, clock: Any = None) -> dict[Channel, Door]:
    mail = Mail(MailServer("127.0.0.1", mail_port, "none"), "ops-center@city.example", within_s=30.0)
    peers = {name: Peer(f"http://127.0.0.1:{hook_port}/{name}", SECRET) for name in ("duty", "other")}
    hook = Webhook(peers, BoundedHttp(within_s=30.0), clock or SystemClock())
    return {"mail": mail, "webhook": hook, "browser": Pages()}


def main() -> None:
    """Send what is due in a process of its own, which the test kills."""
    url, hook_port, now_us = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    clock = ManualClock(now_us)
    with closing(open_store(url, REALM)) as store:
        sender = Sender(store, doors_to(hook_port=hook_port, clock=clock), REALM, ZONE, clock)
        sender.turn()
        sender.finish()


if __name__ == "__main__":
    main()
