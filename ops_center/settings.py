"""Every setting of the center: one frozen tree from defaults, a TOML file and ``OPS_`` variables.

Read once by ``ops_center.bootstrap``; nothing else looks at the environment. The variables win over the file
(``OPS_CONFIG``, or ``ops-center.toml`` in the working directory), the file over the defaults.
``run.py check`` prints the effective values, secrets masked; docs/settings.md is generated from here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from ops_center.domain.errors import ConfigurationError
from ops_center.domain.realms import Realm
from ops_center.safety import refuse_unsafe

if TYPE_CHECKING:
    from ops_center.people.oidc_client import SignOn

Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """The effective settings; see each field."""

    model_config = SettingsConfigDict(env_prefix="OPS_", frozen=True, extra="ignore", env_ignore_empty=True)

    mode: Literal["demo", "production"] = Field(
        "demo", description="`demo` runs a simulated city; `production` refuses unsafe settings"
    )
    realm: Realm = Field(Realm.SIMULATED, description="which world is served: live, drill, replay or simulated")
    state_dir: Path = Field(Path("var"), description="where the embedded servers and the demo city keep their data")
    cache_dir: Path = Field(
        Path("~/.cache/ops-center"), description="where downloaded servers are kept; may be deleted at any time"
    )
    city_pack: Path | None = Field(None, description="folder of the city pack; without it the demo city is made")
    city_seed: int = Field(7, ge=0, description="seed of the demo city and of everything that happens in it")
    city_things: int = Field(5000, ge=500, le=1_000_000, description="how many things the demo city has")
    scenario: Literal["calm", "burst", "crash", "chemical", "storm"] = Field(
        "calm", description="the story that the simulated city plays"
    )
    scenario_ago_s: float = Field(
        0,
        ge=0,
        le=3600,
        description="so many seconds ago the simulated city begins; it catches up at ten seconds in one",
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL or TimescaleDB; without it an embedded server is started"
    )
    redis_url: SecretStr | None = Field(None, description="Redis or Valkey; without it an embedded server is started")
    kafka_bootstrap: str | None = Field(
        None, description="Kafka brokers, `host:port,host:port`; without it the bus is Redis Streams"
    )
    partitions: int = Field(4, ge=1, le=1024, description="partitions of every topic; fixed when a topic is made")
    web_host: str = Field(
        "127.0.0.1", description="address the web server listens on; beyond loopback only with `OPS_PUBLIC_URL`"
    )
    web_port: Port = Field(8050, description="port the web server listens on; 0 takes a free one")
    public_url: str | None = Field(
        None, description="address that people type, `https://ops.example`; without it loopback only"
    )
    tls_certificate: Path | None = Field(None, description="certificate chain (PEM) of the web server's own TLS")
    tls_key: Path | None = Field(None, description="private key (PEM) of the web server's own TLS")
    trusted_proxies: str = Field(
        "",
        description="networks of proxies that end TLS before us, `10.0.0.5/32,10.0.0.6/32`; others are not believed",
    )
    key_file: Path | None = Field(
        None,
        description="file of the center's own key; without it `keys/center.key` in the state folder",
    )
    audit_dir: Path | None = Field(
        None,
        description="folder of the audit's signed heads; without it `audit` in the state folder",
    )
    session_idle_minutes: float = Field(
        30, gt=0, le=24 * 60, description="a session ends after so long without a sign of a person"
    )
    session_hours: float = Field(12, gt=0, le=7 * 24, description="a session ends after so long whatever happens")
    totp_roles: str = Field(
        "administrator", description="roles that must sign in with a one-time code too, `administrator,auditor`"
    )
    requests_per_s: float = Field(
        50, ge=1, description="requests that one session may make, with bursts of ten seconds' worth"
    )
    oidc_issuer: str | None = Field(None, description="address of the city's single sign-on (OpenID Connect issuer)")
    oidc_client_id: str = Field("ops-center", description="our name at the single sign-on")
    oidc_client_secret: SecretStr | None = Field(None, description="our secret at the single sign-on")
    oidc_name: str = Field("单点登录 · Single sign-on", description="what the button on the sign-in page says")
    oidc_groups_claim: str = Field("groups", description="claim that lists a person's groups, dots lead into objects")
    oidc_grants: dict[str, list[str]] = Field(
        {},
        description='group → grants, `{"ops-water": ["department/water_company"]}`; others may not enter',
    )
    smtp_url: SecretStr | None = Field(
        None, description="mail server, `smtps://user:password@mail.example`; `smtp://` begins TLS with STARTTLS"
    )
    mail_from: str | None = Field(None, description="address that the center's mail comes from")
    mail_domains: str = Field("", description="domains that mail may go to, `city.example`; without it any")
    webhooks_file: Path | None = Field(
        None, description="TOML file with the addresses and secrets of systems that are told by webhook"
    )
    warnings_folder: Path | None = Field(None, description="drop folder that public warnings (CAP 1.2) are written to")
    warnings_sender: str | None = Field(
        None, description="who issues public warnings, unique in the world: `warnings@city.example`"
    )
    walls_file: Path | None = Field(
        None, description="TOML file of the video walls (docs/walls.md); without it there is `main`, of one display"
    )
    wall_lead_s: float = Field(
        3.0, ge=0.2, le=30, description="how long displays have to prepare a scene before all change to it at once"
    )
    indicators_file: Path | None = Field(
        None, description="TOML file with the city's own tree of indicators; without it the one that ships"
    )
    relations_file: Path | None = Field(
        None, description="TOML file of what explains what in this city; it counts before the one that ships"
    )
    escalate_after: tuple[Annotated[float, Field(gt=0, le=100)], ...] = Field(
        (0.5, 1.0, 2.0),
        max_length=10,
        description="shares of a rule's time to respond after which an alarm escalates, ascending, `[0.5, 1, 2]`",
    )
    locale_dir: Path | None = Field(
        None,
        description="folder of catalogs with the city's own wording (docs/languages.md); without it as the code is",
    )
    trial_data: Path | None = Field(None, description="folder with the real series for replays, trials and tests")
    keep_raw_days: int = Field(35, ge=1, description="raw observations older than this are dropped")
    keep_1m_days: int = Field(90, ge=1, description="1-minute rollups older than this are dropped")
    keep_15m_days: int = Field(400, ge=1, description="15-minute rollups older than this are dropped")
    keep_notifications_days: int = Field(
        400, ge=7, description="notifications that are over are dropped after so long, with every attempt"
    )
    keep_changes_days: int = Field(
        30, ge=2, description="changes of alarms that no notifier has passed on are dropped after so long"
    )
    log_format: Literal["console", "json"] = Field("console", description="how log lines look")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="what is logged")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, variables, file."""
        toml = TomlConfigSettingsSource(settings_cls, _file())
        return init_settings, env_settings, toml

    @field_validator("escalate_after")
    @classmethod
    def _ascends(cls, given: tuple[float, ...]) -> tuple[float, ...]:
        if list(given) != sorted(set(given)):
            raise ValueError("each step comes after the one before")
        return given

    def effective(self) -> Mapping[str, str]:
        """Return name → value as text, secrets masked, for people."""
        return {name: _shown(getattr(self, name)) for name in type(self).model_fields}

    @property
    def center_key_file(self) -> Path:
        """Return the file of the center's own key."""
        return self.key_file or self.state_dir / "keys" / "center.key"

    @property
    def sign_on(self) -> SignOn | None:
        """Return who we are at the city's single sign-on; None: it has none. Raises ConfigurationError."""
        from ops_center.people.oidc_client import SignOn

        if self.oidc_issuer is None:
            return None
        secret = self.oidc_client_secret.get_secret_value() if self.oidc_client_secret else ""
        return SignOn.parse(self.oidc_issuer, self.oidc_client_id, secret, self.oidc_groups_claim, self.oidc_grants)

    @property
    def audit_folder(self) -> Path:
        """Return the folder of the audit's signed heads."""
        return self.audit_dir or self.state_dir / "audit"

    @property
    def pack_folder(self) -> Path:
        """Return the folder of the city pack in use."""
        return self.city_pack or self.state_dir / "city"


def load_settings(**overrides: Any) -> Settings:
    """Return the effective settings; raises ConfigurationError that names each wrong setting."""
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        wrong = "; ".join(f"OPS_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"wrong settings: {wrong}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"the settings file can't be read: {error}") from None
    refuse_unsafe(settings)
    return settings.model_copy(
        update={
            "state_dir": settings.state_dir.expanduser().absolute(),
            "cache_dir": settings.cache_dir.expanduser().absolute(),
        }
    )


def _file() -> Path | None:
    named = os.environ.get("OPS_CONFIG")
    if named and not Path(named).is_file():
        raise ValueError(f"OPS_CONFIG={named} is not a file")
    return Path(named or "ops-center.toml")


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return _without_password(value.get_secret_value())
    if isinstance(value, Realm):
        return value.value
    return "" if value is None else str(value)


def _without_password(url: str) -> str:
    """Return the address alone: a password can hide in the user part and in the query as well."""
    parts = urlsplit(url)
    if not parts.hostname:
        return "**********"
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{user}{parts.hostname}{port}{parts.path}"
