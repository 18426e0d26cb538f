"""``run.py user`` and the first start, as whoever runs a center sees them."""

from __future__ import annotations

import os
import pty
import re
import select
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops_center.bootstrap import make_people
from ops_center.domain.realms import Realm
from ops_center.embedded.postgres import PostgresServer
from ops_center.services.sign_in_outcomes import NeedsNewPassword
from ops_center.services.signing_in import Visitor
from ops_center.settings import load_settings
from ops_center.store.migrate import migrate
from ops_center.store.opening import open_store
from ops_center.store.port import Store
from tests.servers.databases import empty_database
from tests.test_cli import ROOT, run

ONE_TIME = re.compile(r"[a-z2-9]{5}(?:-[a-z2-9]{5}){3}")


class Desk:
    """The command line of one center."""

    def __init__(self, url: str, state_dir: Path) -> None:
        self.url = url
        self.state_dir = state_dir
        self.store: Store = open_store(url, Realm.SIMULATED)

    def __call__(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        given = {"OPS_DATABASE_URL": self.url, "OPS_STATE_DIR": str(self.state_dir), **settings}
        return run(*arguments, **given)

    def out(self, *arguments: str) -> str:
        result = self("user", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout


@pytest.fixture
def desk(plain_database: str, tmp_path: Path) -> Iterator[Desk]:
    migrate(plain_database)
    made = Desk(plain_database, tmp_path)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def started(plain_postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A center that was started once: it has its first administrator, and nothing is done to it."""
    with empty_database(plain_postgres.url_of("postgres")) as url:
        made = Desk(url, tmp_path_factory.mktemp("state"))
        made("migrate")
        yield made
        made.store.close()


def test_the_first_administrators_password_is_in_a_file_where_nobody_sits_at_a_terminal(desk: Desk) -> None:
    first = desk("migrate")
    assert first.returncode == 0, first.stderr
    file = desk.state_dir / "first-administrator.txt"
    name, password = file.read_text().split()
    assert name == "admin" and ONE_TIME.fullmatch(password)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(file) in first.stderr and password not in first.stdout + first.stderr
    again = desk("migrate")
    assert again.returncode == 0 and str(file) not in again.stderr
    assert file.read_text().split() == ["admin", password]


def test_the_first_administrators_password_is_shown_once_on_a_terminal(desk: Desk) -> None:
    shown = on_terminal(desk, "migrate")
    password = ONE_TIME.search(shown)
    assert "admin" in shown and password is not None
    assert not (desk.state_dir / "first-administrator.txt").exists()
    assert ONE_TIME.search(on_terminal(desk, "migrate")) is None
    assert isinstance(_sign_in(desk, "admin", password.group()), NeedsNewPassword)


def on_terminal(desk: Desk, *arguments: str) -> str:
    """Run a command with a terminal as its standard error; return what it shows there."""
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPS_")}
    settings = {"OPS_DATABASE_URL": desk.url, "OPS_STATE_DIR": str(desk.state_dir), "COLUMNS": "160", "NO_COLOR": "1"}
    with subprocess.Popen(
        [sys.executable, "run.py", *arguments], cwd=ROOT, env={**inherited, **settings}, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = bytearray()
        while select.select([ours], [], [], 120)[0]:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end was closed
                break
            if not part:
                break
            shown += part
    os.close(ours)
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())


def _sign_in(desk: Desk, name: str, password: str) -> object:
    settings = load_settings(database_url=desk.url, state_dir=desk.state_dir)
    return make_people(settings, desk.store).signing_in.sign_in(name, password, Visitor())


def test_an_account_goes_through_all_that_can_be_done_to_it(desk: Desk) -> None:
    password = ONE_TIME.search(
        desk.out("add", "lin", "operator/*/D01", "leader", "--shown-as", "林", "--language", "zh")
    )
    assert password is not None
    assert isinstance(_sign_in(desk, "lin", password.group()), NeedsNewPassword)
    assert "operator/*/D01" in desk.out("list") and "one-time password until" in desk.out("list")
    assert "department/water_company" in desk.out("grant", "lin", "department/water_company")
    assert "disabled" in desk.out("disable", "lin")
    assert "enabled" in desk.out("enable", "lin")
    assert ONE_TIME.search(desk.out("password", "lin"))
    desk.out("totp-reset", "lin")
    assert "0 ended" in desk.out("sign-out", "lin")
    assert "id" in desk.out("sessions", "lin")
    told = [row.action for row in desk.store.audit.page(limit=100)]
    assert told[::-1] == [
        "account.added",
        "account.granted",
        "account.disabled",
        "account.enabled",
        "account.password_reset",
        "account.totp_reset",
        "account.signed_out",
    ]
    (row,) = desk.store.audit.page(limit=1)
    assert row.actor == "system" and row.session.startswith("command line of ")


def test_a_displays_address_is_printed_once_and_its_token_revoked_by_number(desk: Desk) -> None:
    made = desk.out("display", "add", "wall-2", "--label", "wall, row 2", "--grant", "display/*/D01", "--days", "30")
    address = re.search(r"http://localhost:8050/display#ops_d_[\w-]{43}", made)
    number = re.search(r"token (\d+);", made)
    assert address is not None and number is not None
    assert "wall, row 2" in desk.out("display", "list")
    assert "revoked" in desk.out("display", "revoke", number.group(1))
    assert "before" in desk.out("display", "revoke", number.group(1))
    assert desk("user", "token", "revoke", number.group(1)).returncode == 1, "it is not a program's"


def test_a_programs_token_is_printed_once(desk: Desk) -> None:
    desk.out("add", "exporter", "operator")
    made = desk.out("token", "add", "exporter", "--label", "nightly export")
    assert re.search(r"^ops_a_[\w-]{43}$", made, re.MULTILINE)
    listed = desk.out("token", "list")
    assert "nightly export" in listed and "ops_a_" not in listed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("grant", "nobody", "operator"), "there is no account nobody"),
        (("add", "lin", "emperor"), "is no grant"),
        (("add", "Lin", "operator"), "lower-case"),
        (("add", "lin", "administrator/*/D01"), "whole city"),
        (("add", "lin", "operator", "--language", "fr"), "zh or en"),
        (("sign-out",), "--session"),
        (("display", "revoke", "7"), "no such token"),
        (("token", "add", "admin", "--label", "x"), "one-time codes"),
        (("disable", "admin"), "last administrator"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_line(started: Desk, arguments: tuple[str, ...], said: str) -> None:
    result = started("user", *arguments)
    assert result.returncode == 1
    assert said in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    result = run("user", "list", OPS_STATE_DIR=str(tmp_path))
    assert result.returncode == 1
    assert "OPS_DATABASE_URL" in result.stderr and "Traceback" not in result.stderr
