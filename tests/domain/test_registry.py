"""Extending is one file: what a package holds is found, and a name given twice is refused."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from feeds.contract import Feed
from ops_center.domain.errors import ConfigurationError
from ops_center.domain.registry import scan


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "outsiders"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.startswith("outsiders")]:
        monkeypatch.delitem(sys.modules, name)
    return folder


def test_a_file_with_the_attribute_is_found_and_a_helper_without_it_is_not(package: Path) -> None:
    (package / "buses.py").write_text("class F: name = 'buses'\nTHING_X = F()\n")
    (package / "helper.py").write_text("")
    found = scan(importlib.import_module("outsiders"), "THING_X", Feed)  # type: ignore[type-abstract]
    assert list(found) == ["buses"]


def test_a_name_given_twice_is_refused_with_the_file_that_repeats_it(package: Path) -> None:
    for file in ("a", "b"):
        (package / f"{file}.py").write_text("class F: name = 'same'\nTHING_X = F()\n")
    with pytest.raises(ConfigurationError, match=r"outsiders\.b.*'same'"):
        scan(importlib.import_module("outsiders"), "THING_X", Feed)  # type: ignore[type-abstract]


def test_what_was_found_can_t_be_changed(package: Path) -> None:
    (package / "a.py").write_text("class F: name = 'a'\nTHING_X = F()\n")
    found = scan(importlib.import_module("outsiders"), "THING_X", Feed)  # type: ignore[type-abstract]
    with pytest.raises(TypeError):
        found["b"] = found["a"]  # type: ignore[index]
