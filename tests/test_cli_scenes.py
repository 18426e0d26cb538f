"""``run.py scenes`` as whoever runs a center sees it: list, show, save, import."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops_center.bootstrap import import_scenes
from ops_center.cli import session
from ops_center.cli.scenes import app
from ops_center.domain.realms import Realm
from ops_center.settings import load_settings
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store


@pytest.fixture
def store(plain_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    for name, value in {"DATABASE_URL": plain_database, "STATE_DIR": str(tmp_path), "REALM": "simulated"}.items():
        monkeypatch.setenv(f"OPS_{name}", value)
    monkeypatch.setattr(session, "set_up_logs", lambda *_: None)  # in this process others look at the log too
    migrate(plain_database)
    import_scenes(load_settings())
    opened = open_store(plain_database, Realm.SIMULATED)
    yield opened
    opened.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False, env={"COLUMNS": "200"})


def test_a_scene_is_saved_in_versions_and_an_import_leaves_it(store: Store, tmp_path: Path) -> None:
    newest = store.scenes.history("air")[0]
    file = tmp_path / "scene.json"
    file.write_text(json.dumps({**newest.form, "rotate_s": 45}))
    assert run("save", str(file)).exit_code == 1, "a reason is wanted"
    assert run("save", str(file), "--reason", "slower").exit_code == 0
    assert run("import").exit_code == 0
    assert [(row.version, row.form["rotate_s"], row.origin) for row in store.scenes.history("air")] == [
        (2, 45, "command line"),
        (1, 0, "file:air.toml"),
    ]
    assert next((row.action, row.subject) for row in store.audit.page(action="scene.")) == ("scene.saved", "air")
    listed, shown = run("list"), run("show", "air")
    assert listed.exit_code == shown.exit_code == 0
    assert "traffic_peak" in listed.output and "slower" in shown.output


def test_what_is_wrong_is_said_by_field(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "scene.json"
    file.write_text(json.dumps({**store.scenes.history("air")[0].form, "columns": 5}))
    found = run("save", str(file), "--reason", "why not")
    assert found.exit_code == 1 and "panels[0]" in found.output
    assert len(store.scenes.history("air")) == 1
