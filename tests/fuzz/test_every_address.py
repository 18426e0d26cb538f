"""Every address of the web process, asked oddly: paths, queries, cookies and forms get an answer, never a fault."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random
from urllib.parse import quote, urlencode

import httpx
import pytest

from tests.fuzz import oddities
from tests.fuzz.mutating import mutated_bytes
from tests.fuzz.whole_center import WholeCenter

SEED = 20_261_127
EACH = 40
"""odd requests to each address"""
FIELDS = (
    "name", "password", "code", "ticket", "next", "token", "again", "account", "state", "error", "iss", "sid",
    "logout_token", "since", "until", "actor", "action", "before", "limit", "language", "v", "from", "to",
)  # fmt: skip
VALUES = (*(text for text in oddities.TEXTS if len(text) < 20_000), *map(str, oddities.NUMBERS), *oddities.TIMES)
COOKIES = (
    "",
    "x",
    "ops_s_",
    "ops_s_" + "x" * 43,
    "ops_s_" + "é" * 10,
    '"',
    "a=b=c",
    "\x7f",
    "ops_a_" + "y" * 43,
    "x" * 4000,
)


@pytest.fixture(scope="module")
def clients(center: WholeCenter) -> Iterator[Iterator[httpx.Client]]:
    """Clients from many addresses of this machine, as each may send only so many forms."""
    with ExitStack() as stack:
        made = [
            stack.enter_context(
                httpx.Client(
                    base_url=center.url, timeout=60, transport=httpx.HTTPTransport(local_address=f"127.0.0.{number}")
                )
            )
            for number in range(2, 42)
        ]
        yield itertools.cycle(made)


def routes(center: WholeCenter) -> list[tuple[str, str]]:
    """Method and path of every route and page."""
    rows = [row for row in center.web.rows() if row.kind in {"route", "page"}]
    return sorted({("GET", row.name) if row.kind == "page" else tuple(row.name.split(" ", 1)) for row in rows})  # type: ignore[misc]


def test_every_address_answers_whatever_it_is_asked(center: WholeCenter, clients: Iterator[httpx.Client]) -> None:
    chance, found, wrong = Random(SEED), Counter[int](), []
    for method, path in routes(center):
        for _ in range(EACH):
            request = odd_request(center, method, path, chance)
            try:
                answer = next(clients).request(**request)
            except httpx.LocalProtocolError:  # this client refuses to send it
                continue
            found[answer.status_code] += 1
            if answer.status_code == 500:
                wrong.append((answer.status_code, {**request, "headers": ""}))
            assert "Traceback" not in answer.text
    print(dict(found))
    assert not wrong


def odd_request(center: WholeCenter, method: str, path: str, chance: Random) -> dict[str, object]:
    headers = {"Origin": center.url, "Accept": chance.choice(("text/html", "application/json", "*/*", "\xff", ""))}
    headers |= chance.choice((center.as_person, center.as_program, {}, odd_headers(chance)))
    query = urlencode(
        {chance.choice(FIELDS): chance.choice(VALUES) for _ in range(chance.randrange(4))}, errors="replace"
    )
    url = f"{center.url}{filled(path, chance)}{'?' if query else ''}{query[:4000]}"
    encoded = {name: value.encode("latin-1") for name, value in {**headers, "Content-Type": kind(chance)}.items()}
    return {"method": method, "url": url, "headers": encoded, "content": form(chance)}


def filled(path: str, chance: Random) -> str:
    """Return the path with something odd in each of its places."""
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        is_rest = path[start:end].endswith(":path")
        given = quote(chance.choice(VALUES)[:300], safe="/" if is_rest else "", errors="replace")
        path = path[:start] + (given or "x") + path[end + 1 :]
    return ("" if path.startswith("/") else "/") + path.replace(
        "…", quote(chance.choice(VALUES)[:300], errors="replace")
    )


def odd_headers(chance: Random) -> dict[str, str]:
    cookie = chance.choice(COOKIES)
    return chance.choice(
        (
            {"Cookie": f"ops_session={cookie}".encode("latin-1", "replace").decode("latin-1")},
            {"Authorization": f"Bearer {cookie}".encode("latin-1", "replace").decode("latin-1")},
            {"Authorization": chance.choice(("Basic x", "Bearer", "bearer \xff", "Negotiate a"))},
            {"If-None-Match": "\xff", "Accept-Encoding": "gzip;q=x", "Range": "bytes=9-1"},
            {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Accept-Language": "x" * 3000},
        )
    )


def kind(chance: Random) -> str:
    return chance.choice(
        (
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded; charset=utf-16",
            "multipart/form-data; boundary=b",
            "multipart/form-data",
            "application/json",
            "text/plain",
            "",
        )
    )


def form(chance: Random) -> bytes:
    """Return a form as a browser would send it, with odd values, or some of its bytes exchanged."""
    pairs = [(chance.choice(FIELDS), chance.choice(VALUES)) for _ in range(chance.choice((1, 3, 5, 8, 2000)))]
    body = urlencode(pairs, errors="replace").encode()
    match chance.randrange(6):
        case 0:
            return mutated_bytes(body, [body], chance)[:100_000]
        case 1:
            parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in pairs[:50])
            return (parts + "--b--\r\n").encode("utf-8", "replace")
        case 2:
            return chance.choice(
                (b"", b"&" * 1000, b"=", b"%", b"name=%ff%fe&password=%00", b"name=a&name=b&name=c", b"{}")
            )
        case _:
            return body[:100_000]
