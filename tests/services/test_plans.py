"""Plans in the database: imported once, edited in versions, disabled, reverted, found by type and level."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from ops_center.cli import session
from ops_center.cli.plans import app
from ops_center.domain.errors import PlanChanged, PlanError
from ops_center.domain.realms import Realm
from ops_center.domain.rights import Asker
from ops_center.domain.time import ManualClock
from ops_center.embedded.postgres import PostgresServer
from ops_center.incidents.incident import Level
from ops_center.incidents.types import shipped_types
from ops_center.services.plans import PlanDesk, Refused
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from ops_center.store.version_port import VersionRow
from tests.servers.databases import empty_database

LI = Asker("li")
REALM = Realm.SIMULATED


@pytest.fixture(scope="module")
def plans_url(plain_postgres: PostgresServer) -> Iterator[str]:
    with empty_database(plain_postgres.url_of("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture
def store(plans_url: str) -> Iterator[Store]:
    with psycopg.connect(plans_url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {REALM.schema}.plan")
    opened = open_store(plans_url, REALM)
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Store) -> PlanDesk:
    desk = PlanDesk(store.plans, ManualClock(), shipped_types())
    desk.import_shipped()
    return desk


def saved(outcome: VersionRow | Refused) -> VersionRow:
    assert isinstance(outcome, VersionRow), outcome
    return outcome


def edited(desk: PlanDesk, **change: Any) -> dict[str, Any]:
    return {**desk.at("burst_main").form, **change}


def acts(store: Store) -> list[tuple[str, str]]:
    return [(row.action, row.subject) for row in store.audit.page(action="plan.")]


def test_what_ships_is_imported_once_and_is_what_incidents_open(desk: PlanDesk, store: Store) -> None:
    version, again = desk.version(), desk.import_shipped()
    assert (again.new, again.renewed, again.left) == ((), (), ()) and desk.version() == version
    assert acts(store) == [("plan.imported", "8")]
    plan, number = desk.all()["burst_main"]
    assert number == 1 and [step.id for step in plan.steps][:2] == ["locate", "valves"]
    assert [one.name for one in desk.fitting("water_main_burst", Level.II)] == ["burst_main"]
    assert desk.named("no_such_plan") is None


def test_an_edit_counts_at_once_everywhere_and_survives_an_import(desk: PlanDesk, store: Store) -> None:
    other = PlanDesk(store.plans, ManualClock(), shipped_types())
    assert other.all()["burst_main"][1] == 1
    steps = [dict(one) for one in desk.at("burst_main").form["steps"]]
    steps[0]["done_minutes"] = 20
    row = saved(desk.save(LI, edited(desk, steps=steps), 1, "the crews are nearer now"))
    assert (row.version, row.origin, row.author) == (2, "editor", "li")
    plan, number = other.all()["burst_main"]
    assert (number, plan.steps[0].done_minutes, plan.version) == (2, 20, 2)
    assert desk.import_shipped().left == ("burst_main",)
    with pytest.raises(PlanChanged):
        desk.save(LI, edited(desk), 1, "too late")
    assert acts(store)[0] == ("plan.saved", "burst_main")


def test_a_disabled_plan_is_proposed_to_nobody(desk: PlanDesk) -> None:
    assert isinstance(desk.set_enabled(LI, "burst_main", False, " "), Refused)
    row = saved(desk.set_enabled(LI, "burst_main", False, "under review"))
    assert not row.enabled and "burst_main" not in desk.all() and not desk.fitting("water_main_burst", Level.II)
    assert not saved(desk.set_enabled(LI, "burst_main", False, "again")).enabled
    assert saved(desk.set_enabled(LI, "burst_main", True, "reviewed")).version == 3
    assert desk.named("burst_main") is not None


def test_one_goes_back_to_an_old_version_and_to_the_file(desk: PlanDesk) -> None:
    saved(desk.save(LI, edited(desk, hazards=[]), 1, "shorter"))
    assert saved(desk.revert(LI, "burst_main", 1, 2, "it was better")).form["hazards"]
    row = saved(desk.as_shipped(LI, "burst_main", 3, "follow the file"))
    assert row.is_as_shipped and not desk.import_shipped().left
    with pytest.raises(PlanError):
        desk.as_shipped(LI, "own", 0, "no file")


def test_what_is_wrong_is_said_with_its_place(desk: PlanDesk) -> None:
    steps = [dict(one) for one in desk.at("burst_main").form["steps"]]
    steps[1]["after"], steps[0]["after"] = ["locate"], ["valves"]
    fields = [fault.field for fault in desk.validate(edited(desk, steps=steps))]
    assert fields == ["steps[0].after"]
    assert [fault.field for fault in desk.validate(edited(desk, types=["water_main_burst", "war"]))] == ["types[1]"]
    steps[2]["title"] = {"zh": "", "en": "x"}
    assert [fault.field for fault in desk.validate(edited(desk, steps=steps))] == ["steps[2].title.zh"]
    assert isinstance(desk.save(LI, edited(desk, steps=[]), 1, "nothing to do"), Refused)


def test_the_command_line_does_the_same(
    store: Store, plans_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"DATABASE_URL": plans_url, "STATE_DIR": str(tmp_path), "REALM": "simulated"}.items():
        monkeypatch.setenv(f"OPS_{name}", value)
    monkeypatch.setattr(session, "set_up_logs", lambda *_: None)  # in this process others look at the log too

    def run(*arguments: str) -> str:
        found = CliRunner().invoke(app, list(arguments), catch_exceptions=False, env={"COLUMNS": "200"})
        assert found.exit_code == 0, found.output
        return found.output

    assert "new 8" in run("import")
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({**store.plans.history("fire")[0].form, "levels": [1, 2]}))
    assert "version 2" in run("save", str(file), "--reason", "for grave ones")
    assert "disabled" in run("disable", "fire", "--reason", "rewritten")
    assert "rewritten" in run("show", "fire") and "gas_leak" in run("list")
    assert [row.form["levels"] for row in store.plans.history("fire")] == [[1, 2], [1, 2], [1, 2, 3, 4]]
