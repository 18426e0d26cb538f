"""``/api/datastreams``: one datastream, its latest value and its series."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, HTTPException, Query
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from layers.contract import LiveFrame
from ops_center.api.parameters import Key, Moment
from ops_center.api.scoped import seen_datastream
from ops_center.api.system import ApiSystem
from ops_center.domain.catalog import Datastream
from ops_center.domain.observations import Quality
from ops_center.domain.rights import PICTURE, Rights, allows
from ops_center.domain.time import from_datetime, to_datetime
from ops_center.people.asking import asker
from ops_center.store.port import Series

MAX_POINTS = 200_000
"""rows that one answer may have: some 10 MB of JSON"""
_BUCKET_S = {"1m": 60.0, "15m": 900.0, "1h": 3600.0, "1d": 86_400.0}
_DAY = timedelta(days=1)
DATASTREAMS = Rights(see=PICTURE)


class LatestValue(BaseModel):
    """The newest observation."""

    time: datetime
    result: float
    quality: list[str] = Field(description="what is odd about it; empty: nothing")
    aged: bool = Field(description="older than its datastream allows")


class DatastreamOut(BaseModel):
    """A datastream as the catalog has it, with its latest value."""

    id: int
    observed_property: str
    unit: str = Field(description="UCUM code")
    interval_s: float
    time_kind: Literal["instant", "interval"]
    retired: bool
    latest: LatestValue | None


class SeriesOut(BaseModel):
    """A series as columns of one length, ascending. At resolutions above raw a row is one bucket."""

    datastream: int
    observed_property: str
    unit: str
    resolution: str
    time_us: list[int] = Field(description="µs since the epoch, UTC: phenomenon time, or start of the bucket")
    mean: list[float]
    low: list[float]
    high: list[float]
    count: list[int]
    quality: list[int] = Field(
        description="flags, or-ed over the bucket: " + ", ".join(f"{q.value} {q.name}" for q in Quality)
    )


def datastream_routes(system: ApiSystem) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/datastreams", tags=["datastreams"])

    @router.get("/{id}")
    @allows(DATASTREAMS)
    def get_datastream(id: Key) -> DatastreamOut:
        """Return one datastream with its latest value."""
        return datastream_out(seen_datastream(system, id), system.frame())

    @router.get("/{id}/series")
    @allows(DATASTREAMS)
    def get_series(
        id: Key,
        start: Annotated[Moment | None, Query(alias="from", description="without it a day before `to`")] = None,
        end: Annotated[Moment | None, Query(alias="to", description="not included; without it now")] = None,
        resolution: Literal["raw", "1m", "15m", "1h", "1d"] = "15m",
    ) -> SeriesOut:
        """Return the observations of [from, to), or their means, lows and highs by bucket."""
        stream = seen_datastream(system, id)
        until = end or to_datetime(system.clock.now_us())
        since = start or until - _DAY
        _check_size(stream, since, until, resolution)
        span = {"from": since.isoformat(), "to": until.isoformat(), "resolution": resolution}
        system.audit.saw(asker(), "series.seen", str(id), detail=span)
        series = system.store.history.series(id, from_datetime(since), from_datetime(until), resolution)
        return _series_out(stream, series)

    return router


def datastream_out(stream: Datastream, frame: LiveFrame) -> DatastreamOut:
    """Return a datastream as it is shown."""
    return DatastreamOut(
        id=stream.key,
        observed_property=stream.observed_property,
        unit=stream.unit,
        interval_s=stream.interval_s,
        time_kind=stream.time_kind.value,
        retired=stream.retired,
        latest=_latest(stream, frame),
    )


def _latest(stream: Datastream, frame: LiveFrame) -> LatestValue | None:
    time_us = int(frame.time_us[stream.key]) if stream.key < len(frame.time_us) else 0
    if time_us == 0:
        return None
    flags = Quality(int(frame.quality[stream.key]))
    return LatestValue(
        time=to_datetime(time_us),
        result=float(frame.result[stream.key]),
        quality=[flag.name or "" for flag in Quality if flag and flag in flags],
        aged=bool(frame.now_us - time_us > _lifetime_us(stream, frame)),
    )


def _lifetime_us(stream: Datastream, frame: LiveFrame) -> int:
    lifetimes = frame.catalog.lifetime_us
    return int(lifetimes[stream.key]) if stream.key < len(lifetimes) else 0


def _check_size(stream: Datastream, since: datetime, until: datetime, resolution: str) -> None:
    """Refuse what would be too much before the database is asked."""
    seconds = (until.astimezone(UTC) - since.astimezone(UTC)).total_seconds()
    if seconds <= 0:
        raise HTTPException(422, "`from` must lie before `to`")
    if seconds / _BUCKET_S.get(resolution, stream.interval_s) > MAX_POINTS:
        raise HTTPException(422, f"more than {MAX_POINTS} rows: ask for less time or a coarser resolution")


def _series_out(stream: Datastream, series: Series) -> SeriesOut:
    return SeriesOut(
        datastream=stream.key,
        observed_property=stream.observed_property,
        unit=stream.unit,
        resolution=series.resolution,
        time_us=series.time_us.tolist(),
        mean=_finite(series.mean),
        low=_finite(series.low),
        high=_finite(series.high),
        count=series.count.tolist(),
        quality=series.quality.tolist(),
    )


def _finite(values: NDArray[np.float64]) -> list[float]:
    """JSON knows no NaN: stored results are finite, and so are their means."""
    finite: list[float] = np.nan_to_num(values).tolist()
    return finite
