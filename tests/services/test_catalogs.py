"""Translation catalogs: those that ship are complete and current; a city's own say what it wants said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import pofile

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.text import Label, use_wording
from ops_center.domain.wording import Worded, Wording
from ops_center.services import catalogs
from ops_center.services.catalogs import Text

CODE = """
NAME = Label("报警", "alarms")
COUNT = Label(f"{n} 条，共 {total}", f"{n} of {total}")
MORE = {"zh": "搁置", "en": "shelved"}
ONLY = Label(name.zh, name.en), Label(f"{one}", f"{one}")
"""


@pytest.fixture
def own_wording() -> Iterator[None]:
    yield
    use_wording(None)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    for room in catalogs.ROOMS:
        (tmp_path / room).mkdir()
    (tmp_path / "alerts" / "words.py").write_text(CODE, "utf-8")
    return tmp_path


def test_what_ships_is_complete_and_current() -> None:
    made = catalogs.files(catalogs.texts_of_code(), catalogs.SHIPPED)
    stale = [str(path) for path, content in made.items() if not path.is_file() or path.read_bytes() != content]
    assert stale == [], "run `python run.py text extract`"


def test_labels_are_found_with_places_for_what_is_filled_in(code: Path) -> None:
    found = catalogs.texts_of_code(code)
    expected = {Text("报警", "alarms"), Text("搁置", "shelved"), Text("{0} 条，共 {1}", "{0} of {1}")}
    assert set(found) == expected
    assert set(found.values()) == {("alerts/words.py",)}


def test_a_catalog_is_read_as_it_was_written(code: Path, tmp_path: Path) -> None:
    texts = catalogs.texts_of_code(code)
    for path, content in catalogs.files(texts, tmp_path / "locale").items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    said = catalogs.read(tmp_path / "locale")
    assert {(one.zh, one.en) for one in said} == {(text.zh, text.en) for text in texts}
    assert all(one.text == one.written for one in said)
    with (tmp_path / "locale" / "ops_center.pot").open("rb") as file:
        assert {message.string for message in pofile.read_po(file) if message.id} == {""}


def test_a_city_says_it_its_own_way(own_wording: None) -> None:
    before = Label("报警", "alarms")
    filled = Label("3 条，共 7", "3 of 7")
    use_wording(
        Wording(
            [
                Worded("报警", "alarms", "zh", "告警"),
                Worded("{0} 条，共 {1}", "{0} of {1}", "en", "of {1}: {0}"),
            ]
        ).say
    )
    assert (before.zh, before.en) == ("告警", "alarms")
    assert Label("报警", "alarms").in_language("zh") == "告警"
    assert (filled.zh, filled.en) == ("3 条，共 7", "of 7: 3")
    use_wording(None)
    assert before.zh == "报警"


def test_what_does_not_fit_is_said() -> None:
    texts = [Text("报警", "alarms"), Text("{0} 条", "{0} lines")]
    said = [
        Worded("报警", "alarms", "zh", "告警"),
        Worded("警报", "alerts", "zh", "告警"),
        Worded("{0} 条", "{0} lines", "en", "{1} lines"),
    ]
    assert [fault[:20] for fault in catalogs.faults(said, texts)] == ["zh: nothing says “警报", "en: “{1} lines” fill"]


def test_a_folder_without_catalogs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no catalog in"):
        catalogs.read(tmp_path)


def test_the_command_checks_what_ships() -> None:
    ran = subprocess.run([sys.executable, "run.py", "text", "check"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "all in order" in ran.stdout
