"""Settings: one frozen tree, wrong ones named, secrets never shown, every one documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.relations import shipped_relations
from ops_center.bootstrap import read_relations
from ops_center.cli.everything import stage_environment
from ops_center.domain.errors import ConfigurationError
from ops_center.settings import Settings, load_settings

SETTINGS_PAGE = Path(__file__).parents[1] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _a_clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OPS_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ops-center.toml").write_text("web_port = 9000\npartitions = 16\n")
    monkeypatch.setenv("OPS_WEB_PORT", "9001")
    settings = load_settings()
    assert (settings.web_port, settings.partitions, settings.city_seed) == (9001, 16, 7)


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_WEB_PORT", "70000")
    monkeypatch.setenv("OPS_REALM", "dream")
    with pytest.raises(ConfigurationError, match=r"OPS_REALM.*OPS_WEB_PORT"):
        load_settings()


def test_a_named_file_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_CONFIG", "nowhere.toml")
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        load_settings()


def test_a_damaged_file_is_an_error_and_not_a_default(tmp_path: Path) -> None:
    (tmp_path / "ops-center.toml").write_text("web_port = \n")
    with pytest.raises(ConfigurationError, match="can't be read"):
        load_settings()


def test_an_address_beyond_loopback_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_WEB_HOST", "0.0.0.0")
    with pytest.raises(ConfigurationError, match="loopback only"):
        load_settings()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ops:s3cret@db:5432/ops",
        "postgresql://db/ops?user=ops&password=s3cret",
        "redis://:s3cret@cache:6379/0",
        "s3cret",
    ],
)
def test_a_secret_is_never_shown(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_DATABASE_URL", url)
    settings = load_settings()
    assert "s3cret" not in "".join(settings.effective().values())
    assert "s3cret" not in repr(settings)


def test_production_wants_a_database_and_a_real_realm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_MODE", "production")
    with pytest.raises(ConfigurationError, match="OPS_DATABASE_URL"):
        load_settings()
    monkeypatch.setenv("OPS_DATABASE_URL", "postgresql://db/ops")
    with pytest.raises(ConfigurationError, match="OPS_REALM"):
        load_settings()


def test_a_stage_reads_what_the_supervisor_hands_on(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(
        database_url="postgresql://ops:s3cret@db/ops",
        oidc_grants={"ops-water": ["department/water_company"]},
        public_url="https://ops.example",
        realm="drill",
    )
    for name, value in stage_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_the_settings_page_says_what_the_code_says() -> None:
    page = SETTINGS_PAGE.read_text()
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"| `OPS_{name.upper()}` | {field.description} |" in page, f"docs/settings.md misses {name}"


def test_steps_of_escalation_ascend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_ESCALATE_AFTER", "[0.25, 1]")
    assert load_settings().escalate_after == (0.25, 1.0)
    for wrong in ("[1, 0.5]", "[1, 1]", "[0]", "soon"):
        monkeypatch.setenv("OPS_ESCALATE_AFTER", wrong)
        with pytest.raises(ConfigurationError, match=r"OPS_ESCALATE_AFTER|can't be read"):
            load_settings()


def test_a_citys_own_relations_count_before_those_that_ship(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    settings = Settings(relations_file=own)
    with pytest.raises(ConfigurationError, match="OPS_RELATIONS_FILE"):
        read_relations(settings)
    reach = 'reach = { by = "city", within_s = 60 }'
    own.write_text(f'[[relation]]\ncauses = ["a"]\neffects = ["b"]\n{reach}\nsource = {{ zh = "本市", en = "ours" }}\n')
    found = read_relations(settings)
    assert found.relations[0].source.en == "ours" and found.relations[1:] == shipped_relations().relations
    own.write_text(f'[[relation]]\ncauses = ["a"]\n{reach}\n')
    with pytest.raises(ConfigurationError, match=r"own\.toml.*effects"):
        read_relations(settings)
