"""A whole web process on real servers, as production makes it, with an account of every right and its token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from ops_center.api.cookies import LOOPBACK_NAME
from ops_center.bootstrap import make_people, make_store, open_web, register_pack
from ops_center.city.pack import CityPack
from ops_center.domain.rights import Grant, Role
from ops_center.screens.stream.endpoint import SERVER_OPTIONS
from ops_center.services.accounts import WithSecret
from ops_center.settings import Settings
from ops_center.store.migrate import migrate
from ops_center.web import Web
from tests.servers.databases import empty_database
from tests.servers.people import CHIEF, secret_of
from tests.servers.webs import served

EVERY_RIGHT = tuple(Grant(role) for role in Role if role is not Role.DISPLAY)


@dataclass(frozen=True)
class WholeCenter:
    """Where it is, and what opens it."""

    url: str
    web: Web
    token: str
    """of a program"""
    cookie: str
    """of a person"""

    @property
    def as_program(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def as_person(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "Origin": self.url}


@contextmanager
def whole_center(admin_url: str, redis_url: str, pack: CityPack, state: Path) -> Iterator[WholeCenter]:
    """Start it on an empty database; the city's things are registered."""
    with empty_database(admin_url) as url:
        migrate(url)
        settings = Settings(
            database_url=SecretStr(url),
            redis_url=SecretStr(redis_url),
            city_pack=pack.folder,
            state_dir=state,
            requests_per_s=100_000,
            totp_roles="",
        )
        assert pack.folder is not None
        register_pack(settings, pack.folder)
        token, cookie = _keys_of_a_person(settings)
        stop = threading.Event()
        with open_web(settings, stop) as web, served(web.application, **SERVER_OPTIONS) as address:
            yield WholeCenter(f"http://{address}", web, token, cookie)


def _keys_of_a_person(settings: Settings) -> tuple[str, str]:
    with closing(make_store(settings)) as store:
        people = make_people(settings, store)
        secret = secret_of(people, "everything", *EVERY_RIGHT)
        account = store.accounts.find("everything")
        assert account is not None
        made = people.accounts.add_token(account, "api", "tests", None, CHIEF)
        assert isinstance(made, WithSecret), made
        return made.secret, f"{LOOPBACK_NAME}={secret}"
