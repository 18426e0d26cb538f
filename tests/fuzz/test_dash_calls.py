"""Dash's own addresses, asked by somebody who is no browser: refused in the form of every refusal, never a fault."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import httpx
import pytest

from ops_center.screens.calls import MAX_BYTES, UPDATE
from tests.fuzz.mutating import Mutator, mutated_json
from tests.fuzz.whole_center import WholeCenter

EACH = 60
"""mutated calls of each callback"""
SEED = 20_261_127


@pytest.fixture(scope="module")
def browser(center: WholeCenter) -> Iterator[httpx.Client]:
    headers = {**center.as_person, "Content-Type": "application/json"}
    with httpx.Client(base_url=center.url, headers=headers, timeout=60) as client:
        yield client


def names(center: WholeCenter) -> list[str]:
    return list(center.web.callbacks.declared())


def call(center: WholeCenter, name: str, value: Any = None) -> dict[str, Any]:
    """What a browser sends, every input with this value; a pattern of many fits nothing."""
    entry = center.web.callbacks.described(name)
    plain, state = ([sent(part, value) for part in entry[kind]] for kind in ("inputs", "state"))
    return {
        "output": name,
        "outputs": entry["outputs"],
        "inputs": plain,
        "state": state,
        "changedPropIds": [named(part) for part in plain if isinstance(part, dict)][:1],
    }


def sent(part: Mapping[str, Any], value: Any) -> Any:
    if not part["id"].startswith("{"):
        return {**part, "value": value}
    if "MATCH" not in part["id"]:
        return []
    pattern = {name: one if isinstance(one, str) else "x" for name, one in json.loads(part["id"]).items()}
    return {**part, "id": pattern, "value": value}


def named(part: Mapping[str, Any]) -> str:
    known = part["id"]
    written = known if isinstance(known, str) else json.dumps(known, sort_keys=True, separators=(",", ":"))
    return f"{written}.{part['property']}"


def values() -> list[Any]:
    picked = {"layer": "roads", "id": "x"}
    return [None, 0, 1, "x", "/wall", "/no/such/page", picked, [picked], {"act": "end", "about": "1"}, [1, "a", None]]


def test_what_browsers_send_is_answered(center: WholeCenter, browser: httpx.Client) -> None:
    for name in names(center):
        answer = browser.post(UPDATE, json=call(center, name))
        assert answer.status_code in {200, 204}, (name, answer.text)


def test_no_call_whatever_it_says_is_a_fault_of_ours(center: WholeCenter, browser: httpx.Client) -> None:
    found: Counter[int] = Counter()
    for name in names(center):
        mutator = Mutator(
            [json.dumps(call(center, name, value)).encode() for value in values()], Random(f"{name} {SEED}")
        )
        for _ in range(EACH):
            body = mutator.next()[:1_000_000]
            answer = browser.post(UPDATE, content=body)
            found[answer.status_code] += 1
            judge(answer, body)
    print(dict(found))
    assert found[200] + found[204] > 0 < found[422]


def test_no_value_of_an_input_is_a_fault_of_ours(center: WholeCenter, browser: httpx.Client) -> None:
    """Only the values are mutated: the callbacks themselves are reached."""
    chance = Random(SEED)
    found: Counter[int] = Counter()
    for name in names(center):
        for _ in range(EACH):
            body = call(center, name)
            for part in (*body["inputs"], *body["state"]):
                if isinstance(part, dict):
                    part["value"] = _loaded(mutated_json(json.dumps([chance.choice(values())]).encode(), chance))
            answer = browser.post(UPDATE, content=json.dumps(body).encode())
            found[answer.status_code] += 1
            judge(answer, answer.request.content)
    print(dict(found))
    assert found[200] + found[204] > 0.3 * found.total()


def judge(answer: httpx.Response, body: bytes) -> None:
    assert answer.status_code in {200, 204} or 400 <= answer.status_code < 500, (answer.status_code, body[:2000])
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", (answer.text, body[:500])
        assert "Traceback" not in answer.text


def _loaded(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


HOSTILE: Mapping[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "no output": b"{}",
    "an output that isn't there": b'{"output": "x.y", "inputs": []}',
    "an output that is no text": b'{"output": {"a": 1}, "inputs": []}',
    "inputs that are none": b'{"output": "page.children", "inputs": {"id": 1}}',
    "no inputs": b'{"output": "page.children", "outputs": {"id": "page", "property": "children"}, "inputs": []}',
    "inputs of another": b'{"output": "page.children", "outputs": {"id": "page", "property": "children"}, '
    b'"inputs": [{"id": "picked", "property": "data", "value": 1}], "changedPropIds": []}',
    "what changed is no input": b'{"output": "page.children", "outputs": {"id": "page", "property": "children"}, '
    b'"inputs": [{"id": "url", "property": "pathname", "value": "/"}], "changedPropIds": ["x"]}',
    "too deep": b'{"output": "page.children", "inputs": [' + b"[" * 100 + b"]" * 100 + b"]}",
    "deeper than a stack": b"[" * 100_000,
    "too long": b'{"output": "' + b"x" * MAX_BYTES + b'"}',
    "no UTF-8": b'{"output": "\xff"}',
    "half a character": b'{"output": "\\ud800", "inputs": []}',
    "no JSON": b"<xml/>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_are_refused(browser: httpx.Client, name: str) -> None:
    answer = browser.post(UPDATE, content=HOSTILE[name])
    assert answer.status_code in {400, 404, 413, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_of_another_kind_is_refused(browser: httpx.Client) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert browser.post(UPDATE, content=b"{}", headers={"Content-Type": kind}).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "os/x.js",
        "dash/x.js",
        "dash/..%2f..%2f..%2fpyproject.toml",
        "dash/deps/..%2fdash.py",
        "x/y",
        "dash/",
        "%00/%00",
        "dash_core_components/" + "a" * 5000,
    ],
)
def test_scripts_that_no_library_has_are_not_found(browser: httpx.Client, path: str) -> None:
    assert browser.get(f"/_dash-component-suites/{path}").status_code in {404, 414}


def test_scripts_that_a_page_loads_are_found(browser: httpx.Client) -> None:
    page = browser.get("/wall", headers={"Accept": "text/html"}).text
    scripts = [part.split('"')[0] for part in page.split('src="')[1:] if part.startswith("/_dash-component-suites")]
    assert len(scripts) > 5
    assert {browser.get(script).status_code for script in scripts} == {200}
