"""Real SMTP servers, each on a port of its own in a thread of this process: what they took, and how they misbehave."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from ops_center.certificates import CertificateFiles

USER, PASSWORD = "ops", "correct horse"


@dataclass
class Mailbox:
    """What one server took."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuse_recipient: str = ""
    refuse_mail: str = ""
    """what it answers instead of 250"""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse_mail:
            return self.refuse_mail
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def mail_server(files: CertificateFiles | None, *, implicit: bool = False, port: int = 0) -> Iterator[Mailbox]:
    """Run a server; with a certificate it speaks TLS at once or after STARTTLS, and wants a password."""
    box = Mailbox(port or free_port())
    context = None
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": box.port}
    if context is not None:
        options["authenticator"] = _judge
        if not implicit:
            options |= {"tls_context": context, "require_starttls": True, "auth_required": True}
        else:
            options["auth_require_tls"] = False  # the line is encrypted already, which the server doesn't know
    if implicit:
        options["ssl_context"] = context
    controller = Controller(box, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def _judge(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextmanager
def silent_server(says: bytes = b"", every_s: float = 0.05) -> Iterator[int]:
    """A port that takes connections and says nothing, or the same bytes again and again without an end."""
    stop = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)

    def serve() -> None:
        lines: list[socket.socket] = []
        while not stop.is_set():
            with suppress(TimeoutError):
                lines.append(listener.accept()[0])
            for line in lines:
                if says:
                    with suppress(OSError):
                        line.sendall(says)
            stop.wait(every_s)
        for line in lines:
            line.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        stop.set()
        thread.join(5)
        listener.close()
