"""What a test does when a server it needs can't be had: a visible skip at a desk, a failure on CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str, reason: object) -> NoReturn:
    message = f"{what} is not to be had here: {reason}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
