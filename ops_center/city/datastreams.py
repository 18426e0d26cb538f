"""The layer ``datastreams`` made from the layer ``things``: used by the generator and the importer."""

from __future__ import annotations

import pandas as pd

from ops_center.city.kinds import THING_KINDS
from ops_center.city.schema import LAYERS


def datastreams_of(things: pd.DataFrame) -> pd.DataFrame:
    """Return a datastream for everything that the kinds of ``things`` observe, in the order of the things' kinds."""
    parts = [
        pd.DataFrame(
            {
                "thing_id": rows["thing_id"].to_numpy(object),
                "observed_property": stream.observed_property,
                "unit": stream.unit,
                "feed": THING_KINDS[str(kind)].feed,
                "interval_s": stream.interval_s,
                "time_kind": stream.time_kind.value,
            }
        )
        for kind, rows in things.groupby("kind", sort=False)
        for stream in THING_KINDS[str(kind)].streams
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=LAYERS["datastreams"].columns)
