"""Nobody's secret leaves its place: not into a log, a page, an answer, an error or the list of processes.

The center's own processes run with a secret of its own kind in every setting that holds one, and everything that can
fail fails: passwords that are wrong, servers that are dead, requests that make the program stumble.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import httpx
import psutil
import pytest
from pydantic import SecretStr

from ops_center.bootstrap import make_people, make_store
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.embedded.ports import free_port
from ops_center.embedded.postgres import PostgresServer
from ops_center.embedded.valkey import ValkeyServer
from ops_center.people.keys import load_keys
from ops_center.settings import Settings
from ops_center.store.migrate import migrate
from tests.servers.certificates import Authority
from tests.servers.people import PASSWORD, secret_of
from tests.stages import Stage, wait_until

DATABASE = "Secret/of+the=database-7f3a"
CACHE = "Secret:of@the?cache-91bc"
SINGLE_SIGN_ON = "secret-of-the-single-sign-on-44de"
MAIL = "secret-of-the-mail-server-93bf"
WEBHOOK = "secret-that-is-shared-with-a-webhook-of-others-71aa"
TYPED = "secret-that-somebody-typed-5e01"
COOKIE = "secret-of-a-cookie-that-is-none-0b7d"
TOKEN = "ops_a_secret-of-a-program-that-is-none-c2f8"


@dataclass
class Watch:
    """What must never be seen, and where it is looked for."""

    folder: Path
    secrets: set[str] = field(default_factory=set)

    def look_at(self, what: str, text: str) -> None:
        for secret in self.secrets:
            for form in {secret, quote(secret, safe=""), quote(secret)}:
                assert form not in text, f"{what} says {form!r}: …{_around(text, form)}…"

    def look_at_processes(self, pid: int) -> None:
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                self.look_at("the list of processes", " ".join([process.name(), *process.cmdline()]))


def _around(text: str, found: str) -> str:
    at = text.index(found)
    return text[max(0, at - 200) : at + 50]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    secrets = {DATABASE, CACHE, SINGLE_SIGN_ON, MAIL, WEBHOOK, TYPED, COOKIE, TOKEN, PASSWORD}
    return Watch(tmp_path, secrets)


@pytest.fixture
def environment(tmp_path: Path, authority: Authority, small_city: CityPack, watch: Watch) -> dict[str, str]:
    """Every setting that holds a secret or names a file that does."""
    files = authority.issue("localhost")
    key = tmp_path / "center.key"
    load_keys(key)
    webhooks = tmp_path / "webhooks.toml"
    webhooks.write_text(f'[webhook.duty_room]\nurl = "https://127.0.0.1:1/ops"\nsecret = "{WEBHOOK}"\n')
    webhooks.chmod(0o600)
    watch.secrets |= {key.read_text().strip(), *files.key.read_text().splitlines()[1:-1]}
    return {
        "OPS_STATE_DIR": str(tmp_path / "var"),
        "OPS_CITY_PACK": str(small_city.folder),
        "OPS_KEY_FILE": str(key),
        "OPS_AUDIT_DIR": str(tmp_path / "audit"),
        "OPS_OIDC_ISSUER": "http://127.0.0.1:1/realms/city",
        "OPS_OIDC_CLIENT_SECRET": SINGLE_SIGN_ON,
        "OPS_OIDC_GRANTS": '{"ops-water": ["department/water_company"]}',
        "OPS_SMTP_URL": f"smtps://center:{MAIL}@127.0.0.1:1",
        "OPS_MAIL_FROM": "center@city.example",
        "OPS_WEBHOOKS_FILE": str(webhooks),
        "OPS_PUBLIC_URL": "https://localhost",
        "OPS_TLS_CERTIFICATE": str(files.certificate),
        "OPS_TLS_KEY": str(files.key),
        "OPS_WEB_PORT": str(free_port()),
        "OPS_LOG_LEVEL": "debug",
    }


def with_password(url: str, password: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"ops_nobody:{quote(password, safe='')}@{parts.hostname}:{parts.port}"))


DEAD = f"redis://:{quote(CACHE, safe='')}@127.0.0.1:1/0"
ENDING = (["migrate"], ["check"], ["user", "list"], ["things", "list"])
STAYING = ("intake", "writer", "live", "rules", "book", "notify", "web")


def test_every_setting_that_holds_a_secret_is_tried(environment: dict[str, str]) -> None:
    secret = {name for name, kind in Settings.model_fields.items() if "Secret" in str(kind.annotation)}
    assert secret == {"database_url", "redis_url", "oidc_client_secret", "smtp_url"}
    assert {"OPS_KEY_FILE", "OPS_TLS_KEY", "OPS_OIDC_CLIENT_SECRET", "OPS_SMTP_URL", "OPS_WEBHOOKS_FILE"} <= set(
        environment
    )


@pytest.mark.parametrize("arguments", ENDING, ids=" ".join)
def test_a_command_with_a_wrong_password_says_so_without_it(
    arguments: list[str], plain_postgres: PostgresServer, environment: dict[str, str], watch: Watch
) -> None:
    url = with_password(plain_postgres.url_of("postgres"), DATABASE)
    for address in (url, f"{url.replace(quote(DATABASE, safe=''), 'x')}?password={quote(DATABASE, safe='')}"):
        log = watch.folder / "command.log"
        with Stage(arguments, {**environment, "OPS_DATABASE_URL": address, "OPS_REDIS_URL": DEAD}, log) as stage:
            watch.look_at_processes(stage.pid)
            assert stage.wait(120) == 1
        said = log.read_text()
        assert "password authentication failed" in said or "does not answer" in said or "failed" in said
        watch.look_at(" ".join(arguments), said)
        log.unlink()


@pytest.mark.parametrize("name", STAYING)
def test_a_stage_that_waits_for_dead_servers_says_so_without_their_passwords(
    name: str, plain_postgres: PostgresServer, environment: dict[str, str], watch: Watch
) -> None:
    url = with_password(plain_postgres.url_of("postgres"), DATABASE)
    log = watch.folder / "stage.log"
    with Stage([name], {**environment, "OPS_DATABASE_URL": url, "OPS_REDIS_URL": DEAD}, log) as stage:
        wait_until(lambda: re.search("cannot_|_away", log.read_text()) or not stage.is_running(), "it tries", 120)
        if stage.is_running():
            watch.look_at_processes(stage.pid)
    watch.look_at(name, log.read_text())


@dataclass
class Center:
    """A web process on servers of its own, which the test stops."""

    stage: Stage
    http: httpx.Client
    database: PostgresServer
    cache: ValkeyServer
    log: Path
    session: str


@pytest.fixture
def center(open_folder: Path, environment: dict[str, str], watch: Watch, authority: Authority) -> Iterator[Center]:
    folder = open_folder / "secrets"
    folder.mkdir(exist_ok=True)
    with PostgresServer(folder / "postgres", flavour="plain") as database, ValkeyServer(folder / "valkey") as cache:
        url = database.create_database("center")
        migrate(url)
        watch.secrets |= {str(urlsplit(url).password), str(urlsplit(cache.url).password)}
        named = {**environment, "OPS_DATABASE_URL": url, "OPS_REDIS_URL": cache.url}
        session = administrator(url, environment)
        watch.secrets.add(session)
        log = watch.folder / "web.log"
        with (
            Stage(["web"], named, log) as stage,
            httpx.Client(
                base_url=f"https://localhost:{environment['OPS_WEB_PORT']}", verify=authority.trusted()
            ) as http,
        ):
            wait_until(lambda: answers(http) or not stage.is_running(), "the web answers", 120)
            assert stage.is_running(), log.read_text()
            yield Center(stage, http, database, cache, log, session)


def administrator(url: str, environment: dict[str, str]) -> str:
    """Return the secret of a session that may do nearly everything."""
    key = Path(environment["OPS_KEY_FILE"])
    settings = Settings(database_url=SecretStr(url), key_file=key, totp_roles="auditor")
    grants = [Grant(role) for role in Role if role not in {Role.DISPLAY, Role.AUDITOR}]
    with closing(make_store(settings)) as store:
        return secret_of(make_people(settings, store), "ada", *grants)


def answers(http: httpx.Client) -> bool:
    try:
        return http.get("/api/alive").status_code < 500
    except httpx.TransportError:
        return False


STUMBLING = (b"{", b"[]", b"null", b'{"output":"page.children"}', b"\xff", b'{"output":1,"inputs":2,"outputs":3}')


def ask_everything(center: Center, watch: Watch) -> list[int]:
    """Ask as a stranger, as somebody with the wrong secrets and as an administrator; look at every answer."""
    statuses = []
    origin = {"Origin": "https://localhost"}
    signed_in = {"Cookie": f"__Host-ops_session={center.session}", **origin}
    form = {"name": "ada", "password": TYPED}
    asked: list[tuple[str, str, dict[str, object]]] = [
        ("GET", "/wall", {}),
        ("POST", "/sign-in", {"data": form, "headers": origin}),
        ("POST", "/display", {"json": {"token": TOKEN}, "headers": origin}),
        ("GET", "/api/things", {"headers": {"Authorization": f"Bearer {TOKEN}"}}),
        ("GET", "/api/things", {"headers": {"Cookie": f"__Host-ops_session={COOKIE}"}}),
        ("GET", f"/api/things?token={TOKEN}", {}),
        ("GET", f"/nowhere/{TOKEN}", {"headers": signed_in}),
        *(("GET", path, {"headers": signed_in}) for path in ("/wall", "/api/health", "/api/things", "/api/quarantine")),
        *(("POST", "/_dash-update-component", {"content": body, "headers": signed_in}) for body in STUMBLING),
        ("POST", "/api/things", {"content": b"{", "headers": signed_in}),
    ]
    for method, path, how in asked:
        answer = center.http.request(method, path, timeout=60, **how)  # type: ignore[arg-type]
        statuses.append(answer.status_code)
        if TOKEN not in path:
            watch.look_at(f"the answer to {method} {path}", answer.text)
        assert "Traceback" not in answer.text, f"{method} {path}"
        assert not re.search(r'File "|site-packages|line \d+, in ', answer.text), f"{method} {path}"
        watch.look_at("a header", str({n: v for n, v in answer.headers.items() if n != "set-cookie"}))
    return statuses


def test_a_center_whose_servers_die_one_after_the_other_keeps_its_secrets(center: Center, watch: Watch) -> None:
    assert min(ask_everything(center, watch)) == 200
    watch.look_at_processes(center.stage.pid)
    watch.look_at_processes(os.getpid())  # the servers that were started here
    center.cache.stop()
    ask_everything(center, watch)
    center.database.stop()
    assert 503 in ask_everything(center, watch)
    watch.look_at("the log", center.log.read_text())
