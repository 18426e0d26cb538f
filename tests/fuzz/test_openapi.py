"""Every operation of the OpenAPI document does what the document says, whatever it is asked; schemathesis asks.

``OPS_OPENAPI_EXAMPLES=500`` asks longer, by the same code.
"""

from __future__ import annotations

import os

import httpx
import pytest

from tests.fuzz.openapi import Account, asked
from tests.fuzz.whole_center import WholeCenter

EXAMPLES = int(os.environ.get("OPS_OPENAPI_EXAMPLES", "8"))
OPERATIONS = 24
"""of the open interfaces; more is fine"""

pytestmark = pytest.mark.timeout(600 + 20 * EXAMPLES)


@pytest.fixture(scope="module")
def tested(center: WholeCenter) -> Account:
    return asked(f"{center.url}/api/openapi.json", center.as_program, EXAMPLES)


def test_every_operation_answers_as_the_document_says(tested: Account) -> None:
    print(tested)
    assert not tested.failures and not tested.errors, str(tested)
    assert len(tested.requests) >= OPERATIONS
    assert all(count >= min(EXAMPLES, 5) for count in tested.requests.values()), tested.requests


def test_nothing_fails_inside(tested: Account) -> None:
    assert not [status for status in tested.statuses if status >= 500]


def test_good_requests_are_among_them(tested: Account) -> None:
    """Refusing everything would pass every check."""
    assert tested.statuses[200] > 20
    assert tested.statuses[422] > 20


@pytest.mark.parametrize("status", ["401", "403", "404", "429", "503"])
def test_every_operation_documents_its_refusals_as_problems(center: WholeCenter, status: str) -> None:
    document = httpx.get(f"{center.url}/api/openapi.json", headers=center.as_program).json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation["responses"][status]["content"]
            assert "application/problem+json" in content, (method, path)
            assert operation["security"] == ([] if path == "/api/alive" else [{"token": []}])
