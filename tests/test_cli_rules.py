"""``run.py rules`` as whoever runs a center sees it: list, show, edit, disable, import, replay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ops_center.bootstrap import import_rules
from ops_center.cli import session
from ops_center.cli.rules import app
from ops_center.domain.realms import Realm
from ops_center.settings import load_settings
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store

NAME = "water_pressure_low"


@pytest.fixture
def store(plain_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    for name, value in {"DATABASE_URL": plain_database, "STATE_DIR": str(tmp_path), "REALM": "simulated"}.items():
        monkeypatch.setenv(f"OPS_{name}", value)
    monkeypatch.setattr(session, "set_up_logs", lambda *_: None)  # in this process others look at the log too
    migrate(plain_database)
    import_rules(load_settings())
    opened = open_store(plain_database, Realm.SIMULATED)
    yield opened
    opened.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False, env={"COLUMNS": "200"})


def done(*arguments: str) -> str:
    found = run(*arguments)
    assert found.exit_code == 0, found.output
    return found.output


def test_a_rule_is_edited_in_versions_and_tried_on_history(store: Store, tmp_path: Path) -> None:
    newest = store.rules.history(NAME)[0]
    file = tmp_path / "rule.json"
    file.write_text(json.dumps({**newest.form, "recovery": "latch"}))
    assert run("save", str(file)).exit_code == 1, "a reason is wanted"
    done("save", str(file), "--reason", "must be looked at")
    done("disable", NAME, "--reason", "works on the main")
    said = [(row.version, row.enabled, row.form["recovery"], row.origin) for row in store.rules.history(NAME)]
    assert said[0] == (3, False, "latch", "command line") and said[1] == (2, True, "latch", "command line")
    assert said[2][3] == "file:water.toml"
    assert [(row.action, row.subject) for row in store.audit.page(action="rule.")][:2] == [
        ("rule.disabled", NAME),
        ("rule.saved", NAME),
    ]
    span = ("--from", "2026-11-29T08:00:00", "--to", "2026-11-29T12:00:00")
    assert json.loads(done("replay", NAME, *span, "--json")) == {
        "rule": NAME, "inputs": 0, "left_out": 0, "conditions": []
    }  # fmt: skip


def test_what_is_wrong_is_said_by_field(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "rule.json"
    file.write_text(json.dumps({**store.rules.history(NAME)[0].form, "type": "magic"}))
    found = run("save", str(file), "--reason", "why not")
    assert found.exit_code == 1 and len(store.rules.history(NAME)) == 1


def test_an_import_leaves_what_somebody_edited(store: Store) -> None:
    done("disable", NAME, "--reason", "works on the main")
    done("import")
    assert [row.enabled for row in store.rules.history(NAME)] == [False, True]
    done("list")
    done("show", NAME)
