"""A real HTTP server that webhooks go to: what it was sent, and what it answers."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ops_center.certificates import CertificateFiles


@dataclass
class Hook:
    """One server."""

    port: int = 0
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """path, headers in lower case, body"""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    hold: threading.Event | None = None
    """answers when it is set"""
    came: threading.Event = field(default_factory=threading.Event)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Callers that hang up, or don't trust us, are what the tests are about."""


@contextmanager
def hook_server(files: CertificateFiles | None = None, port: int = 0) -> Iterator[Hook]:
    """Run a server on 127.0.0.1, with TLS where there is a certificate."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            hook.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            hook.came.set()
            if hook.hold is not None:
                hook.hold.wait(30)
            self.send_response(hook.status)
            for name, value in hook.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(hook.body)

        def log_message(self, *said: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", port), Handler)
    hook.port = server.server_address[1]
    if files:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        if hook.hold is not None:
            hook.hold.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
