"""Every package is pinned, has a reason in place, a fixed version in constraints.txt and a row in the decision."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINE = re.compile(r"(?P<name>[\w.-]+)(\[\w+\])?==(?P<version>\S+)\s+# (?P<reason>.+)")


def canonical(name: str) -> str:
    """PEP 503: case and the kind of separator don't count."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lines_of(file: str) -> list[str]:
    lines = (ROOT / file).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


REQUIRED = [*lines_of("requirements.txt"), *lines_of("requirements-dev.txt")]
FIXED = {canonical(name): version for name, version in (line.split("==") for line in lines_of("constraints.txt"))}
DECIDED = set(re.findall(r"^\| ([\w.-]+) \|", (ROOT / "docs/adr/0002-dependencies.md").read_text(), re.MULTILINE))


@pytest.mark.parametrize("line", REQUIRED, ids=lambda line: line.split("==")[0])
def test_each_is_pinned_with_a_reason_and_a_decision(line: str) -> None:
    parts = LINE.fullmatch(line)
    assert parts, f"not `name==version  # reason`: {line}"
    assert FIXED.get(canonical(parts["name"])) == parts["version"], "constraints.txt says otherwise"
    assert parts["name"] in DECIDED


def test_the_decision_names_nothing_that_is_gone() -> None:
    required = {line.split("==")[0].split("[")[0] for line in REQUIRED}
    assert DECIDED - required == {"package"}


def test_everything_that_is_fixed_is_fixed_to_one_version() -> None:
    lines = lines_of("constraints.txt")
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.+!-]+", line)] == []
    assert len(FIXED) == len(lines), "a package is there twice"


def test_what_is_installed_is_what_is_fixed() -> None:
    found = {canonical(found.metadata["Name"]): found.version for found in distributions()}
    others = {name: version for name, version in found.items() if FIXED.get(name) != version}
    assert set(others) <= {"pip", "setuptools", "wheel"}, "run `make constraints`, or install what is fixed"
