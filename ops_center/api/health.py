"""``GET /api/health``: is the center well, and if not, why. Answers within two seconds whatever is down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from ops_center.api.probes import Answer, Probe
from ops_center.api.system import ApiSystem
from ops_center.domain.rights import OPEN, PICTURE, Rights, Role, allows
from ops_center.domain.time import SECOND_US, to_datetime
from ops_center.live.port import LiveHealth
from ops_center.store.port import Capabilities, FeedCount
from ops_center.store.rule_port import Pulse, PulseState

Status = Literal["ok", "degraded", "down"]
HEALTH = Rights(see=PICTURE | {Role.AUDITOR})


class FeedHealth(BaseModel):
    """What intake made of a feed's messages; received = accepted + quarantined. null: the database doesn't answer."""

    received: int | None = None
    accepted: int | None = None
    quarantined: int | None = None
    lag_s: float | None = Field(
        default=None, description="since the newest phenomenon time; null: nothing was ever received"
    )
    last_time: datetime | None = Field(default=None, description="newest phenomenon time, UTC")


class StoreHealth(BaseModel):
    """The database."""

    status: Literal["ok", "down"]
    edition: str | None = None
    version: str | None = Field(default=None, description="of the TimescaleDB extension, else of the server")
    server_version: str | None = None


class BusHealth(BaseModel):
    """The log."""

    status: Literal["ok", "down"]
    name: str


class LiveValuesHealth(BaseModel):
    """The live values, as this web process sees them."""

    status: Literal["ok", "aged", "lost"]
    age_s: float | None = Field(default=None, description="since the live worker last spoke; it does every second")


class SetAsideOut(BaseModel):
    """A rule type that raised: its rules judge nothing for now."""

    type: str
    why: str
    since: datetime


class WorkerHealth(BaseModel):
    """A worker that says how far behind it is: most the log, the book the conditions, the notifier what is due."""

    status: PulseState
    lag_records: int = Field(description="how many it had still before it when it last spoke")
    lag_s: float = Field(description="how old the oldest of them was, as far as that can be told")
    age_s: float = Field(description="since it last spoke; it does every second or two")
    set_aside: list[SetAsideOut] = Field(description="rule types that raised, and whose rules judge nothing for now")


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Health(BaseModel):
    """The center as seen from this web process."""

    status: Status
    reasons: list[str] = Field(description="what is not well, for people; empty when status is ok")
    time: datetime
    realm: str
    catalog_version: int
    feeds: dict[str, FeedHealth]
    store: StoreHealth
    bus: BusHealth
    live: LiveValuesHealth
    workers: dict[str, WorkerHealth] = Field(description="by name; empty while none has ever spoken")
    clients: int


def health_routes(system: ApiSystem) -> APIRouter:
    """Return the route; its probes belong to the event loop that serves it."""
    router = APIRouter(tags=["health"])
    capabilities = Probe("store", system.store.health.capabilities)
    counts = Probe("counts", system.store.health.feed_counts)
    pulses = Probe("pulses", system.store.health.pulses)
    bus: Probe[None] = Probe("bus", system.bus.ping)

    @router.get("/api/alive")
    @allows(OPEN)
    async def alive() -> Alive:
        """Say that this process answers, and nothing else: for watchdogs and load balancers that have no account."""
        return Alive()

    @router.get("/api/health", responses={503: {"model": Health, "description": "nothing answers"}})
    @allows(HEALTH)
    async def health(response: Response) -> Health:
        """Return the state of feeds, store, log and live values."""
        store, feeds, spoken, log = await asyncio.gather(capabilities.ask(), counts.ask(), pulses.ask(), bus.ask())
        found = _assemble(system, store, feeds, spoken, log)
        response.status_code = 503 if found.status == "down" else 200
        response.headers["Cache-Control"] = "no-store"
        return found

    return router


def _assemble(
    system: ApiSystem,
    store: Answer[Capabilities],
    counts: Answer[Mapping[str, FeedCount]],
    pulses: Answer[Sequence[Pulse]],
    bus: Answer[None],
) -> Health:
    now_us = system.clock.now_us()
    workers = {pulse.worker: _worker(pulse, now_us) for pulse in pulses.value or ()}
    live = system.live()
    ages = system.feed_ages(now_us)
    reasons = [*_reasons(store, counts, bus, live), *_silent(system, ages)]
    reasons += [] if counts.fault else [reason for name, one in workers.items() if (reason := _reason(name, one))]
    if fault := system.audit_fault():
        reasons.append(f"audit: {fault}")
    down = counts.fault is not None and live.status == "lost"
    return Health(
        status="down" if down else "degraded" if reasons else "ok",
        reasons=reasons,
        time=to_datetime(now_us),
        realm=system.realm.value,
        catalog_version=system.catalog().version,
        feeds={name: _feed((counts.value or {}).get(name), counts, ages.get(name), now_us) for name in system.feeds},
        store=_store(store, counts),
        bus=BusHealth(status="down" if bus.fault else "ok", name=system.bus.name),
        live=LiveValuesHealth(status=live.status, age_s=live.age_s),
        workers=workers,
        clients=system.clients(),
    )


def _worker(pulse: Pulse, now_us: int) -> WorkerHealth:
    aside = [SetAsideOut(type=one.type, why=one.why, since=to_datetime(one.since_us)) for one in pulse.set_aside]
    return WorkerHealth(
        status=pulse.state(now_us),
        lag_records=pulse.lag_records,
        lag_s=round(pulse.lag_s, 1),
        age_s=round(pulse.age_s(now_us), 1),
        set_aside=aside,
    )


def _reason(name: str, worker: WorkerHealth) -> str:
    """Return what is not well with a worker; "" where it is."""
    if worker.status == "lost":
        return f"{name}: nothing heard for {worker.age_s:.0f} s"
    said = [f"{worker.lag_records} records, {worker.lag_s:.0f} s behind"] if worker.status == "behind" else []
    said += [f"rules of the type {one.type} judge nothing" for one in worker.set_aside]
    return f"{name}: {'; '.join(said)}" if said else ""


def _reasons(
    store: Answer[Capabilities], counts: Answer[Mapping[str, FeedCount]], bus: Answer[None], live: LiveHealth
) -> list[str]:
    reasons = []
    if fault := counts.fault or store.fault:
        reasons.append(f"store: {fault}")
    if bus.fault:
        reasons.append(f"bus: {bus.fault}")
    if live.status == "lost":
        reasons.append("live: the cache does not answer; screens show what they had")
    if live.status == "aged":
        reasons.append("live: no live worker speaks")
    return reasons


def _silent(system: ApiSystem, ages: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the feeds that bring nothing, though they have things that should."""
    return [
        f"feed {name}: nothing for {age['age_s']:.0f} s" if age["age_s"] is not None else f"feed {name}: nothing yet"
        for name, age in ages.items()
        if name in system.feeds and age["aged"] and system.feeds[name].kinds
    ]


def _feed(count: FeedCount | None, counts: Answer[Any], age: Mapping[str, Any] | None, now_us: int) -> FeedHealth:
    known = count or FeedCount()
    age_s = age["age_s"] if age else None
    if age_s is None and known.last_time_us:
        age_s = round(max(now_us - known.last_time_us, 0) / SECOND_US, 1)
    last_us = known.last_time_us or (now_us - round(age_s * SECOND_US) if age_s is not None else 0)
    figures = {} if counts.fault else {name: getattr(known, name) for name in ("received", "accepted", "quarantined")}
    return FeedHealth(**figures, lag_s=age_s, last_time=to_datetime(last_us) if last_us else None)


def _store(answer: Answer[Capabilities], counts: Answer[Any]) -> StoreHealth:
    """What the server is may be known from before; whether it answers shows in the counts."""
    status: Literal["ok", "down"] = "down" if counts.fault else "ok"
    found = answer.value
    if found is None:
        return StoreHealth(status=status)
    return StoreHealth(
        status=status,
        edition=found.edition,
        version=found.timescaledb_version or found.server_version,
        server_version=found.server_version,
    )
