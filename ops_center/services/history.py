"""The demo city's past and its aggregates, as the catalog and the backfill door want them.

Who calls it: ``run.py`` when a demo city is made. The world grows tracks (``ops_center.world.history``); here they
become rollup rows with datastream keys, and the index of the air is derived by the standard of each day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from feeds.aqi import POLLUTANTS, Edition, editions, hourly_index
from feeds.city_figures import FEED
from ops_center.city.pack import CityPack
from ops_center.domain.catalog import Catalog, Datastream, Thing
from ops_center.domain.observations import Float64, Int64, Quality
from ops_center.domain.time import DAY_US, in_zone
from ops_center.store.port import RollupRows
from ops_center.world.history import Grain, Grown, History, Track
from ops_center.world.subjects import GROUPS, PRODUCER, subjects_of
from ops_center.world.world import World

GRAINS: tuple[Grain, ...] = ("1h", "15m")
KIND = "aggregate"
_ROWS_PER_CHUNK = 100_000


def aggregates_of(pack: CityPack) -> tuple[list[Thing], list[tuple[str, str, Datastream]]]:
    """Return the aggregates of a city as things and datastreams to be registered: arguments of ``register``."""
    units = {kind.observed_property: kind for kind in FEED.kinds}
    things, datastreams = [], []
    for one in subjects_of(pack):
        things.append(
            Thing(
                -1, PRODUCER, one.thing_id, KIND, PRODUCER, one.name, one.longitude, one.latitude, one.district,
                attributes={"group": one.group},
            )
        )  # fmt: skip
        for name in GROUPS[one.group]:
            kind = units[name]
            stream = Datastream(-1, -1, name, kind.unit, PRODUCER, kind.interval_s, kind.time_kind)
            datastreams.append((PRODUCER, one.thing_id, stream))
    return things, datastreams


def history_rows(
    world: World, catalog: Catalog, days: dict[Grain, int] | None = None
) -> Iterator[tuple[Grain, RollupRows]]:
    """Yield the past of ``world`` in chunks of about 100,000 rows, hours first, oldest first, flagged SIMULATED.

    ``days``: how far back at each grain; without it 13 months of hours and 35 days of quarters. What the catalog
    doesn't know is left out.
    """
    history = History(world)
    zone = world.ground.pack.manifest.timezone
    for grain in GRAINS:
        grown = history.grow(grain, (days or {}).get(grain))
        yield from ((grain, rows) for rows in _chunks(grown, _with_index(grown, zone), catalog))


def _with_index(grown: Grown, zone: str) -> list[Track]:
    """Return all tracks, and the index of districts and city, day by day by the edition in force."""
    judged = _editions(grown.bucket_us, zone)
    tracks = list(grown.tracks)
    count = 60 if grown.grain == "1h" else 15
    for thing_id, means in grown.hourly_means.items():
        index = np.empty(len(grown.bucket_us))
        for edition, mine in judged:
            index[mine] = hourly_index(edition, {name: means[name][mine] for name in POLLUTANTS}).value
        tracks.append(Track(PRODUCER, thing_id, "aqi", index, index, index, count))
    return tracks


def _editions(bucket_us: Int64, zone: str) -> list[tuple[Edition, slice]]:
    """Return which edition judges which buckets; the city's date counts."""
    begins = [edition.in_force.toordinal() for edition in editions()]
    offset_us = int((in_zone(int(bucket_us[0]), zone).utcoffset() or timedelta()).total_seconds() * 1e6)
    ordinals = (bucket_us + offset_us) // DAY_US + date(1970, 1, 1).toordinal()
    edges = [0, *np.searchsorted(ordinals, begins[1:]).tolist(), len(bucket_us)]
    return [(one, slice(edges[n], edges[n + 1])) for n, one in enumerate(editions()) if edges[n] < edges[n + 1]]


def _chunks(grown: Grown, tracks: list[Track], catalog: Catalog) -> Iterator[RollupRows]:
    known = [(key, track) for track in tracks if (key := _key(catalog, track)) is not None]
    if not known:
        return
    step = max(1, _ROWS_PER_CHUNK // len(known))
    for first in range(0, len(grown.bucket_us), step):
        yield _rows(grown.bucket_us[first : first + step], slice(first, first + step), known)


def _key(catalog: Catalog, track: Track) -> int | None:
    return catalog.datastream_keys(track.producer, track.observed_property).get(track.thing_id)


def _rows(buckets: Int64, part: slice, known: list[tuple[int, Track]]) -> RollupRows:
    """Return one chunk: bucket by bucket of each datastream; buckets without a value are left out."""
    mean = np.concatenate([track.mean[part] for _, track in known])
    there = np.isfinite(mean)

    def column(name: str) -> Float64:
        return np.asarray(np.concatenate([getattr(track, name)[part] for _, track in known])[there])

    keys = np.repeat(np.array([key for key, _ in known], np.int32), len(buckets))
    counts = np.repeat(np.array([track.count for _, track in known], np.int64), len(buckets))
    quality = np.full(int(there.sum()), int(Quality.SIMULATED), np.uint8)
    return RollupRows(
        keys[there],
        np.tile(buckets, len(known))[there],
        mean[there],
        column("low"),
        column("high"),
        counts[there],
        quality,
    )
