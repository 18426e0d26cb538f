"""Mail by SMTP, with certificates checked and every step bounded in time.

What was handed over is known by the server's 250 (RFC 5321, 4.2.5). Where the connection breaks before that came,
nobody can know: the mail is sent again with the same Message-ID, by which mail programs see that it is the same.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from alerts.route import is_mail_address
from ops_center.domain.mail_server import MailServer
from ops_center.domain.time import to_datetime
from ops_center.services.notifications.door import WITHIN_S, Delivered, Failed, Outcome, Refused
from ops_center.store.notification_port import Notification

_STEP_S = 10.0
_MAILBOX_GONE = range(500, 600)


class Mail:
    """Sends one mail to one target over a connection of its own."""

    def __init__(
        self,
        server: MailServer,
        sender: str,
        domains: frozenset[str] = frozenset(),
        *,
        trust: ssl.SSLContext | None = None,
        within_s: float = WITHIN_S,
    ) -> None:
        """``domains``: mail goes to these alone; empty: to any. ``trust``: None: the system's authorities."""
        self._server = server
        self._sender = sender
        self._domains = domains
        self._trust = trust or ssl.create_default_context()
        self._within_s = within_s

    def send(self, notification: Notification) -> Outcome:
        """Hand it over once."""
        target = notification.wanted.target
        if not is_mail_address(target):
            return Refused("no address for mail")
        if self._domains and target.rpartition("@")[2].lower() not in self._domains:
            return Refused("mail may not go to this domain (OPS_MAIL_DOMAINS)")
        try:
            with self._connection() as connection:
                connection.send_message(mail_of(notification, self._sender), self._sender, [target])
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return _outcome_of(error)
        return Delivered("250 accepted")

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """Give a connection that is encrypted and signed in to; it is cut when the time is over."""
        server = self._server
        secure = server.security == "tls"
        made = (
            smtplib.SMTP_SSL(timeout=_STEP_S, context=self._trust, local_hostname="ops-center")
            if secure
            else smtplib.SMTP(timeout=_STEP_S, local_hostname="ops-center")
        )
        # The name that the certificate is checked against; told to the constructor, it would connect unwatched.
        made._host = server.host  # type: ignore[attr-defined]
        with _cut_after(made, min(self._within_s, WITHIN_S)):
            try:
                made.connect(server.host, server.port)
                if server.security == "starttls":
                    made.starttls(context=self._trust)
                if server.user:
                    made.login(server.user, server.password)
                yield made
                with suppress(smtplib.SMTPException, OSError):
                    made.quit()
            finally:
                made.close()


def mail_of(notification: Notification, sender: str) -> EmailMessage:
    """Return the mail. Fields that hold a line break are impossible: the policy raises ValueError for one."""
    wanted = notification.wanted
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, wanted.target
    mail["Subject"] = " ".join(wanted.content.subject.split())
    mail["Date"] = format_datetime(to_datetime(notification.made_us))
    mail["Message-ID"] = f"<{sha256(wanted.key.encode()).hexdigest()[:40]}@{domain}>"
    if wanted.alarm:
        # Mail programs show all that is said of one alarm together.
        mail["References"] = f"<alarm-{wanted.alarm}.{wanted.route}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
    mail.set_content(wanted.content.text)
    return mail


def _outcome_of(error: Exception) -> Outcome:
    """Return what an error means. Nothing that the server says is repeated: it may name people and hosts."""
    match error:
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            return _refused(max((code for code, _ in refused.values()), default=0), "the recipient is refused")
        case smtplib.SMTPDataError(smtp_code=code):
            return _refused(code, "the mail is refused")
        case smtplib.SMTPResponseException(smtp_code=code):
            return Failed(f"{code} {type(error).__name__}")
        case _:
            return Failed(f"the mail server fails ({type(error).__name__})")


def _refused(code: int, what: str) -> Outcome:
    return Refused(f"{code} {what}") if code in _MAILBOX_GONE else Failed(f"{code} {what} for now")


@contextmanager
def _cut_after(connection: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cut the connection when the time is over: a server that drips must not hold a thread."""

    def cut() -> None:
        if (line := connection.sock) is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
