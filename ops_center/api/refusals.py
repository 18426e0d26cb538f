"""How the guard says no: words in both languages for people in front of a browser, a problem document for programs."""

from __future__ import annotations

import orjson

from ops_center.api.asgi import Message
from ops_center.api.heads import Headers, Refused


def answer(refused: Refused, headers: Headers, wait_s: int) -> tuple[Message, Message]:
    """Return start and body of the answer; the connection ends with it, since nothing behind it was read."""
    if any(name.lower() == b"accept" and b"text/html" in value for name, value in headers):
        kind, body = b"text/plain; charset=utf-8", f"{refused.reason.zh}\n{refused.reason.en}\n".encode()
    else:
        kind, body = b"application/problem+json", _problem(refused)
    said = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    if wait_s:
        said.append((b"retry-after", str(wait_s).encode()))
    start = {"type": "http.response.start", "status": refused.status, "headers": said}
    return start, {"type": "http.response.body", "body": body}


def _problem(refused: Refused) -> bytes:
    """Return the form of every error of ours (RFC 9457)."""
    reason = refused.reason.en
    return orjson.dumps({"type": "about:blank", "title": "refused", "status": refused.status, "detail": reason})
