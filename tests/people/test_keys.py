"""The center's own key: made once, read by the center alone."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from ops_center.domain.errors import ConfigurationError
from ops_center.people.keys import load_keys


def test_it_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "center.key"
    first = load_keys(file)
    assert load_keys(file).derived("a") == first.derived("a") != first.derived("b")
    assert file.stat().st_mode & 0o077 == 0 and file.parent.stat().st_mode & 0o077 == 0
    assert [found.name for found in file.parent.iterdir()] == ["center.key"]


def _derived(file: Path) -> bytes:
    return load_keys(file).derived("a")


def test_processes_that_start_at_once_share_it(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_derived, [tmp_path / "center.key"] * 8))) == 1


def test_one_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_keys(file := tmp_path / "center.key")
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_keys(file)


@pytest.mark.parametrize("content", ["", "no hex", "00" * 31])
def test_a_damaged_one_is_not_replaced(tmp_path: Path, content: str) -> None:
    file = tmp_path / "center.key"
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError):
        load_keys(file)
    assert file.read_text() == content
