"""A stranger's web server on this machine: another origin, which hears what pages of ours send or ask there."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stranger:
    """Answers everything with a page of its own, and keeps what was asked."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.page = b"<!DOCTYPE html><title>stranger</title>"
        heard = self.heard

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler) -> None:  # noqa: N805
                heard.append(handler.path)
                kind = "text/javascript" if handler.path.endswith(".js") else "text/html"
                handler.send_response(200)
                handler.send_header("Content-Type", kind)
                handler.send_header("Access-Control-Allow-Origin", "*")
                handler.end_headers()
                handler.wfile.write(b"window.owned = 1;" if kind == "text/javascript" else self.page)

            do_POST = do_GET  # noqa: N815

            def log_message(handler, *_: object) -> None:  # noqa: N805
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def stranger() -> Iterator[Stranger]:
    met = Stranger()
    try:
        yield met
    finally:
        met.close()
